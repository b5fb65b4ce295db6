"""What a screen says of the last tap: what it did, or the one thing that is wrong with what was given."""

from typing import Any

import reflex as rx

from portal_app.components import errors, surfaces
from portal_app.components.kinds import Text, when_said
from portal_app.core.i18n import _


def done(news: Text) -> rx.Component:
    """Return the line that says what was done, read out when it comes."""
    return rx.el.div(when_said(news, lambda text: surfaces.banner(text, tone="good")), role="status")


def problem(state: Any) -> rx.Component:
    """Return the summary of what is wrong: the state's `error`, about its `error_field`, anew with each `attempt`."""
    drawn: rx.Component = errors.error_summary(
        _("There is a problem"),
        [{"field": state.error_field, "text": state.error}],
        is_shown=state.error != "",
        moment=state.attempt,
    )
    return drawn


def problem_of(state: Any, field: str) -> rx.Var[str]:
    """Return the words for a field, empty while something else is wrong."""
    return rx.cond(state.error_field == field, state.error, "").to(str)
