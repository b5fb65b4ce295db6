"""The visits of a clinician that wait for their signature."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import _
from portal_app.features.notes import service as notes
from portal_app.features.practice import service as practice
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class UnsignedNotes(PortalState, rx.State):
    """The list, the newest first."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []

    @handles("notes.sign")
    async def on_load(self) -> None:
        """Fill the list and follow its changes."""
        async with db.opened().act_as(self._credential(), "notes.sign") as tx:
            await (await self.get_state(Frame))._fill(tx)
            own = await practice.own_practitioner_id(tx)
            await self._show(tx)
        self._watch(f"notes:{own}", f"practitioner:{own}")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "notes.sign") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        found = await notes.unsigned(tx)
        with i18n.use(self._locale()):
            self.rows = [
                {
                    "title": f"{one.given_name} {one.family_name}",
                    "detail": i18n.format_moment(one.starts_at, one.zone),
                    "status": _("Begun") if one.has_note else _("Nothing written"),
                    "tone": "info" if one.has_note else "caution",
                    "href": i18n.localized_path(self._locale(), f"/staff/visits/{one.appointment_id}/note"),
                }
                for one in found
            ]
        self.is_ready = True
