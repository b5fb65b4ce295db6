"""What a patient sees, for the front desk: home, visits and their own details, with nothing to tap."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, keeping, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.seen_as import SeenAs
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        keeping.time_kept(
            SeenAs.seconds, warn_at_s=0, moment=SeenAs.moment, on_warn=SeenAs.on_near_end, on_end=SeenAs.on_end
        ),
        rx.el.div(when_said(SeenAs.bar, _bar), role="status"),
        frame.page_title(_("As the patient sees it")),
        skeleton.until(
            SeenAs.is_ready,
            surfaces.stack(skeleton.card(120), skeleton.rows(3, 96)),
            rx.cond(SeenAs.is_over, _over(), rx.cond(SeenAs.is_missing, _missing(), _seen())),
            loading=_("Opening the chart"),
        ),
        at="/staff/patients",
    )


def _bar(text: rx.Var[str]) -> rx.Component:
    end = actions.button(_("Stop looking"), SeenAs.on_end, kind="second", fits=True, writes=False)
    return surfaces.banner(text, tone="caution", action=end)


def _seen() -> rx.Component:
    nothing = rx.el.p(_("No visit booked"))
    return surfaces.stack(
        rx.el.h2(SeenAs.greeting),
        surfaces.section(_("Coming up"), rx.cond(SeenAs.upcoming.length() > 0, _visits(SeenAs.upcoming), nothing)),
        rx.cond(
            SeenAs.past.length() > 0, surfaces.section(_("Past and cancelled"), _visits(SeenAs.past)), rx.fragment()
        ),
        surfaces.section(
            _("Me"),
            surfaces.card(
                surfaces.facts(
                    [
                        (_("Name"), rx.el.bdi(SeenAs.name)),
                        (_("Telephone"), rx.el.bdi(SeenAs.phone)),
                        (_("E-mail"), rx.el.bdi(SeenAs.email)),
                    ]
                )
            ),
        ),
        class_name="max-w-2xl",
    )


def _visits(visits: rx.Var[Any]) -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(
            surfaces.row(row["title"], row["detail"], end=surfaces.tag_by(row["tone"], row["status"]))
        )

    return surfaces.rows(rx.foreach(visits, one))


def _over() -> rx.Component:
    return states.empty(
        _("You have stopped looking"),
        _("It ends by itself after fifteen minutes. The patient reads in their portal that you looked."),
        icon=icons.check(),
        action=actions.link_button(_("Back to the patient"), SeenAs.back_href),
    )


def _missing() -> rx.Component:
    return states.empty(
        _("We could not find that chart"),
        _("It may belong to a place you do not work at. Look for the patient again."),
        icon=icons.search(),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )


PAGE = Page(
    "/staff/as-patient",
    N_("As the patient sees it"),
    build,
    policy="privacy.see_as_patient",
    audience="staff",
    on_load=SeenAs.on_load,
)
