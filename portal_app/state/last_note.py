"""What was written at the visit before, beside the one that goes on."""

from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import _
from portal_app.features.notes import service as notes
from portal_app.state import note_words
from portal_app.state.base import PortalState, handles


class LastNote(PortalState, rx.State):
    """The last signed note of the patient whose visit is open."""

    when: str = ""
    diagnoses: str = ""
    note: list[dict[str, str]] = []
    addenda: list[dict[str, str]] = []
    signed: str = ""

    @handles("notes.read")
    async def on_load(self) -> None:
        """Show it, or nothing where there is none."""
        self.when = self.diagnoses = self.signed = ""
        self.note, self.addenda = [], []
        try:
            appointment_id = UUID(self.router.url.query_parameters.get("id", ""))
        except ValueError:
            return
        async with db.opened().act_as(self._credential(), "notes.read") as tx:
            found = await notes.last_note(tx, appointment_id)
        if found is None:
            return
        with i18n.use(self._locale()):
            self.when = i18n.format_moment(found.starts_at, found.zone)
            named = [f"{one.words} ({one.code})" for one in found.diagnoses]
            self.diagnoses = _("Diagnoses: {names}").format(names="; ".join(named)) if named else ""
            self.note = note_words.note_rows(found.note)
            self.addenda = note_words.addenda_rows(found.note, found.zone)
            self.signed = note_words.signed_words(found.note, found.zone)
