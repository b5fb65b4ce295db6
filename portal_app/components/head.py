"""What a document's head says to the device: icons, how to install the portal, and to keep taps that come early."""

from pathlib import Path

import reflex as rx

_EARLY_TAPS = Path(__file__).with_name("early_taps.js")
_DEVICE_ZONE = Path(__file__).with_name("device_zone.js")


def head_parts() -> list[rx.Component]:
    """Return the parts for `rx.App(head_components=…)`; the same for every page and language."""
    return [
        rx.el.link(rel="icon", href="/favicon.ico", sizes="32x32"),
        rx.el.link(rel="icon", href="/icon.svg", type="image/svg+xml"),
        rx.el.link(rel="apple-touch-icon", href="/icons/icon-apple-180.png"),
        rx.el.link(rel="manifest", href="/manifest.webmanifest"),
        # In the document itself: it must listen before any other script has arrived.
        rx.el.script(_without_remarks(_EARLY_TAPS.read_text())),
        # And this must have spoken before the page connects.
        rx.el.script(_without_remarks(_DEVICE_ZONE.read_text())),
    ]


def _without_remarks(script: str) -> str:
    return "".join(line.strip() for line in script.splitlines() if not line.startswith("//"))
