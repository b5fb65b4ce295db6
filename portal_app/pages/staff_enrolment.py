"""Who is in the portal, who is on the way, who was never invited; and inviting many together."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_enrolment import StaffEnrolment
from portal_app.web.page import Page

FORM = "invite-many"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Who is in the portal"),
            action=actions.link_button(_("Find a patient"), path("/staff/patients"), kind="quiet", fits=True),
        ),
        rx.el.div(
            when_said(StaffEnrolment.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(StaffEnrolment.said, _under_way),
            role="status",
        ),
        skeleton.until(
            StaffEnrolment.is_ready,
            surfaces.stack(skeleton.lines(1), skeleton.rows(6, 72)),
            surfaces.stack(_filters(), _list(), class_name="gap-4"),
            loading=_("Opening the list"),
        ),
        at="/staff/patients",
    )


def _under_way(said: Any) -> rx.Component:
    prints = actions.link_button(_("Print the cards"), StaffEnrolment.print_href, fits=True)
    return surfaces.card(
        surfaces.meter(said, StaffEnrolment.done, StaffEnrolment.total),
        rx.cond(StaffEnrolment.print_href != "", prints, rx.fragment()),
    )


def _filters() -> rx.Component:
    return rx.el.div(
        fields.segments(
            "show", _("How far they are"), StaffEnrolment.shows, chosen=StaffEnrolment.show,
            on_choose=StaffEnrolment.on_show,
        ),
        actions.button(
            rx.cond(StaffEnrolment.is_coming, _("Show those without a visit too"), _("Only those with a visit booked")),
            StaffEnrolment.on_coming, kind="second", fits=True, writes=False,
        ),
        class_name="grid gap-3 max-w-[44rem]",
    )  # fmt: skip


def _list() -> rx.Component:
    nobody = states.empty(
        _("Nobody here"), _("Choose another stage above, or show those without a visit too."), icon=icons.people()
    )
    people = rx.el.form(
        surfaces.rows(rx.foreach(StaffEnrolment.rows, _one)),
        rx.el.div(
            actions.submit(_("Invite those ticked")),
            actions.button(_("Invite everybody on this page"), StaffEnrolment.on_invite_page, kind="second"),
            class_name="flex flex-wrap gap-2",
        ),
        rx.el.p(
            _("An e-mail goes where we know an address; for the others there is a card to print. What was out works no "
              "more."),
            class_name="quiet",
        ),
        on_submit=StaffEnrolment.on_invite,
        class_name="grid gap-4",
        custom_attrs={"id": FORM},
    )  # fmt: skip
    turning = rx.el.div(
        rx.cond(
            StaffEnrolment.has_back,
            actions.button(_("Back a page"), StaffEnrolment.on_back, kind="quiet", fits=True, writes=False),
            rx.fragment(),
        ),
        rx.cond(
            StaffEnrolment.has_more,
            actions.button(_("Next page"), StaffEnrolment.on_more, kind="quiet", fits=True, writes=False),
            rx.fragment(),
        ),
        class_name="flex flex-wrap gap-2",
    )
    return surfaces.stack(rx.cond(StaffEnrolment.rows.length() > 0, people, nobody), turning, class_name="gap-4")


def _one(row: rx.Var[Any]) -> rx.Component:
    words = rx.el.span(
        rx.el.b(rx.el.bdi(row["name"])),
        rx.el.span(
            surfaces.tag_by(row["tone"], row["status"]),
            when_said(row["wish"], surfaces.tag),
            class_name="flex flex-wrap gap-1",
        ),
        class_name="row-words",
    )
    tick = rx.el.label(
        rx.cond(
            row["can"] != "",
            rx.el.input(type="checkbox", name=row["pick"], class_name="tick"),
            rx.el.span(class_name="tick"),
        ),
        words,
        class_name="flex flex-1 items-center gap-3 min-h-[48px]",
    )
    opens = rx.el.a(icons.onward(), href=row["href"], class_name="round", custom_attrs={"aria-label": row["open"]})
    return surfaces.row_item(rx.el.div(tick, opens, class_name="flex items-center gap-2 px-4 py-1"))


PAGE = Page(
    "/staff/enrolment", N_("Who is in the portal"), build, policy="enrolment.issue", audience="staff",
    on_load=StaffEnrolment.on_load,
)  # fmt: skip
