"""What was asked about bills and what was answered, as cards on the pages of whoever asked."""

import reflex as rx

from portal_app.components import surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _


def asked(rows: rx.Var[list[dict[str, str]]]) -> rx.Component:
    """Return the questions with their answers, or nothing while there are none."""
    drawn: rx.Component = rx.cond(
        rows.length() > 0,
        surfaces.section(_("What you asked"), surfaces.rows(rx.foreach(rows, _question))),
        rx.fragment(),
    )
    return drawn


def _question(row: rx.Var[dict[str, str]]) -> rx.Component:
    return surfaces.row_item(
        rx.el.div(
            rx.el.div(
                rx.el.b(row["kind"]),
                surfaces.tag_by(row["tone"], row["status"]),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            rx.el.small(row["when"]),
            when_said(row["about"], lambda text: rx.el.span(rx.el.bdi(text))),
            when_said(row["words"], lambda text: rx.el.q(rx.el.bdi(text), class_name="whitespace-pre-line")),
            when_said(row["answer"], _answer),
            when_said(row["next"], rx.el.p),
            class_name="grid gap-2 px-4 py-3 break-words",
        )
    )


def _answer(text: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.strong(_("Our answer")),
        rx.el.p(rx.el.bdi(text), class_name="whitespace-pre-line", dir="auto"),
    )
