"""Before staff see a patient's pages as the patient does: what it is, and why they need to."""

import reflex as rx

from portal_app.components import actions, errors, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.seen_as import SeenAs
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        errors.error_summary(
            _("There is a problem"), [{"field": "kind", "text": SeenAs.problem}], is_shown=SeenAs.problem != ""
        ),
        frame.page_title(rx.cond(SeenAs.title != "", SeenAs.title, _("As the patient sees it"))),
        skeleton.until(
            SeenAs.is_ready,
            surfaces.stack(skeleton.lines(3), skeleton.rows(3, 64)),
            rx.cond(SeenAs.is_missing, _missing(), rx.cond(SeenAs.is_refused, _refused(), _form())),
            loading=_("Opening the chart"),
        ),
        at="/staff/patients",
    )


def _form() -> rx.Component:
    return surfaces.stack(
        rx.el.p(
            _(
                "You see the patient's own pages for fifteen minutes, in their language. Nothing can be changed, and "
                "what your role may not see is left out. The patient reads in their portal that you looked, and why."
            )
        ),
        plain_form(
            rx.el.input(type="hidden", name="chart", value=SeenAs.chart, read_only=True),
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            fields.choice_list("kind", _("Why do you need to see it?"), SeenAs.kinds, error=SeenAs.problem),
            rx.el.div(
                rx.el.button(_("See their pages"), type="submit", class_name="btn btn-fit"),
                actions.link_button(_("Back to the patient"), SeenAs.back_href, kind="second", fits=True),
                class_name="flex flex-wrap gap-3",
            ),
            action="/auth/as-patient",
            class_name="grid gap-5",
        ),
        class_name="max-w-2xl",
    )


def _missing() -> rx.Component:
    return states.empty(
        _("You cannot see these pages"),
        _("It may be no chart of your place, one that you opened in an emergency, or your own. Look for the patient."),
        icon=icons.search(),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )


def _refused() -> rx.Component:
    return states.empty(
        _("The patient does not want this"),
        _(
            "They have chosen that nobody sees their pages as they see them. Ask them to show you their screen, or to "
            "read out what it says, and help with their chart. They can change it in their portal: Me, Who looked."
        ),
        icon=icons.lock(),
        action=actions.link_button(_("Back to the patient"), SeenAs.back_href),
    )


PAGE = Page(
    "/staff/as-patient",
    N_("As the patient sees it"),
    build,
    policy="privacy.see_as_patient",
    audience="staff",
    on_load=SeenAs.on_load,
)
