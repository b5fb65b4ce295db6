"""What keeps the staff signed in, on every page they may open."""

import reflex as rx

from portal_app.components.staying import keeps_typed, stays_in
from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.state.base import Departure
from portal_app.state.frame import Frame


def staying(*, is_shared: bool, steps_up: bool) -> rx.Component:
    """Return what asks of the browser for the staff's sake; on a page shared with patients, for the staff alone.

    There a patient who has to prove themself anew finds what they typed again, which the staff do anyway.
    """
    asking = stays_in(
        _("Still there?"),
        _("Nobody has used this page for a while. At {time} it is locked, and you prove once more that it is you. "
          "What you typed is kept."),
        _("Stay signed in"),
        lang=i18n.current(),
        leaving=Departure.to,
    )  # fmt: skip
    keeping = keeps_typed(leaving=Departure.to) if steps_up else rx.fragment()
    drawn: rx.Component = rx.cond(Frame.is_staff, asking, keeping) if is_shared else asking
    return drawn
