"""The money that is online: by the processor's word and by the books, what there is to look at, and payouts."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import done
from portal_app.state.staff_money import StaffMoney as State
from portal_app.web.page import Page

FORM = "money-matter"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Money online"),
            action=actions.link_button(_("All bills"), path("/staff/bills"), kind="quiet", fits=True),
        ),
        done(State.news),
        skeleton.until(
            State.is_ready,
            surfaces.stack(skeleton.rows(2, 120), skeleton.rows(3, 120)),
            surfaces.stack(
                surfaces.section(_("To look at"), _matters()),
                surfaces.section(_("The books and the processor"), _looks()),
                surfaces.section(_("Sent to the bank"), _payouts()),
                rx.cond(
                    State.settled.length() > 0,
                    surfaces.section(_("Settled last"), surfaces.rows(rx.foreach(State.settled, _matter))),
                    rx.fragment(),
                ),
            ),
            loading=_("Opening the money"),
        ),
        _resolve(),
        at="/staff/bills",
    )


def _matters() -> rx.Component:
    nothing = states.empty(
        _("Nothing to look at"),
        _("What does not fit, and what a bank asks back, appears here by itself."),
        icon=icons.check(),
    )
    drawn: rx.Component = rx.cond(State.open.length() > 0, surfaces.rows(rx.foreach(State.open, _matter)), nothing)
    return drawn


def _matter(row: rx.Var[Any]) -> rx.Component:
    said = rx.el.div(
        rx.el.div(
            rx.el.b(row["title"].to(str)),
            rx.el.bdi(row["amount"].to(str), class_name="tabular-nums"),
            when_said(row["due"].to(str), lambda text: surfaces.tag(text, "caution")),
            rx.cond(row["is_new"].to(str) != "", surfaces.tag(_("New")), rx.fragment()),
            class_name="flex flex-wrap items-center gap-2",
        ),
        when_said(row["patient"].to(str), lambda text: rx.el.span(rx.el.bdi(text))),
        rx.el.small(row["when"].to(str), " · ", rx.el.bdi(row["ref"].to(str), class_name="break-all")),
        when_said(row["resolution"].to(str), lambda text: rx.el.q(rx.el.bdi(text), class_name="break-words")),
        class_name="grid gap-1 min-w-0",
    )
    return surfaces.row_item(
        rx.el.div(
            said,
            rx.cond(row["resolution"].to(str) == "", _steps(row), rx.fragment()),
            class_name="grid gap-3 px-4 py-3",
        )
    )


def _steps(row: rx.Var[Any]) -> rx.Component:
    def one(label: str, handler: Any, kind: Any, *, writes: bool) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["title"].to(str) + ", " + row["amount"].to(str)
        return actions.button(
            label, handler(row["id"].to(str)), kind=kind, fits=True, accessible_name=name, writes=writes
        )

    return rx.el.div(
        rx.el.p(row["what"].to(str)),
        rx.el.div(
            one(_("Settle it"), State.on_begin, "second", writes=False),
            rx.cond(row["is_new"].to(str) != "", one(_("Seen"), State.on_see, "quiet", writes=True), rx.fragment()),
            class_name="flex flex-wrap gap-1",
        ),
        class_name="grid gap-2",
    )


def _looks() -> rx.Component:
    columns = (_("Currency"), _("At the processor"), _("In the books"), _("Difference"), _("Looked at"))

    def one(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.head_cell(row["currency"].to(str)),
            table.cell(columns[1], rx.el.bdi(row["processor"].to(str), class_name="tabular-nums")),
            table.cell(columns[2], rx.el.bdi(row["books"].to(str), class_name="tabular-nums")),
            table.cell(columns[3], surfaces.tag_by(row["tone"], rx.el.bdi(row["drift"].to(str)))),
            table.cell(columns[4], row["when"].to(str)),
        )

    never = rx.el.p(_("Nobody has looked yet. It is done each night, and whenever you ask."), class_name="quiet")
    return surfaces.stack(
        rx.cond(
            State.looks.length() > 0, table.table(_("The books and the processor"), columns, State.looks, one), never
        ),
        rx.cond(State.parts.length() > 0, _parts(), rx.fragment()),
        rx.el.div(
            actions.button(_("Look now"), State.on_look, kind="second", fits=True),
            actions.document_link(
                _("This month's entries for a spreadsheet"), State.journal_href, kind="quiet", fits=True
            ),
            class_name="flex flex-wrap gap-2",
        ),
        class_name="gap-3",
    )


def _parts() -> rx.Component:
    columns = (_("Where they differ"), _("At the processor"), _("In the books"), _("Difference"))

    def one(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.head_cell(row["kind"].to(str)),
            table.cell(columns[1], rx.el.bdi(row["processor"].to(str), class_name="tabular-nums")),
            table.cell(columns[2], rx.el.bdi(row["books"].to(str), class_name="tabular-nums")),
            table.cell(columns[3], rx.el.bdi(row["drift"].to(str), class_name="tabular-nums")),
        )

    return table.table(_("Where they differ"), columns, State.parts, one)


def _payouts() -> rx.Component:
    columns = (_("Day"), _("Amount"), _("How it stands"), _("Its parts"))

    def one(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.head_cell(row["when"].to(str)),
            table.cell(columns[1], rx.el.bdi(row["amount"].to(str), class_name="tabular-nums")),
            table.cell(columns[2], surfaces.tag_by(row["tone"], row["status"].to(str))),
            table.cell(columns[3], row["sum"].to(str)),
        )

    none = rx.el.p(_("Nothing was sent to the bank yet."), class_name="quiet")
    drawn: rx.Component = rx.cond(
        State.payouts.length() > 0, table.table(_("Sent to the bank"), columns, State.payouts, one), none
    )
    return drawn


def _resolve() -> rx.Component:
    form = rx.el.form(
        rx.el.input(type="hidden", name="matter", value=State.resolving, read_only=True),
        fields.multi_line(
            "why", _("What was done about it"), error=State.why_error, rows=3,
            hint=_("It stays with the matter. No health information."),
        ),
        on_submit=State.on_resolve,
        key=State.resolving,
        custom_attrs={"id": FORM, "noValidate": True},
    )  # fmt: skip
    return dialog.dialog(
        "resolving",
        _("Settle this"),
        errors.error_summary(
            _("There is a problem"),
            [{"field": "why", "text": State.why_error}],
            is_shown=State.why_error != "",
            moment=State.attempt,
        ),
        rx.el.p(rx.el.bdi(State.resolving_about)),
        rx.cond(State.resolving != "", form, rx.fragment()),
        is_open=State.resolving != "",
        on_dismiss=State.on_stop,
        actions=[
            actions.submit(_("Settled"), form=FORM),
            actions.button(_("Not yet"), State.on_stop, kind="second", writes=False),
        ],
    )


PAGE = Page(
    "/staff/money", N_("Money online"), build, policy="reconciling.work", audience="staff", on_load=State.on_load
)
