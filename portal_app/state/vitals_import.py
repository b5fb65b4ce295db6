"""A file of readings that is taken in: the browser sends it by itself (assets/reading_import.jsx)."""

import reflex as rx

from portal_app.core import db
from portal_app.features.vitals import service as vitals
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class VitalsImport(PortalState, rx.State):
    """The page of it; nothing of the file is held here."""

    chart: str = ""
    """Whose readings the file has: a file goes to no other chart, whichever another tab opens meanwhile."""
    zone: str = ""
    """Where the patient lives; "" until the page is filled."""

    @handles("vitals.log")
    async def on_load(self) -> None:
        """Fill the frame, and say in which zone times are shown."""
        async with db.opened().act_as(self._credential(), "vitals.log") as tx:
            await (await self.get_state(Frame))._fill(tx)
            chart = await vitals.chart_of(tx)
            self.chart, self.zone = str(chart.patient_id), chart.zone
