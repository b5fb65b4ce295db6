"""What a patient reads who is in no visit: none here, over, left, taken out. And the head of the page of a visit."""

import reflex as rx

from portal_app.components import actions, contact, icons, states, surfaces
from portal_app.components.kinds import Text
from portal_app.core.i18n import _
from portal_app.pages._frames import call_us, path
from portal_app.state.visit import Visit


def missing() -> rx.Component:
    """Return what somebody reads whose link leads to no visit of theirs."""
    return states.error(
        _("We could not find that visit"),
        _("It may have been changed or removed. Your other visits are safe."),
        action=actions.link_button(_("See your visits"), path("/appointments")),
        ask=call_us(),
    )


def no_visit(title: str, detail: str) -> rx.Component:
    """Return why there is no visit to join here."""
    action = actions.link_button(_("See your visits"), path("/appointments"))
    return states.focused(states.error(title, detail, action=action, ask=call()), moment=Visit.moved)


def over() -> rx.Component:
    """Return what somebody reads once it has ended."""
    shown = states.empty(
        _("This visit is over"),
        _("What was said and what to do stands on its page once your clinician has signed it."),
        icon=icons.check(),
        action=actions.link_button(_("Open this visit"), Visit.back_href),
    )
    return surfaces.stack(states.focused(shown, moment=Visit.moved), call())


def left() -> rx.Component:
    """Return where somebody is who left."""
    return _away(
        rx.cond(Visit.is_going, _("You have left the visit"), _("You have left the waiting room")),
        _("You can come back as long as the visit has not ended."),
        rx.cond(Visit.is_going, _("Go back into the visit"), _("Go back to the waiting room")),
    )


def taken_out() -> rx.Component:
    """Return where somebody is whom the clinician took out."""
    return _away(
        _("You are not in this visit any more."),
        _("The clinician has taken you out of the visit. You can ask to come in again, or call us."),
        _("Ask to come in"),
    )


def _away(title: Text, detail: str, back: Text) -> rx.Component:
    """Return where somebody is who was in the visit, and the one tap that leads back."""
    return surfaces.stack(
        head(title, rx.el.p(detail)),
        actions.button(back, Visit.on_join),
        actions.link_button(_("Open this visit"), Visit.back_href, kind="second"),
        call(),
    )


def head(title: Text, *more: rx.Component | str) -> rx.Component:
    """Return the card with what this is, when and with whom."""
    heading = states.focused(rx.el.h2(title), moment=Visit.moved)
    return surfaces.card(heading, rx.el.p(Visit.title, " · ", rx.el.bdi(Visit.who)), *more, is_first=True)


def call() -> rx.Component:
    """Return the way to call us, where there is a number."""
    drawn: rx.Component = rx.cond(Visit.phone != "", contact.call(_("Call"), Visit.phone), rx.fragment())
    return drawn
