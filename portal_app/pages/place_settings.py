"""Settings of one place: hours, the way there, parking."""

import reflex as rx

from portal_app.components import actions, errors, fields, frame, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import path, staff_page
from portal_app.state.place_settings import PlaceSettings
from portal_app.web.page import Page

WEEK = range(1, 8)


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find this place"),
        _("It may have been removed. The other places are as they were."),
        action=actions.link_button(_("Settings"), path("/staff/settings")),
    )
    return staff_page(
        frame.page_title(
            rx.cond(PlaceSettings.name != "", PlaceSettings.name, _("A place")),
            action=actions.link_button(_("Settings"), path("/staff/settings"), kind="quiet", fits=True),
        ),
        _said.done(PlaceSettings.news),
        skeleton.until(
            PlaceSettings.is_ready,
            skeleton.card(480),
            rx.cond(PlaceSettings.is_missing, missing, surfaces.panes(_hours(), _way())),
            loading=_("Opening the settings"),
        ),
        at="/staff/settings",
    )


def _hours() -> rx.Component:
    days = [
        fields.text_field(
            f"hours-{day}",
            PlaceSettings.days[day - 1]["label"],
            value=PlaceSettings.days[day - 1]["value"],
            more={"dir": "ltr"},
            autocomplete="off",
        )
        for day in WEEK
    ]
    return surfaces.section(
        _("Opening hours of the desk and the phone"),
        errors.error_summary(
            _("There is a problem"),
            PlaceSettings.hours_errors,
            is_shown=PlaceSettings.hours_errors.length() > 0,
            moment=PlaceSettings.attempt,
        ),
        when_said(PlaceSettings.hours_checked, rx.el.small),
        rx.el.p(_("For example 8:00-12:00, 13:30-17:00. Leave a day empty when it is closed."), class_name="quiet"),
        rx.el.form(
            *days,
            actions.submit(_("Save these hours")),
            on_submit=PlaceSettings.on_hours,
            class_name="grid gap-4",
            custom_attrs={"noValidate": True},
        ),
        actions.button(_("The hours are still right"), PlaceSettings.on_hours_checked, kind="second"),
    )


def _way() -> rx.Component:
    codes = list(i18n.LOCALES)
    return surfaces.section(
        _("The way here, and parking"),
        when_said(PlaceSettings.way_checked, rx.el.small),
        rx.el.form(
            *(
                fields.multi_line(
                    f"way-{code}",
                    PlaceSettings.ways[n]["label"],
                    value=PlaceSettings.ways[n]["value"],
                    error=PlaceSettings.way_error if n == 0 else None,
                    rows=3,
                )
                for n, code in enumerate(codes)
            ),
            rx.el.h3(_("Parking")),
            *(
                fields.multi_line(
                    f"parking-{code}",
                    PlaceSettings.parking[n]["label"],
                    value=PlaceSettings.parking[n]["value"],
                    rows=3,
                )
                for n, code in enumerate(codes)
            ),
            actions.submit(_("Save the way and parking")),
            on_submit=PlaceSettings.on_way,
            class_name="grid gap-4",
            custom_attrs={"noValidate": True},
        ),
    )


PAGE = Page(
    "/staff/settings/place",
    N_("A place"),
    build,
    policy="practice.view_checks",
    audience="staff",
    on_load=PlaceSettings.on_load,
)
