"""Caregivers: who may act for the patient, and ending it in one tap."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, path, patient_page, unless_looked_at
from portal_app.state.caregivers import Caregivers
from portal_app.web.page import Page

INVITE = "/profile/caregivers/invite"


def build() -> rx.Component:
    """Draw the screen."""
    return patient_page(
        frame.page_title(_("Caregivers")),
        rx.el.p(
            _("A caregiver signs in as themself and does for you what you allow, nothing else. "
              "You see what they do. What you allowed you can end at any time.")
        ),
        rx.el.div(
            when_said(Caregivers.news, lambda text: surfaces.banner(text, tone="good")),
            when_said(Caregivers.problem, lambda text: surfaces.banner(text, call_us(), tone="caution")),
            role="status",
        ),
        skeleton.until(
            Caregivers.is_ready,
            skeleton.card(220),
            surfaces.stack(
                rx.cond(Caregivers.current.length() > 0, _current(), _nobody()),
                rx.cond(Caregivers.past.length() > 0, _past(), rx.fragment()),
            ),
            loading=_("Opening your caregivers"),
        ),
        rx.el.p(actions.text_link(_("Back to your page"), path("/profile"))),
        at="/profile",
    )  # fmt: skip


def _invite(kind: Any = "primary") -> rx.Component:
    return unless_looked_at(actions.link_button(_("Invite a caregiver"), path(INVITE), kind=kind, icon=icons.person()))


def _nobody() -> rx.Component:
    return states.empty(
        _("Nobody acts for you"),
        _("You can invite somebody you trust. Who is invited, and what they may do, stands here."),
        icon=icons.people(),
        action=_invite(),
    )


def _current() -> rx.Component:
    listed = rx.foreach(Caregivers.current, _one)
    return rx.el.div(listed, _invite("second"), class_name="grid grid-cols-1 gap-2 content-start")


def _one(row: rx.Var[Any]) -> rx.Component:
    def named(label: str) -> rx.Var[str]:
        return rx.Var.create(label + ": ").to(str) + row["name_given"].to(str)

    change = actions.link_button(
        _("Change what they may do"), row["change_href"].to(str), kind="second",
        accessible_name=named(_("Change what they may do")),
    )  # fmt: skip
    end = actions.button(
        _("End their access now"),
        Caregivers.on_end(row["id"].to(str)),
        kind="critical_second",
        accessible_name=named(_("End their access now")),
    )
    ask = actions.button(
        _("Ask us to look at it"), Caregivers.on_ask(row["id"].to(str)), kind="second",
        accessible_name=named(_("Ask us to look at it")),
    )  # fmt: skip
    by_law = rx.fragment(
        rx.el.p(_("This rests on the law or on a court, not on you alone. So only the practice can end it.")),
        rx.cond(row["ends"] == "asked", rx.el.p(_("You asked us about it. We get back to you.")), ask),
    )
    by_own_document = rx.fragment(
        rx.el.p(_("You signed this, so you can end it. To change what they may do, call us."), class_name="quiet"), end
    )
    return surfaces.card(
        rx.el.div(
            rx.el.div(
                rx.el.h2(rx.el.bdi(row["name_given"].to(str))),
                rx.el.small(row["relationship"].to(str)),
                class_name="grid gap-1 min-w-0",
            ),
            surfaces.tag_by(row["tone"], row["status"].to(str)),
            class_name="flex flex-wrap items-start justify-between gap-2",
        ),
        rx.el.ul(rx.foreach(row["shares"].to(list[str]), rx.el.li), class_name="list-disc ps-5"),
        rx.el.p(
            row["until"].to(str), rx.cond(row["used"] != "", rx.fragment(" · ", row["used"].to(str)), rx.fragment())
        ),
        rx.cond(
            row["practice"] != "",
            rx.el.div(
                rx.el.p(surfaces.tag(row["practice"].to(str)), " ", row["document"].to(str)),
                unless_looked_at(rx.cond(row["ends"] == "", by_own_document, by_law)),
                class_name="grid gap-2",
            ),
            unless_looked_at(rx.el.div(change, end, class_name="grid gap-2")),
        ),
    )


def _past() -> rx.Component:
    return surfaces.section(
        _("Not any more"),
        surfaces.rows(
            rx.foreach(
                Caregivers.past,
                lambda row: surfaces.row_item(
                    surfaces.row(row["name_given"].to(str), row["relationship"].to(str),
                                 end=surfaces.tag_by(row["tone"], row["status"].to(str)))
                ),
            )
        ),
    )  # fmt: skip


PAGE = Page(
    "/profile/caregivers", N_("Caregivers"), build, policy="access.see_caregivers", audience="patient",
    on_load=Caregivers.on_load,
)  # fmt: skip
