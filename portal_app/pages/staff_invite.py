"""Invite one patient to the portal: a card to print, or an e-mail."""

import reflex as rx

from portal_app.components import actions, errors, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_invite import StaffInvite
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    back = rx.cond(
        StaffInvite.back != "",
        actions.link_button(_("Back to the patient"), StaffInvite.back, kind="quiet", fits=True),
        rx.fragment(),
    )
    return staff_page(
        frame.page_title(_("Invite to the portal"), StaffInvite.name, action=back),
        rx.el.div(
            when_said(StaffInvite.news, lambda text: surfaces.banner(text, tone="good")),
            when_said(StaffInvite.problem, lambda text: surfaces.banner(text, tone="caution")),
            role="status",
        ),
        skeleton.until(
            StaffInvite.is_ready,
            surfaces.stack(skeleton.lines(1), skeleton.card(240)),
            rx.cond(StaffInvite.is_missing, _missing(), _ways()),
            loading=_("Opening the chart"),
        ),
        at="/staff/patients",
    )


def _missing() -> rx.Component:
    return states.empty(
        _("We could not find that chart"),
        _("It may belong to a place you do not work at. Look for the patient again."),
        icon=icons.search(),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )


def _ways() -> rx.Component:
    nothing = rx.el.p(_("Somebody signs in for this chart already. There is nothing to activate."))
    return surfaces.stack(
        surfaces.card(rx.el.p(surfaces.tag_by(StaffInvite.tone, StaffInvite.said)), _withdraw()),
        rx.cond(StaffInvite.is_in, nothing, surfaces.panes(_card(), _mail())),
    )


def _withdraw() -> rx.Component:
    again = actions.link_button(_("Print the card again"), StaffInvite.card_href, kind="second", fits=True)
    withdraw = actions.button(_("Withdraw it"), StaffInvite.on_withdraw, kind="critical_second", fits=True)
    shown: rx.Component = rx.cond(
        StaffInvite.is_out,
        rx.el.div(
            rx.cond(StaffInvite.card_href != "", again, rx.fragment()), withdraw, class_name="flex flex-wrap gap-2"
        ),
        rx.fragment(),
    )
    return shown


def _card() -> rx.Component:
    return surfaces.section(
        _("A card"),
        surfaces.card(
            rx.el.p(_("With a square for the camera and a short code, in the patient's language. It works for thirty "
                      "days, once. Check who it is before you hand it over.")),
            _replaces(),
            actions.button(_("Make a card"), StaffInvite.on_card),
        ),
    )  # fmt: skip


def _mail() -> rx.Component:
    return surfaces.section(
        _("An e-mail"),
        surfaces.card(
            errors.error_summary(
                _("There is a problem"),
                [{"field": "email", "text": StaffInvite.error}],
                is_shown=StaffInvite.error != "",
                moment=StaffInvite.attempt,
            ),
            rx.el.p(_("With a link that works for thirty days, once. It says nothing about health.")),
            _replaces(),
            rx.el.form(
                fields.email_field(
                    "email", _("The patient's e-mail address"), value=StaffInvite.email, error=StaffInvite.error,
                    autocomplete="off",
                ),
                actions.submit(_("Send the invitation"), kind="second"),
                on_submit=StaffInvite.on_mail,
                class_name="grid gap-4",
                custom_attrs={"noValidate": True},
            ),
        ),
    )  # fmt: skip


def _replaces() -> rx.Component:
    words = rx.el.p(_("What was handed out or sent before then works no more."), class_name="quiet")
    shown: rx.Component = rx.cond(StaffInvite.is_out, words, rx.fragment())
    return shown


PAGE = Page(
    "/staff/invite", N_("Invite to the portal"), build, policy="enrolment.issue", audience="staff",
    on_load=StaffInvite.on_load,
)  # fmt: skip
