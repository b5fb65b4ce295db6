"""An answer of a form that was sent, as whoever treats the patient reads it."""

from typing import Any

import reflex as rx

from portal_app.components import actions
from portal_app.components.kinds import when_said


def answer(row: rx.Var[Any]) -> rx.Component:
    """Return a question with its answer, in both languages where they differ; a file can be had."""
    return rx.el.div(
        rx.el.dt(
            row["question"],
            when_said(row["theirs"], lambda text: rx.el.small(text, lang=row["lang"], class_name="block quiet")),
        ),
        rx.el.dd(
            rx.cond(
                row["file_href"] != "",
                actions.plain_link(
                    rx.el.bdi(row["answer"]), href=row["file_href"], class_name="inline-block py-3 underline"
                ),
                rx.el.bdi(row["answer"], dir="auto", class_name=rx.cond(row["is_empty"] != "", "quiet", "font-bold")),
            ),
            when_said(
                row["answer_theirs"],
                lambda text: rx.el.small(text, lang=row["lang"], dir="auto", class_name="block quiet"),
            ),
        ),
    )
