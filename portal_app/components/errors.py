"""The summary of what a form still needs: above the title, focused, in the same words as beside the fields.

Pages whose form has errors also start their title with the word for "Error" (GOV.UK error summary).
"""

from typing import Any

import reflex as rx

from portal_app.components import icons
from portal_app.components.actions import plain_link
from portal_app.components.browser import TakesFocus
from portal_app.components.kinds import Flag, Row, Rows, Text, attributes, each, when, words_of


def error_summary(title: Text, errors: Rows, *, is_shown: Flag = True, moment: Text = "shown") -> Any:
    """Return the summary, which takes the focus when it appears and each time `moment` changes.

    Each error has `field` (the id of the field it is about) and `text`. Let `moment` change with every attempt, so
    that a second failed attempt is announced too.
    """

    def line(row: Row) -> rx.Component:
        field = words_of(row, "field")
        return rx.el.li(
            plain_link(
                words_of(row, "text"),
                href=f"#{field}" if isinstance(field, str) else rx.Var.create("#").to(str) + field,
                class_name="inline-block max-w-full py-3 font-semibold text-critical underline",
            )
        )

    def summary() -> rx.Component:
        return TakesFocus.create(
            icons.critical(),
            rx.el.div(rx.el.h2(title), rx.el.ul(each(errors, line)), class_name="banner-words"),
            moment=moment,
            class_name="banner tone-critical",
            custom_attrs=attributes(role="alert"),
        )

    return when(is_shown, summary)
