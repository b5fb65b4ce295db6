"""The address a patient changed last, and putting it back for somebody who did not change it."""

from typing import Final
from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.profile import service as profile
from portal_app.state.base import PortalState, handles

CHANGED: Final = {
    "email": N_("The patient changed their e-mail address on {day}."),
    "phone": N_("The patient changed their telephone number on {day}."),
}


class StaffContact(PortalState, rx.State):
    """Shown to the front desk on a patient's page, for a month after the change."""

    changed: str = ""
    is_asking: bool = False
    said: str = ""
    _patient: str = ""
    _change: str = ""

    @handles("profile.undo_contact")
    async def on_ask(self) -> None:
        """Ask once: everybody who is signed in as the patient is signed out."""
        self.is_asking = True

    @handles("profile.undo_contact")
    async def on_keep(self) -> None:
        """Change nothing."""
        self.is_asking = False

    @handles("profile.undo_contact", writes=True)
    async def on_undo(self) -> None:
        """Put the address back."""
        self.is_asking = False
        try:
            patient_id, change_id = UUID(self._patient), UUID(self._change)
        except ValueError:
            raise NotFound from None
        async with db.opened().act_as(self._credential(), "profile.undo_contact") as tx:
            await profile.undo(tx, patient_id, change_id)
        self.changed = ""
        with i18n.use(self._locale()):
            self.said = _("The address is being put back, and everybody is signed out. The patient gets a mail.")

    async def _show(self, tx: db.Transaction, patient_id: UUID) -> None:
        found = await profile.undoable(tx, patient_id)
        if str(patient_id) != self._patient:
            self.said = ""
        self._patient, self._change, self.is_asking = str(patient_id), str(found.id) if found else "", False
        with i18n.use(self._locale()):
            day = i18n.format_brief_date(found.changed_at.date()) if found else ""
            self.changed = _(CHANGED[found.kind]).format(day=day) if found else ""
