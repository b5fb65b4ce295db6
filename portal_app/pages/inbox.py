"""The inbox: one row for each thing that waits for a person, with a clock, one status and one next action."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import staff_page
from portal_app.state.inbox import Inbox
from portal_app.web.page import Page

HAND_FORM = "hand-over"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Inbox"), Inbox.subtitle),
        rx.el.div(
            when_said(Inbox.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(Inbox.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            Inbox.is_ready,
            skeleton.rows(8, 64),
            surfaces.stack(_choices(), _table(), class_name="gap-4"),
            loading=_("Opening the inbox"),
        ),
        _hand(),
        at="/staff/inbox",
    )


def _choices() -> rx.Component:
    return rx.el.div(
        dialog.filter_tabs("shelf", _("What to show"), Inbox.shelves, chosen=Inbox.shown, on_choose=Inbox.on_shelf),
        dialog.filter_tabs("kind", _("Which kind"), Inbox.kinds, chosen=Inbox.kind, on_choose=Inbox.on_kind),
        class_name="flex flex-wrap items-center justify-between gap-3",
    )


def _table() -> rx.Component:
    columns = [_("What"), _("Who"), _("Where"), _("By when"), _("Where it stands"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(
                columns[0],
                rx.el.b(row["what"]),
                when_said(row["note"], lambda text: rx.el.small(rx.el.bdi(text), class_name="block")),
            ),
            table.cell(
                columns[1],
                when_said(row["who"], rx.el.bdi),
                when_said(row["about"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(columns[2], row["place"]),
            table.cell(
                columns[3],
                rx.el.span(row["due"], class_name="tabular-nums"),
                when_said(row["late"], lambda text: rx.el.span(" ", surfaces.tag(text, "caution"))),
            ),
            table.cell(columns[4], surfaces.tag_by(row["tone"], row["status"])),
            table.cell(columns[5], _steps(row)),
        )

    nothing = states.empty(
        _("Nothing here"), _("What patients and the portal ask of you appears here by itself."), icon=icons.check()
    )
    drawn: rx.Component = rx.cond(Inbox.rows.length() > 0, table.table(_("Inbox"), columns, Inbox.rows, line), nothing)
    return drawn


def _steps(row: rx.Var[Any]) -> rx.Component:
    known = {
        "take": (_("Take it"), Inbox.on_take, "second"),
        "take_over": (_("Take it over"), Inbox.on_take, "quiet"),
        "give_back": (_("Hand back"), Inbox.on_give_back, "quiet"),
        "hand": (_("Hand to a colleague"), Inbox.on_begin_hand, "quiet"),
        "finish": (_("Mark as done"), Inbox.on_finish, "quiet"),
        "reopen": (_("Open again"), Inbox.on_reopen, "quiet"),
    }

    def one(step: str) -> rx.Component:
        label, handler, kind = known[step]
        name = rx.Var.create(f"{label}: ").to(str) + row["what"].to(str) + ", " + row["who"].to(str)
        return actions.button(label, handler(row["id"]), kind=kind, fits=True, accessible_name=name)

    def place(position: str, *steps: str) -> rx.Component:
        drawn: rx.Component = rx.match(row[position], *((step, one(step)) for step in steps), rx.fragment())
        return drawn

    to_page = actions.link_button(
        row["step"],
        row["href"],
        kind="second",
        fits=True,
        accessible_name=row["step"].to(str) + ": " + row["what"].to(str) + ", " + row["who"].to(str),
    )
    return rx.el.div(
        rx.cond(row["first"] == "open", to_page, place("first", "take", "take_over", "finish", "reopen")),
        place("second", "give_back"),
        place("third", "finish"),
        place("fourth", "hand"),
        class_name="flex flex-wrap gap-1",
    )


def _hand() -> rx.Component:
    choice = rx.el.form(
        fields.choice_list("colleague", _("To whom?"), Inbox.colleagues),
        on_submit=Inbox.on_hand,
        custom_attrs={"id": HAND_FORM, "noValidate": True},
    )
    nobody = rx.el.p(_("Nobody else who works here could see to it."))
    return dialog.dialog(
        "hand",
        _("Hand it to a colleague"),
        errors.error_summary(
            _("There is a problem"),
            [{"field": "colleague", "text": Inbox.colleague_error}],
            is_shown=Inbox.colleague_error != "",
            moment=Inbox.attempt,
        ),
        rx.el.p(rx.el.bdi(Inbox.handing_what)),
        rx.cond(Inbox.colleagues.length() > 0, choice, nobody),
        is_open=Inbox.handing != "",
        on_dismiss=Inbox.on_stop_hand,
        actions=[
            rx.cond(Inbox.colleagues.length() > 0, actions.submit(_("Hand it over"), form=HAND_FORM), rx.fragment()),
            actions.button(_("Leave it where it is"), Inbox.on_stop_hand, kind="second", writes=False),
        ],
    )


PAGE = Page("/staff/inbox", N_("Inbox"), build, policy="tasks.view", audience="staff", on_load=Inbox.on_load)
