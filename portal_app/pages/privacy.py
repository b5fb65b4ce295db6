"""Privacy for the manager: charts opened in an emergency, and patients' doubts about who looked."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import staff_page
from portal_app.state.privacy import Privacy
from portal_app.web.page import Page

FORM = "privacy-answer"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Privacy")),
        _said.done(Privacy.news),
        skeleton.until(
            Privacy.is_ready,
            surfaces.stack(skeleton.rows(4, 80), skeleton.rows(3, 80)),
            surfaces.stack(
                surfaces.section(_("Charts opened in an emergency"), _openings()),
                surfaces.section(_("Patients' questions about who looked"), _questions()),
            ),
            loading=_("Opening the page"),
        ),
        _answer(),
        at="/staff/privacy",
    )


def _openings() -> rx.Component:
    columns = [_("When"), _("Who"), _("Whose chart"), _("Why"), _("Where it stands"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], rx.el.span(row["when"], class_name="tabular-nums")),
            table.cell(columns[1], rx.el.b(rx.el.bdi(row["who_given"]))),
            table.cell(columns[2], rx.el.bdi(row["chart_given"])),
            table.cell(columns[3], row["why"], rx.el.small(rx.el.bdi(row["typed"]), class_name="block")),
            table.cell(
                columns[4],
                surfaces.tag_by(row["tone"], row["stands"]),
                when_said(row["reviewed"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(columns[5], _steps(row)),
        )

    nothing = states.empty(
        _("Nothing here"), _("When a nurse or clinician opens a chart with a reason, it appears here by itself."),
        icon=icons.check(),
    )  # fmt: skip
    drawn: rx.Component = rx.cond(
        Privacy.openings.length() > 0,
        table.table(_("Charts opened in an emergency"), columns, Privacy.openings, line),
        nothing,
    )
    return drawn


def _steps(row: rx.Var[Any]) -> rx.Component:
    def one(label: str, handler: Any, kind: Any) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["who_given"].to(str) + ", " + row["chart_given"].to(str)
        return actions.button(label, handler(row["id"]), kind=kind, fits=True, accessible_name=name)

    state = row["state"].to(str)
    return rx.el.div(
        rx.cond(state.contains("done"), rx.fragment(), one(_("I have looked into it"), Privacy.on_reviewed, "second")),
        rx.cond(state.contains("open"), one(_("Close the chart now"), Privacy.on_end, "quiet"), rx.fragment()),
        class_name="flex flex-wrap gap-1",
    )


def _questions() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        named = rx.Var.create(_("Answer") + ": ").to(str) + row["who_given"].to(str)
        answer = actions.button(
            _("Answer"), Privacy.on_begin_answer(row["id"]), kind="second", fits=True, writes=False,
            accessible_name=named,
        )  # fmt: skip
        return surfaces.row_item(
            rx.el.div(
                rx.el.div(
                    rx.el.b(rx.el.bdi(row["who_given"])),
                    rx.el.small(row["when"]),
                    rx.el.span(row["about"]),
                    when_said(row["typed"], lambda text: rx.el.q(rx.el.bdi(text))),
                    when_said(row["answer_given"], lambda text: rx.el.small(_("Your answer:"), " ", rx.el.bdi(text))),
                    class_name="row-words",
                ),
                rx.cond(row["state"] == "done", rx.fragment(), answer),
                class_name="grid justify-items-start gap-2 px-4 py-3",
            )
        )

    nothing = rx.el.p(_("Nobody has asked."), class_name="quiet")
    drawn: rx.Component = rx.cond(
        Privacy.questions.length() > 0, surfaces.rows(rx.foreach(Privacy.questions, one)), nothing
    )
    return drawn


def _answer() -> rx.Component:
    return dialog.dialog(
        "answering",
        _("Answer the patient"),
        errors.error_summary(
            _("There is a problem"),
            [{"field": "answer", "text": Privacy.answer_error}],
            is_shown=Privacy.answer_error != "",
            moment=Privacy.attempt,
        ),
        rx.el.p(Privacy.answering_about),
        rx.cond(
            Privacy.answering != "",
            rx.el.form(
                fields.multi_line(
                    "answer", _("Your answer"), error=Privacy.answer_error, rows=5,
                    hint=_("The patient reads it on their page; the mail only says that there is an answer."),
                ),
                on_submit=Privacy.on_answer,
                custom_attrs={"id": FORM, "noValidate": True},
            ),
            rx.fragment(),
        ),
        is_open=Privacy.answering != "",
        on_dismiss=Privacy.on_stop_answer,
        actions=[
            actions.submit(_("Send the answer"), form=FORM),
            actions.button(_("Not yet"), Privacy.on_stop_answer, kind="second", writes=False),
        ],
    )  # fmt: skip


PAGE = Page("/staff/privacy", N_("Privacy"), build, policy="privacy.review", audience="staff", on_load=Privacy.on_load)
