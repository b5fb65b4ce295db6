"""The bar that says whose chart is open."""

import reflex as rx

from portal_app.components import icons
from portal_app.components.kinds import Text


def acting_bar(name: Text, text: Text, change: Text, href: Text) -> rx.Component:
    """Return the bar that says on every page whose chart it is, when it is not one's own; `name` is what is heard."""
    return rx.el.aside(
        icons.people(),
        rx.el.span(text),
        rx.el.a(change, href=href, class_name="acting-change"),
        class_name="acting",
        custom_attrs={"aria-label": name},
    )
