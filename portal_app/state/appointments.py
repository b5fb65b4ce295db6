"""All visits: what is to come, and what was."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.i18n import _
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView
from portal_app.features.notes import service as notes
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class Appointments(PortalState, rx.State):
    """The list of a patient's visits."""

    is_ready: bool = False
    upcoming: list[dict[str, str]] = []
    past: list[dict[str, str]] = []

    @handles("booking.view")
    async def on_load(self) -> None:
        """Fill the list and follow its changes."""
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"patient:{tx.actor.patient_id}")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        listed = await booking.my_appointments(tx, is_repeated=is_repeated)
        found = [view for view in listed if view.status != "pending"]
        now, summed = clock.now(), await notes.ended(tx)
        with i18n.use(self._locale()):
            coming = [view for view in found if view.ends_at > now and view.status in ("booked", "arrived")]
            self.upcoming = [_row(view) for view in coming]
            self.past = [_row(view, summed.get(view.id, "")) for view in reversed(found) if view not in coming]
        self.is_ready = True


def _row(view: AppointmentView, seen_by: str = "") -> dict[str, str]:
    """Return a row; `seen_by` is who saw the patient, once there is a summary."""
    who = seen_by or f"{view.practitioner_title} {view.practitioner_name}".strip()
    place = words.modality_words("video") if view.modality == "video" else view.location_name
    return {
        "title": words.when_words(view),
        "detail": f"{who} · {place}",
        "status": _("Summary ready") if seen_by else words.status_words(view.status),
        "tone": "good" if seen_by else words.status_tone(view.status),
        "href": i18n.localized_path(i18n.current(), f"/appointments/{view.id}"),
    }
