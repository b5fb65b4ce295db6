"""What patients ask about their bills: the most urgent first, with who has it and one next step."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import done
from portal_app.state.staff_bill_questions import StaffBillQuestions as State
from portal_app.web.page import Page

FORM = "bill-answer"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Questions about bills"),
            action=actions.link_button(_("All bills"), path("/staff/bills"), kind="quiet", fits=True),
        ),
        done(State.news),
        rx.el.div(when_said(State.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(
            State.is_ready,
            skeleton.rows(4, 140),
            surfaces.stack(
                surfaces.section(_("Waiting for an answer"), _list(State.open, _nothing())),
                rx.cond(
                    State.ended.length() > 0,
                    surfaces.section(_("Answered in the last month"), _list(State.ended, rx.fragment())),
                    rx.fragment(),
                ),
            ),
            loading=_("Opening the questions"),
        ),
        _answer(),
        at="/staff/bills",
    )


def _nothing() -> rx.Component:
    return states.empty(
        _("Nobody waits for an answer"),
        _("What patients ask about their bills appears here by itself."),
        icon=icons.check(),
    )


def _list(rows: rx.Var[list[dict[str, str]]], nothing: rx.Component) -> rx.Component:
    drawn: rx.Component = rx.cond(rows.length() > 0, surfaces.rows(rx.foreach(rows, _question)), nothing)
    return drawn


def _question(row: rx.Var[Any]) -> rx.Component:
    said = rx.el.div(
        rx.el.div(
            rx.el.b(row["kind"].to(str)),
            surfaces.tag_by(row["tone"], rx.el.bdi(row["status"].to(str))),
            when_said(row["late"].to(str), lambda text: surfaces.tag(text, "caution")),
            class_name="flex flex-wrap items-center gap-2",
        ),
        rx.el.span(
            rx.el.bdi(row["patient"].to(str)), " · ", actions.text_link(row["bill"].to(str), row["href"].to(str))
        ),
        when_said(row["about"].to(str), lambda text: rx.el.span(rx.el.bdi(text))),
        when_said(row["words"].to(str), lambda text: rx.el.q(rx.el.bdi(text), class_name="whitespace-pre-line")),
        when_said(row["answer"].to(str), _given),
        when_said(row["next"].to(str), rx.el.small),
        class_name="grid gap-1 break-words min-w-0",
    )
    return surfaces.row_item(
        rx.el.div(
            said,
            rx.cond(row["is_open"].to(str) != "", _steps(row), rx.el.small(row["ended"].to(str))),
            class_name="grid gap-3 px-4 py-3",
        )
    )


def _given(text: rx.Var[str]) -> rx.Component:
    return rx.el.p(rx.el.strong(_("Our answer")), ": ", rx.el.bdi(text, dir="auto"), class_name="whitespace-pre-line")


def _steps(row: rx.Var[Any]) -> rx.Component:
    def one(label: str, handler: Any, kind: Any, *, writes: bool = True) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["patient"].to(str) + ", " + row["bill"].to(str)
        return actions.button(
            label, handler(row["id"].to(str)), kind=kind, fits=True, accessible_name=name, writes=writes
        )

    return rx.el.div(
        one(_("Answer"), State.on_begin_answer, "second", writes=False),
        rx.cond(row["state"].to(str) != "", one(_("Take it"), State.on_take, "quiet"), rx.fragment()),
        one(_("We have spoken about it"), State.on_settle, "quiet"),
        class_name="flex flex-wrap gap-1",
    )


def _answer() -> rx.Component:
    form = rx.el.form(
        rx.el.input(type="hidden", name="question", value=State.answering, read_only=True),
        fields.multi_line(
            "answer", _("Your answer"), error=State.answer_error, rows=5,
            hint=_("In plain words. The patient reads it on the bill; the mail only says that there is an answer."),
        ),
        on_submit=State.on_answer,
        key=State.answering,
        custom_attrs={"id": FORM, "noValidate": True},
    )  # fmt: skip
    return dialog.dialog(
        "answering",
        _("Answer the patient"),
        errors.error_summary(
            _("There is a problem"),
            [{"field": "answer", "text": State.answer_error}],
            is_shown=State.answer_error != "",
            moment=State.attempt,
        ),
        rx.el.p(rx.el.bdi(State.answering_about)),
        when_said(State.answering_words, lambda text: rx.el.q(rx.el.bdi(text), class_name="break-words")),
        rx.cond(State.answering != "", form, rx.fragment()),
        is_open=State.answering != "",
        on_dismiss=State.on_stop_answer,
        actions=[
            actions.submit(_("Send the answer"), form=FORM),
            actions.button(_("Not yet"), State.on_stop_answer, kind="second", writes=False),
        ],
    )


PAGE = Page(
    "/staff/bill-questions", N_("Questions about bills"), build, policy="billing.keep_books", audience="staff",
    on_load=State.on_load,
)  # fmt: skip
