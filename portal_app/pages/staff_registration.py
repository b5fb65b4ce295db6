"""A request to become a patient, side by side with the charts that may be the same person's."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_registration import StaffRegistration
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Asks to become a patient"), StaffRegistration.name),
        rx.el.div(
            when_said(StaffRegistration.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(StaffRegistration.outcome, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            StaffRegistration.is_ready,
            surfaces.stack(skeleton.card(280), skeleton.rows(2, 96)),
            rx.cond(StaffRegistration.is_missing, _missing(), _request()),
            loading=_("Opening the request"),
        ),
        _ask("accept", _("Open a new chart?"), _("A mail tells them how to sign in."), _("Yes, open a new chart"),
             StaffRegistration.on_accept,
             more=_("If that address already signs somebody in, the chart opens without sign-in, and you are asked to"
                    " call.")),
        _ask("link", _("Is this their chart?"),
             _("Call the number on file first. Nothing is merged, and nobody new gets access to a chart in use."),
             _("Yes, it is theirs"), StaffRegistration.on_link, StaffRegistration.linking_to),
        _ask("decline", _("Turn this request down?"), _("Nothing is sent: call them and say why."),
             _("Yes, turn it down"), StaffRegistration.on_decline),
        at="/staff/inbox",
    )  # fmt: skip


def _missing() -> rx.Component:
    return states.empty(
        _("We could not find that request"),
        _("Look for it in the inbox."),
        icon=icons.search(),
        action=actions.link_button(_("Inbox"), path("/staff/inbox")),
    )


def _request() -> rx.Component:
    decide = rx.el.div(
        actions.button(_("New patient: open a chart"), StaffRegistration.on_ask_accept, fits=True, writes=False),
        actions.button(
            _("Turn down"), StaffRegistration.on_ask_decline, kind="critical_second", fits=True, writes=False
        ),
        class_name="flex flex-wrap gap-2",
    )
    to_chart = rx.cond(
        StaffRegistration.chart_href != "",
        actions.link_button(_("Open the chart"), StaffRegistration.chart_href, fits=True),
        rx.fragment(),
    )
    written = surfaces.card(
        surfaces.facts(
            [
                (_("Name"), rx.el.bdi(StaffRegistration.name)),
                (_("Born"), StaffRegistration.born),
                (_("Telephone"), rx.el.bdi(StaffRegistration.phone)),
                (_("E-mail"), rx.el.bdi(StaffRegistration.email)),
                (_("Language"), StaffRegistration.language),
                (_("Wants help with"), _or_none(StaffRegistration.reason)),
                (_("Suits them"), _or_none(StaffRegistration.preferred)),
            ]
        ),
        rx.cond(StaffRegistration.is_open, decide, to_chart),
    )
    return surfaces.panes(
        surfaces.section(_("What they wrote"), written),
        rx.cond(
            StaffRegistration.is_open, surfaces.section(_("Charts that may be theirs"), _suspects()), rx.fragment()
        ),
    )


def _or_none(value: rx.Var[Any]) -> rx.Component:
    shown: rx.Component = rx.cond(value != "", rx.el.bdi(value), rx.fragment(_("Nothing written")))
    return shown


def _suspects() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("This is their chart: ")).to(str) + row["name"].to(str)
        return surfaces.card(
            rx.el.h3(rx.el.bdi(row["name"])),
            surfaces.tag(row["shared"], "caution"),
            surfaces.facts(
                [
                    (_("Born"), row["born"]),
                    (_("Telephone"), rx.el.bdi(row["phone"])),
                    (_("E-mail"), rx.el.bdi(row["email"])),
                    (_("Language"), row["language"]),
                ]
            ),
            when_said(row["signs_in"], rx.el.small),
            actions.button(
                _("This is their chart"), StaffRegistration.on_ask_link(row["id"]), kind="second", fits=True,
                writes=False, accessible_name=name,
            ),
        )  # fmt: skip

    none = states.empty(
        _("No chart looks like theirs"), _("Nobody shares the name and birth date, the number or the address.")
    )
    drawn: rx.Component = rx.cond(
        StaffRegistration.suspects.length() > 0,
        surfaces.stack(rx.foreach(StaffRegistration.suspects, one), class_name="gap-3"),
        none,
    )
    return drawn


def _ask(
    what: str, title: str, detail: str, yes: str, on_yes: Any, whom: rx.Var[Any] | None = None, *, more: str = ""
) -> rx.Component:
    return dialog.dialog(
        f"ask-{what}",
        title,
        *([rx.el.p(rx.el.b(rx.el.bdi(whom)))] if whom is not None else []),
        rx.el.p(detail),
        *([rx.el.p(more)] if more else []),
        is_open=StaffRegistration.asking == what,
        on_dismiss=StaffRegistration.on_keep,
        actions=[
            actions.button(yes, on_yes),
            actions.button(_("Not yet"), StaffRegistration.on_keep, kind="second", writes=False),
        ],
    )


PAGE = Page(
    "/staff/registration",
    N_("Asks to become a patient"),
    build,
    policy="patients.decide",
    audience="staff",
    on_load=StaffRegistration.on_load,
)
