"""The bars that say whose chart is open."""

import reflex as rx

from portal_app.components import icons
from portal_app.components.kinds import Text
from portal_app.components.native import plain_form


def acting_bar(name: Text, text: Text, change: Text, href: Text) -> rx.Component:
    """Return the bar that says on every page whose chart it is, when it is not one's own; `name` is what is heard."""
    return rx.el.aside(
        icons.people(),
        rx.el.span(text),
        rx.el.a(change, href=href, class_name="acting-change"),
        class_name="acting",
        custom_attrs={"aria-label": name},
    )


def looking_bar(name: Text, text: Text, stop: Text, *, action: str, lang: Text, direction: Text) -> rx.Component:
    """Return the bar over a patient's page that support only sees; `stop` is the button that posts to `action`.

    It speaks the language of whoever looks, which need not be the page's.
    """
    return rx.el.aside(
        icons.lock(),
        rx.el.span(text, custom_attrs={"dir": "auto"}),
        plain_form(rx.el.button(stop, type="submit", class_name="acting-change"), action=action),
        class_name="acting looking",
        custom_attrs={"aria-label": name, "lang": lang, "dir": direction},
    )
