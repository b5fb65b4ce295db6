"""The way to a person: the number to call, on every dead end."""

import reflex as rx

from portal_app.components import icons
from portal_app.components.actions import Kind, plain_link
from portal_app.components.kinds import Text

_KIND_CLASS: dict[Kind, str] = {"second": "btn-second", "critical": "btn-critical"}


def number(text: Text) -> rx.Component:
    """Return a telephone number, whole and from left to right in every script."""
    return rx.el.bdi(text, dir="ltr", class_name="whitespace-nowrap tabular-nums")


def call(label: Text, phone: Text, *, kind: Kind = "second", fits: bool = False) -> rx.Component:
    """Return a button that calls: what it is ("Call", "Appointments", or nothing), then the number itself."""
    href = f"tel:{phone}" if isinstance(phone, str) else rx.Var.create("tel:").to(str) + phone.to(str)
    said = [number(phone)] if isinstance(label, str) and not label else [label, " ", number(phone)]
    return plain_link(
        icons.phone(),
        rx.el.span(*said),
        href=href,
        class_name=f"btn {_KIND_CLASS.get(kind, '')}{' btn-fit' if fits else ''}",
    )


def call_link(phone: rx.Var[str]) -> rx.Component:
    """Return a number that calls when it is tapped, for cells of a table."""
    return plain_link(
        number(phone),
        href=rx.Var.create("tel:").to(str) + phone.to(str),
        class_name="inline-flex items-center min-h-[48px] font-semibold text-accent underline",
    )
