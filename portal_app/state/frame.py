"""What stands around every screen: the practice, whom to call, and who is signed in."""

from typing import Final

import reflex as rx

from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.practice import service as practice
from portal_app.state.base import PortalState
from portal_app.web.next_path import is_open
from portal_app.web.registry import page_of

STAFF_PLACES: Final = (
    "/staff/schedule", "/staff/patients", "/staff/inbox", "/staff/waiting",
    "/staff/settings/schedules", "/staff/settings", "/staff/insights",
)  # fmt: skip
"""The places of the staff's menu, in its order; one without a screen is left out."""


def staff_places() -> list[str]:
    """Return the places of the staff's menu that have a screen."""
    return [route for route in STAFF_PLACES if page_of(route)]


class Frame(PortalState, rx.State):
    """The names in the frame; each screen's state fills it in its own transaction."""

    practice_name: str = ""
    practice_mark: str = ""
    phone: str = ""
    emergency_phone: str = ""
    person_name: str = ""
    is_staff: bool = False
    closed: list[str] = []
    """The places of the staff's menu that this person may not open."""

    async def _fill(self, tx: Transaction) -> None:
        self.person_name, self.is_staff = tx.actor.display_name, tx.actor.is_staff()
        self.closed = [route for route in STAFF_PLACES if not is_open(route, tx.actor)]
        try:
            # Asked each time: a number that has changed is wrong on every page that remembers it.
            found = await practice.practice(tx)
        except NotFound:
            return
        self.practice_name, self.practice_mark = found.name, found.initial
        self.phone, self.emergency_phone = found.phone, found.emergency_phone
