"""The last readings of the patient whose visit is open, beside the picture. Live."""

from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.features.vitals import service as vitals
from portal_app.state.base import PortalState
from portal_app.state.watched_patient import latest_row


class VisitReadings(PortalState, rx.State):
    """The newest reading of each measure, and the way to all of them; the page of the visit fills it."""

    latest: list[dict[str, str]] = []
    href: str = ""
    _of: str = ""

    async def _fill(self, tx: db.Transaction, patient_id: UUID) -> None:
        is_repeated, self._of = self._of == str(patient_id), str(patient_id)
        await self._show(tx, is_repeated=is_repeated)
        self._watch(f"vitals:{patient_id}")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "vitals.watch") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.latest, self.href = [], ""
        try:
            whose = await vitals.watched_chart(tx, UUID(self._of))
        except NotFound:  # the visit is theirs and the readings are not
            return
        found = await vitals.watched_readings(tx, whose.chart.patient_id, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.latest = [latest_row(one) for one in found]
            self.href = i18n.localized_path(i18n.current(), f"/staff/vitals/patient?id={self._of}")
