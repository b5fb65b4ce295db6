"""What a patient sees on their own pages, for the front desk that helps them; nothing here changes anything."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView
from portal_app.features.patients import service as patients
from portal_app.features.privacy import service as privacy
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

LIFE: Final = timedelta(minutes=15)
"""After this the page empties by itself."""


class SeenAs(PortalState, rx.State):
    """One patient's home and visits as they read them."""

    is_ready: bool = False
    is_missing: bool = False
    is_over: bool = False
    bar: str = ""
    greeting: str = ""
    upcoming: list[dict[str, str]] = []
    past: list[dict[str, str]] = []
    name: str = ""
    phone: str = ""
    email: str = ""
    seconds: int = 0
    moment: str = ""
    back_href: str = ""
    _id: str = ""
    _until: str = ""

    @handles("privacy.see_as_patient")
    async def on_load(self) -> None:
        """Show what this patient sees, for a quarter of an hour."""
        self._empty()
        self.is_ready = self.is_missing = self.is_over = False
        self._id = self.router.url.query_parameters.get("chart", "")
        async with db.opened().act_as(self._credential(), "privacy.see_as_patient") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self._until = (clock.now() + LIFE).isoformat()
            await self._show(tx, is_repeated=False)
        self.seconds, self.moment = int(LIFE.total_seconds()), clock.now().isoformat()
        self.is_ready = True
        if not self.is_missing:
            self._watch(f"patient:{self._id}")

    @handles("privacy.see_as_patient")
    async def on_near_end(self) -> None:
        """Go on: the end is said when it comes."""

    @handles("privacy.see_as_patient")
    async def on_end(self) -> None:
        """Stop seeing what the patient sees."""
        self._empty()
        self.is_over = True

    async def _refresh(self) -> None:
        if self.is_over or clock.now() >= datetime.fromisoformat(self._until):
            self._empty()
            self.is_over = True
            return
        async with db.opened().act_as(self._credential(), "privacy.see_as_patient") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        try:
            found = await patients.patient(tx, UUID(self._id), is_repeated=True)
        except (NotFound, ValueError):
            self._empty()
            self.is_missing = True
            return
        visits = await booking.patient_appointments(tx, found.id)
        if not is_repeated:
            await privacy.see_as_patient(tx, found.id)
        name = f"{found.given_name} {found.family_name}"
        with i18n.use(self._locale()):
            self.bar = _("You see what {name} sees. Nothing can be changed.").format(name=name)
            self.greeting = _("Hello, {name}").format(name=found.given_name)
            self.back_href = i18n.localized_path(i18n.current(), f"/staff/patients/{found.id}")
            self._fill(visits)
        self.name, self.phone, self.email = name, found.phone, found.email

    def _fill(self, visits: Sequence[AppointmentView]) -> None:
        now = clock.now()
        coming = [one for one in visits if one.ends_at > now and one.status in ("booked", "arrived")]
        self.upcoming = [_row(one) for one in coming]
        self.past = [_row(one) for one in reversed(visits) if one not in coming]

    def _empty(self) -> None:
        self.bar = self.greeting = self.name = self.phone = self.email = self.moment = ""
        self.upcoming, self.past, self.seconds = [], [], 0


def _row(view: AppointmentView) -> dict[str, str]:
    place = words.modality_words("video") if view.modality == "video" else view.location_name
    return {
        "title": words.when_words(view),
        "detail": f"{view.practitioner_title} {view.practitioner_name} · {place}".strip(),
        "status": words.status_words(view.status),
        "tone": words.status_tone(view.status),
    }
