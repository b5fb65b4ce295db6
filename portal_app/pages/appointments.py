"""All visits: to come, and past."""

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import only_seen, path, patient_page, unless_only_seen
from portal_app.state.appointments import Appointments
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return patient_page(
        frame.page_title(_("Your visits")),
        only_seen(),
        skeleton.until(
            Appointments.is_ready,
            skeleton.rows(6, 96),
            surfaces.stack(
                surfaces.section(
                    _("Coming up"), rx.cond(Appointments.upcoming.length() > 0, _list(upcoming=True), _none())
                ),
                actions.link_button(_("Forms to fill in"), path("/forms"), kind="second", icon=icons.check()),
                actions.link_button(_("Earlier times"), path("/waiting"), kind="second", icon=icons.bell()),
                rx.cond(
                    Appointments.past.length() > 0,
                    surfaces.section(_("Past and cancelled"), _list(upcoming=False)),
                    rx.fragment(),
                ),
            ),
            loading=_("Looking for your visits"),
        ),
        at="/appointments",
    )


def _list(*, upcoming: bool) -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(
            surfaces.row(
                row["title"],
                row["detail"],
                href=row["href"],
                end=surfaces.tag_by(row["tone"], row["status"]),
            )
        )

    return surfaces.rows(rx.foreach(Appointments.upcoming if upcoming else Appointments.past, one))


def _none() -> rx.Component:
    return states.empty(
        _("No visit booked"),
        _("When you book one, it stands here, with everything you need for it."),
        icon=icons.calendar(),
        action=unless_only_seen(actions.link_button(_("Book a visit"), path("/book"))),
    )


PAGE = Page(
    "/appointments",
    N_("Your visits"),
    build,
    policy="booking.view",
    audience="patient",
    on_load=Appointments.on_load,
)
