"""Who is on call: now, the gaps of the next days, the turns, and the form that puts somebody in."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, fields, frame, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import path, staff_page
from portal_app.pages.schedules import settings_tabs
from portal_app.state.on_call import OnCall
from portal_app.web.page import Page

AT = "/staff/settings/on-call"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("On call"), OnCall.now_said),
        rx.cond(OnCall.can_keep, settings_tabs(AT), actions.text_link(_("Back to the alerts"), path("/staff/alerts"))),
        rx.el.div(
            when_said(OnCall.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(OnCall.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            OnCall.is_ready,
            skeleton.rows(6, 64),
            surfaces.stack(
                rx.cond(OnCall.gaps.length() > 0, _gaps(), rx.fragment()),
                surfaces.section(_("Who is on call"), _turns(), rx.el.p(OnCall.zone, class_name="quiet")),
                rx.cond(OnCall.can_keep, surfaces.section(_("Put somebody on call"), _form()), rx.fragment()),
            ),
            loading=_("Opening the roster"),
        ),
        at="/staff/settings/schedules",
    )


def _gaps() -> rx.Component:
    return surfaces.banner(
        _("In the coming seven days nobody is on call at these times:"),
        rx.el.ul(rx.foreach(OnCall.gaps, rx.el.li), class_name="list-disc ps-6"),
        rx.el.p(_("An alert that nobody takes then goes by e-mail to nurses, then to clinicians and managers.")),
        tone="caution",
    )


def _turns() -> rx.Component:
    nobody = states.empty(
        _("Nobody is on the roster"),
        _("Alerts that nobody takes go by e-mail to nurses, then to clinicians and managers."),
    )
    listed = rx.cond(OnCall.can_keep, _table(can_keep=True), _table(can_keep=False))
    drawn: rx.Component = rx.cond(OnCall.turns.length() > 0, listed, nobody)
    return drawn


def _table(*, can_keep: bool) -> rx.Component:
    columns = [_("Who"), _("From"), _("Until"), _("How they are told"), *([_("What next")] if can_keep else [])]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(
                columns[0],
                rx.el.b(rx.el.bdi(row["who"])),
                rx.el.small(row["rank"], class_name="block"),
                when_said(row["tag"], lambda text: surfaces.tag_by(row["tone"], text)),
            ),
            table.cell(columns[1], row["from"]),
            table.cell(columns[2], row["until"]),
            table.cell(columns[3], row["way"], when_said(row["phone"], _phone)),
            *([table.cell(columns[4], _step(row))] if can_keep else []),
        )

    return table.table(_("Who is on call"), columns, OnCall.turns, line)


def _step(row: rx.Var[Any]) -> rx.Component:
    name = row["step"].to(str) + ": " + row["who"].to(str) + ", " + row["from"].to(str)
    return actions.button(row["step"], OnCall.on_remove(row["id"]), kind="second", fits=True, accessible_name=name)


def _phone(number: Any) -> rx.Component:
    return rx.el.small(contact.number(number), class_name="block")


def _form() -> rx.Component:
    ranks = [
        {"value": "1", "label": _("First on call"), "detail": _("Told before anybody else.")},
        {"value": "2", "label": _("Second on call"), "detail": _("Told next, if the first does not take it.")},
    ]
    return surfaces.stack(
        _said.problem(OnCall),
        rx.el.form(
            surfaces.stack(
                rx.el.input(type="hidden", name="key", value=OnCall.form_key, read_only=True),
                fields.choice_list("person", _("Who?"), OnCall.people, chosen=_typed("person"), error=_error("person")),
                fields.choice_list("rank", _("In which place?"), ranks, chosen=_typed("rank"), error=_error("rank")),
                _moment("from", _("From which day?"), _("From what time?")),
                _moment("until", _("Until which day?"), _("Until what time?")),
                fields.text_field(
                    "phone", _("Telephone for text messages in this turn (optional)"), type="tel",
                    value=_typed("phone"), error=_error("phone"), max_length=40, more={"dir": "ltr"},
                    hint=_("A text says only that an alert waits. Without a number we write to their own, if they have "
                           "proved one, and by e-mail."),
                ),
                actions.submit(_("Put them on call")),
                class_name="gap-4 max-w-2xl",
            ),
            on_submit=OnCall.on_add,
            key=OnCall.form_key,
            custom_attrs={"noValidate": True},
        ),
    )  # fmt: skip


def _moment(name: str, day: str, time: str) -> rx.Component:
    return rx.el.div(
        *(
            rx.el.div(
                fields.text_field(
                    f"{name}-{part}", label, value=_typed(f"{name}-{part}"), error=_error(f"{name}-{part}"),
                    more={"type": kind},
                ),
                class_name="grow basis-40 max-w-60",
            )
            for part, label, kind in (("day", day, "date"), ("time", time, "time"))
        ),
        class_name="flex flex-wrap items-start gap-4",
    )  # fmt: skip


def _typed(name: str) -> Any:
    return OnCall.typed.get(name, "")


def _error(name: str) -> rx.Var[Any]:
    return _said.problem_of(OnCall, name)


PAGE = Page(AT, N_("On call"), build, policy="alerts.view_roster", audience="staff", on_load=OnCall.on_load)
