"""What a document's head says to the device: the icons, and how to install the portal beside other apps."""

import reflex as rx


def head_parts() -> list[rx.Component]:
    """Return the links for `rx.App(head_components=…)`; the same for every page and language."""
    return [
        rx.el.link(rel="icon", href="/favicon.ico", sizes="32x32"),
        rx.el.link(rel="icon", href="/icon.svg", type="image/svg+xml"),
        rx.el.link(rel="apple-touch-icon", href="/icons/icon-apple-180.png"),
        rx.el.link(rel="manifest", href="/manifest.webmanifest"),
    ]
