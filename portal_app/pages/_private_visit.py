"""What stands beside a visit so that it can be kept private from people who act for the patient."""

import reflex as rx

from portal_app.components import actions, fields, icons, surfaces
from portal_app.core.i18n import _
from portal_app.pages import _said
from portal_app.state.private_visit import PrivateVisit


def private_part() -> rx.Component:
    """Return the button, and whether it is private now; nothing where nobody acts for the patient."""
    hidden = surfaces.stack(
        surfaces.tag(_("Private: people who act for you do not see this visit"), icon=icons.lock("icon-small")),
        actions.button(_("Show it to people who act for me"), PrivateVisit.on_show, kind="quiet"),
        class_name="gap-2",
    )
    shown = actions.button(
        _("Keep private from people who act for me"), PrivateVisit.on_keep, kind="second", icon=icons.lock()
    )
    return surfaces.stack(
        _said.done(PrivateVisit.news),
        rx.cond(PrivateVisit.is_offered, rx.cond(PrivateVisit.is_private, hidden, shown), rx.fragment()),
    )


def private_box() -> rx.Component:
    """Return the box of the form that books; nothing where nobody acts for the patient."""
    drawn: rx.Component = rx.cond(
        PrivateVisit.can_keep,
        fields.check_box("private", _("Keep this visit private from people who act for me")),
        rx.fragment(),
    )
    return drawn
