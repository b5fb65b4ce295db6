"""The way to a person: the number to call, on every dead end."""

import reflex as rx

from portal_app.components import actions, icons
from portal_app.components.actions import Kind
from portal_app.components.kinds import Text


def call(label: Text, number: Text, *, kind: Kind = "second", fits: bool = False) -> rx.Component:
    """Return a button that calls; its label says whom, or the number itself ("Call (555) 014-2200")."""
    href = f"tel:{number}" if isinstance(number, str) else rx.Var.create("tel:").to(str) + number.to(str)
    return actions.document_link(label, href, kind=kind, icon=icons.phone(), fits=fits)
