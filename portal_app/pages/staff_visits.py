"""Today's video visits: who waits, how long, how ready, and letting them in."""

from typing import Any

import reflex as rx

from portal_app.components import (
    actions,
    board,
    contact,
    dialog,
    frame,
    icons,
    keeping,
    skeleton,
    states,
    surfaces,
    table,
)
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import staff_page
from portal_app.pages._hand_over import hand_over
from portal_app.pages._running_late import begin, delays, question
from portal_app.state.staff_visits import ALL, StaffVisits
from portal_app.web.page import Page

LOOK_AGAIN_S = 30


def build() -> rx.Component:
    """Draw the screen."""
    nobody = states.empty(
        _("No video visits today"), _("Whoever has one today stands here, and shows when they wait."),
        icon=icons.video(),
    )  # fmt: skip
    return staff_page(
        frame.page_title(_("Video visits today"), StaffVisits.subtitle),
        keeping.time_kept(
            LOOK_AGAIN_S, warn_at_s=0, moment=StaffVisits.moment, on_warn=StaffVisits.on_look,
            on_end=StaffVisits.on_look,
        ),
        rx.el.div(
            when_said(StaffVisits.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(StaffVisits.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            StaffVisits.is_ready,
            skeleton.rows(6, 72),
            surfaces.stack(
                delays(), _choices(), rx.cond(StaffVisits.rows.length() > 0, _table(), nobody), class_name="gap-4"
            ),
            loading=_("Opening today's video visits"),
        ),
        question(),
        _tell(),
        hand_over(
            StaffVisits.handing_who, StaffVisits.colleagues, is_open=StaffVisits.handing != "",
            on_choose=StaffVisits.on_hand_over, on_close=StaffVisits.on_close,
        ),
        _calling(),
        at="/staff/visits",
    )  # fmt: skip


def _choices() -> rx.Component:
    tell = actions.button(
        _("Message the waiting room"), StaffVisits.on_tell, kind="second", icon=icons.mail(), fits=True, writes=False
    )
    return rx.el.div(
        board.select_field(
            "scope", _("Whose"), StaffVisits.scopes, chosen=StaffVisits.scope, on_choose=StaffVisits.on_scope
        ),
        begin(),
        rx.cond(StaffVisits.scope != ALL, tell, rx.fragment()),
        class_name="flex flex-wrap items-end gap-2",
    )


def _table() -> rx.Component:
    columns = [_("Time"), _("Patient"), _("Reason"), _("Where it stands"), _("Line"), _("Language"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], rx.el.span(row["time"], class_name="tabular-nums whitespace-nowrap")),
            table.cell(columns[1], rx.el.b(rx.el.bdi(row["patient"])), " · ", row["age"]),
            table.cell(columns[2], rx.el.bdi(row["reason"])),
            table.cell(
                columns[3],
                surfaces.tag_by(row["tone"], row["state"]),
                when_said(row["missing"], lambda text: rx.el.small(text, class_name="block")),
                when_said(row["licence"], lambda text: surfaces.tag(text, "caution")),
            ),
            table.cell(
                columns[4],
                surfaces.tag_by(row["line_tone"], row["line"]),
                when_said(row["trouble"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(
                columns[5],
                row["language"],
                when_said(row["interpreter"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(columns[6], _steps(row)),
            tone=row["row_tone"],
        )

    return table.table(_("Video visits today"), columns, StaffVisits.rows, line)


def _steps(row: rx.Var[Any]) -> rx.Component:
    def named(label: str) -> rx.Var[str]:
        return rx.Var.create(f"{label}: ").to(str) + row["patient"].to(str)

    return rx.el.div(
        rx.cond(
            row["can_call"] != "",
            actions.button(
                _("Call back now"), StaffVisits.on_call_back(row["id"]), kind="second", fits=True, icon=icons.phone(),
                accessible_name=named(_("Call back now")),
            ),
            rx.fragment(),
        ),
        rx.cond(
            row["can_admit"] != "",
            actions.button(
                _("Admit"), StaffVisits.on_admit(row["id"]), fits=True, accessible_name=named(_("Admit"))
            ),
            rx.fragment(),
        ),
        rx.cond(
            row["can_open"] != "",
            actions.link_button(
                _("Open the room"), row["href"], kind="quiet", fits=True, accessible_name=named(_("Open the room"))
            ),
            rx.fragment(),
        ),
        rx.cond(
            row["can_hand_over"] != "",
            actions.button(
                _("Hand over"), StaffVisits.on_ask_hand_over(row["id"]), kind="quiet", fits=True, writes=False,
                accessible_name=named(_("Hand over")),
            ),
            rx.fragment(),
        ),
        class_name="flex flex-wrap gap-1",
    )  # fmt: skip


def _tell() -> rx.Component:
    return dialog.dialog(
        "tell",
        _("Message the waiting room"),
        rx.el.form(
            keeping.sent_text(
                "words", _("What should they read?"), hint=_("Everybody who waits for this clinician sees it. Name"
                                                             " nobody."),
                taken=StaffVisits.sent, turn=StaffVisits.sent_turn, error=StaffVisits.words_error,
            ),
            actions.submit(_("Show it to them")),
            on_submit=StaffVisits.on_say,
            class_name="grid grid-cols-1 gap-3",
        ),
        is_open=StaffVisits.is_telling,
        on_dismiss=StaffVisits.on_close,
        actions=[actions.button(_("Close"), StaffVisits.on_close, kind="quiet", writes=False)],
    )  # fmt: skip


def _calling() -> rx.Component:
    return dialog.dialog(
        "calling",
        _("They are told that it is their turn"),
        rx.el.p(rx.el.b(rx.el.bdi(StaffVisits.calling)), " ", _("gets a link that leads back to their place.")),
        rx.cond(
            StaffVisits.calling_number != "",
            contact.call(_("Call them as well:"), StaffVisits.calling_number),
            rx.el.p(_("They gave no number to call.")),
        ),
        is_open=StaffVisits.calling != "",
        on_dismiss=StaffVisits.on_close,
        actions=[actions.button(_("Close"), StaffVisits.on_close, kind="quiet", writes=False)],
    )


PAGE = Page(
    "/staff/visits", N_("Video visits today"), build, policy="visits.host", audience="staff",
    on_load=StaffVisits.on_load,
)  # fmt: skip
