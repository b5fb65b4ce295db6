"""Who acts for a patient, as the front desk sees it, and setting somebody with the document that justifies it."""

from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.access import caregivers, rules, set_caregivers
from portal_app.features.access.errors import CaregiverAlready
from portal_app.features.access.views import CaregiverView, ShareForm
from portal_app.features.patients import service as patients
from portal_app.state import share_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.staff_state import StaffState

_NO_FILE = N_("Choose a picture (JPEG, PNG, WebP) or a PDF file of up to 15 megabytes.")


class StaffCaregivers(PortalState, rx.State):
    """The caregivers of one chart."""

    is_ready: bool = False
    is_missing: bool = False
    name: str = ""
    upload: str = ""
    chart_href: str = ""
    rows: list[dict[str, str | list[str]]] = []
    has_document: bool = False
    kinds: list[dict[str, str]] = []
    relationships: list[dict[str, str]] = []
    lives: list[dict[str, str]] = []
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    news: str = ""
    _patient: str = ""
    _document: str = ""
    _key: str = ""

    @handles("access.set_caregiver")
    async def on_load(self) -> None:
        """Show who acts for the patient; with a document just kept, the form too."""
        asked = self.router.url.query_parameters
        self._patient, self._document, self._key = asked.get("patient", ""), asked.get("document", ""), str(uuid4())
        self.error = self.error_field = self.news = ""
        self.has_document, self.is_missing = self._document != "", False
        async with db.opened().act_as(self._credential(), "access.set_caregiver") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self._patient = self._patient or await _chart_of(tx, asked.get("relation", ""))
            await self._show(tx)
        with i18n.use(self._locale()):
            self.kinds, self.relationships = say.choices(say.DOCUMENTS), say.choices(say.RELATIONSHIPS)
            self.lives = say.choices(say.LIVES)
            if asked.get("problem") == "document":
                self.error_field, self.error = "document", _(_NO_FILE)
                self.attempt = clock.now().isoformat()
        self.is_ready = True
        if not self.is_missing:
            self._watch(f"caregivers:{self._patient}")

    @handles("access.set_caregiver", writes=True)
    async def on_send(self, form: dict[str, str]) -> None:
        """Send the invitation, or say what needs another look."""
        self.error, self.error_field, self.attempt = "", "", clock.now().isoformat()
        typed = {name: str(form.get(name, ""))[:600] for name in ("name", "email", "relationship", "until")}
        wanted = ShareForm(**typed, ticked=rules.chosen_shares(form))
        try:
            async with db.opened().act_as(self._credential(), "access.set_caregiver") as tx:
                await set_caregivers.set_caregiver(
                    tx, known_id(self._patient), wanted, UUID(self._key), document_id=known_id(self._document),
                    kind=str(form.get("kind", "")), note=str(form.get("note", "")),
                )  # fmt: skip
                await self._show(tx)
        except (InputRefused, CaregiverAlready) as error:
            self.error_field = error.field if isinstance(error, InputRefused) else "email"
            with i18n.use(self._locale()):
                self.error = _(error.reason if isinstance(error, InputRefused) else error.message)
            return
        self.has_document = False
        with i18n.use(self._locale()):
            self.news = _("The invitation is on its way by e-mail. It counts for seven days.")

    @handles("access.set_caregiver", writes=True)
    async def on_end(self, relation_id: str) -> None:
        """End what somebody may do, at once."""
        async with db.opened().act_as(self._credential(), "access.set_caregiver") as tx:
            await set_caregivers.end_set_caregiver(tx, known_id(self._patient), known_id(relation_id))
            await self._show(tx)
        with i18n.use(self._locale()):
            self.news = _("Ended. It counts at once, on open pages too.")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "access.set_caregiver") as tx:
            await self._show(tx)

    async def _show(self, tx: Transaction) -> None:
        try:
            found = await patients.patient(tx, known_id(self._patient))
        except NotFound:
            self.is_missing = True
            return
        related = await caregivers.list_caregivers(tx, found.id)
        self.name, self.upload = found.said_name, f"/documents/of/{found.id}"
        with i18n.use(self._locale()):
            self.chart_href = i18n.localized_path(i18n.current(), f"/staff/patients/{found.id}")
            self.rows = [_row(one, found.id) for one in related]
        names = {str(one.id): one.name for one in related}
        await (await self.get_state(StaffState))._show(tx, found.id, names)


async def _chart_of(tx: Transaction, relation_id: str) -> str:
    """Return whose caregiver it is, as a task names it; "" if the desk may not know."""
    try:
        return str(await set_caregivers.chart_of_caregiver(tx, known_id(relation_id)))
    except NotFound:
        return ""


def _row(one: CaregiverView, patient: UUID) -> dict[str, str | list[str]]:
    words, tone = say.STAFF_STATUSES[one.status]
    return {
        "id": str(one.id),
        "name_given": one.name,
        "relationship": _(say.RELATIONSHIPS[one.relationship]),
        "status": _(words),
        "tone": tone,
        "shares": say.share_lines(one.ticked),
        "until": say.until_words(one.valid_until, "UTC"),
        "document": _(say.DOCUMENTS[one.document_kind]) if one.document_kind else _("Invited by the patient"),
        "note_given": one.note,
        "file_href": f"/files/{one.document_id}" if one.document_id else "",
        "state": "open" if one.is_open else "",
        "limits_href": i18n.localized_path(
            i18n.current(), f"/staff/caregivers/limits?patient={patient}&relation={one.id}"
        ),
    }
