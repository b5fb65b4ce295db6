"""What stands around every screen: the practice, whom to call, and who is signed in."""

from typing import Final

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _, ngettext
from portal_app.features.access import service as access
from portal_app.features.access import sessions
from portal_app.features.alerts import service as alerts
from portal_app.features.practice import service as practice
from portal_app.features.privacy import service as privacy
from portal_app.state.base import PortalState
from portal_app.state.looking import Looking
from portal_app.web import cookies
from portal_app.web.next_path import is_open
from portal_app.web.registry import page_of

STAFF_PLACES: Final = (
    "/staff/schedule", "/staff/visits", "/staff/alerts", "/staff/vitals", "/staff/patients", "/staff/inbox",
    "/staff/billing", "/staff/bills", "/staff/insurance", "/staff/waiting",
    "/staff/settings/schedules", "/staff/settings", "/staff/privacy", "/staff/insights",
)  # fmt: skip
"""The places of the staff's menu, in its order; one without a screen is left out."""


def staff_places() -> list[str]:
    """Return the places of the staff's menu that have a screen."""
    return [route for route in STAFF_PLACES if page_of(route)]


def closed_to(chart: access.ActedFor) -> list[str]:
    """Return the places of the patients' menu that were not shared with a caregiver."""
    closed = [] if "booking" in chart.act_sections else ["/book"]
    closed = closed if "bills" in chart.view_sections else [*closed, "/bills"]
    closed = closed if "vitals" in chart.act_sections else [*closed, "/vitals"]
    closed = closed if "results" in chart.view_sections else [*closed, "/medications"]
    return closed if "booking" in chart.view_sections else [*closed, "/", "/appointments"]


class Frame(PortalState, rx.State):
    """The names in the frame; each screen's state fills it in its own transaction."""

    practice_name: str = ""
    practice_mark: str = ""
    phone: str = ""
    emergency_phone: str = ""
    person_name: str = ""
    is_staff: bool = False
    closed: list[str] = []
    """The places of the menu that this person may not open."""
    acting_for: str = ""
    """Whose chart is open, in words, when it is not one's own."""
    is_looked_at: bool = False
    """Whether support sees the page as its patient does."""
    alerts: str = ""
    """How many alerts nobody has taken, for whoever reads them; "" for none."""
    alerts_said: str = ""
    _whose: str = ""
    """The name of whoever's chart is open, when it is not one's own."""
    only_view: str = ""
    """Why nothing can be booked or changed here, in words, for whoever may only see it."""

    async def _fill(self, tx: Transaction) -> None:
        self.person_name, self.is_staff = tx.actor.display_name, tx.actor.is_staff()
        sessions.note_use(tx, cookies.read_zone(self.router.headers.cookie))
        self.closed = [route for route in STAFF_PLACES if not is_open(route, tx.actor)]
        self.acting_for = self._whose = self.only_view = ""
        await self._count_alerts(tx)
        if "/staff/alerts" not in self.closed:
            self._watch("alerts:all")
        self.is_looked_at = tx.actor.is_onlooker()
        if (look := await privacy.look_now(tx)) is not None:
            (await self.get_state(Looking))._show(look, tx.actor.patient_id)
            await privacy.note_page(tx)
            with i18n.use(self._locale()):
                self.only_view = _("This page is only looked at. Nothing can be booked or changed here.")
        if (chart := await access.acting_for(tx)) is not None:
            self.closed, self._whose = [*self.closed, *closed_to(chart)], chart.name
            with i18n.use(self._locale()):
                self.acting_for = _("Acting for {name}").format(name=chart.name)
                if "booking" not in chart.act_sections:
                    self.only_view = _(
                        "You may see this. Only {name}, or somebody they let act, can change it."
                    ).format(name=chart.name)
        try:
            # Asked each time: a number that has changed is wrong on every page that remembers it.
            found = await practice.practice(tx)
        except NotFound:
            return
        self.practice_name, self.practice_mark = found.name, found.initial
        self.phone, self.emergency_phone = found.phone, found.emergency_phone

    async def _refresh(self) -> None:
        """Count the alerts again; the rest of the frame changes with the page."""
        async with db.opened().act_as(self._credential(), "alerts.view") as tx:
            await self._count_alerts(tx)

    async def _count_alerts(self, tx: Transaction) -> None:
        count = await alerts.waiting_count(tx)
        with i18n.use(self._locale()):
            self.alerts = i18n.format_number(count) if count else ""
            self.alerts_said = (
                ngettext("{count} waits", "{count} wait", count).format(count=self.alerts) if count else ""
            )
