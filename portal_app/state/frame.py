"""What stands around every screen: the practice, whom to call, and who is signed in."""

from typing import Final

import reflex as rx

from portal_app.core import i18n, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.practice import service as practice
from portal_app.state.base import PortalState

STAFF_PLACES: Final = {
    "/staff/schedule": "booking.view_day",
    "/staff/patients": "patients.find",
    "/staff/inbox": "tasks.view",
    "/staff/settings": "practice.view_checks",
}
"""The places of the staff's menu, and the policy of each."""


class Frame(PortalState, rx.State):
    """The names in the frame; each screen's state fills it in its own transaction."""

    practice_name: str = ""
    practice_mark: str = ""
    phone: str = ""
    call: str = ""
    emergency_phone: str = ""
    person_name: str = ""
    closed: list[str] = []
    """The places of the staff's menu that this person may not open."""

    async def _fill(self, tx: Transaction) -> None:
        self.person_name = tx.actor.display_name
        self.closed = [at for at, name in STAFF_PLACES.items() if not policy.get(name).is_allowed(tx.actor)]
        try:
            # Asked each time: a number that has changed is wrong on every page that remembers it.
            found = await practice.practice(tx)
        except NotFound:
            return
        self.practice_name, self.practice_mark = found.name, found.initial
        self.phone, self.emergency_phone = found.phone, found.emergency_phone
        with i18n.use(self._locale()):
            self.call = _("Call {phone}").format(phone=found.phone)
