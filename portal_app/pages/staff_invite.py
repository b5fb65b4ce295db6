"""Invite one patient to the portal: a card to print, or an e-mail."""

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.reset_patient import ResetPatient
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
        _resetting(),
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
        rx.cond(StaffInvite.is_in, surfaces.stack(nothing, _lost()), surfaces.panes(_card(), _mail())),
    )


def _lost() -> rx.Component:
    reset = surfaces.section(
        _("Lost phone?"),
        rx.el.p(_("Whoever lost the device with their passkey is let in again by you, once you know who it is. All "
                  "their passkeys count no more, and they are signed out everywhere.")),
        rx.el.div(actions.button(_("Reset the sign-in"), ResetPatient.on_ask, kind="second", fits=True, writes=False)),
    )  # fmt: skip
    drawn: rx.Component = rx.cond(ResetPatient.may, reset, rx.fragment())
    return drawn


def _resetting() -> rx.Component:
    asked = surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            ResetPatient.errors,
            is_shown=ResetPatient.errors.length() > 0,
            moment=ResetPatient.attempt,
        ),
        when_said(ResetPatient.problem, lambda text: surfaces.banner(text, tone="critical", is_announced=True)),
        fields.choice_list(
            "reason", _("Why?"), ResetPatient.reasons, chosen=ResetPatient.reason, error=ResetPatient.error,
            on_choose=ResetPatient.on_reason,
        ),
        fields.choice_list(
            "known-by", _("How do you know that it is them?"), ResetPatient.ways, chosen=ResetPatient.known_by,
            error=ResetPatient.known_error, on_choose=ResetPatient.on_known_by,
        ),
        rx.el.p(_("They are told by e-mail and, where we know a number, by text message. "
                  "They read of it in their chart.")),
        actions.button(_("Reset and show the code"), ResetPatient.on_reset, kind="critical"),
        class_name="gap-4",
    )  # fmt: skip
    given = rx.el.div(
        rx.el.p(_("Give them this code. They sign in with a code from their e-mail, open Sign-in and devices, and "
                  "type it. It counts for three days, once, and is not shown again.")),
        rx.el.p(rx.el.code(ResetPatient.code, dir="ltr", class_name="text-h2 font-semibold")),
        role="status",
        class_name="grid gap-2",
    )  # fmt: skip
    return dialog.dialog(
        "reset",
        _("Reset the patient's sign-in"),
        rx.el.p(rx.el.b(rx.el.bdi(StaffInvite.name))),
        rx.cond(ResetPatient.code != "", given, asked),
        is_open=ResetPatient.is_open,
        on_dismiss=ResetPatient.on_close,
        actions=[
            actions.button(
                rx.cond(ResetPatient.code != "", _("I have given it: close"), _("Leave it as it is")),
                ResetPatient.on_close,
                kind="second",
                writes=False,
            )
        ],
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
    on_load=StaffInvite.on_load, steps_up=True,
)  # fmt: skip
