"""Ending a visit: diagnoses, summary, charge, signature; one step after the other, each kept with the note."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotFound, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.billing import service as billing
from portal_app.features.notes import rules
from portal_app.features.notes import service as notes
from portal_app.features.practice import service as practice
from portal_app.state import ending_words, note_words
from portal_app.state.base import PortalState, handles
from portal_app.state.visit_note import VisitNote

STEPS: Final = ("note", "diagnoses", "summary", "charge", "sign")
REFUSED: Final[Mapping[str, str]] = {
    "number": N_("Write a number here, in figures, that can be true."),
    "long": N_("This is too long. Say it shorter."),
    "missing": N_("Write the name of the medicine, and choose when it is taken."),
}
INCOMPLETE: Final = N_("Pick at least what you found, when to call, and when to come again.")
NO_DIAGNOSIS: Final = N_("Choose at least one diagnosis: the charge needs it.")


class VisitEnding(PortalState, rx.State):
    """The steps after the note. What was picked is in the note's own row, under its version."""

    step: str = "note"
    is_held: bool = False
    found: list[dict[str, str]] = []
    chosen: list[dict[str, str]] = []
    picked: dict[str, str] = {}
    medicines: list[dict[str, str]] = []
    moment: str = ""
    problem: str = ""
    wrong: str = ""
    wrong_words: str = ""
    modality: str = ""
    patient_place: str = ""
    asks_place: bool = False
    services: list[dict[str, str]] = []
    service: str = ""
    facts: list[dict[str, str]] = []
    preview: list[dict[str, Any]] = []
    preview_language: str = ""
    charge: list[dict[str, str]] = []

    @handles("notes.read")
    async def on_load(self) -> None:
        """Begin with the note; the picks of before are still there."""
        self.step, self.found, self.services = "note", [], []
        self.problem = self.wrong = ""
        note = await self.get_state(VisitNote)
        if note.is_missing or not note._id:
            return
        async with db.opened().act_as(self._credential(), "notes.read") as tx:
            visit = await notes.visit_at_work(tx, UUID(note._id), is_repeated=True)
            self.is_held = notes.is_held(visit.status, visit.starts_at)
            if note.is_signed and note.can_write:
                await self._show_charge(tx, note._id)
        self._draw(note._ending)

    @handles("notes.write", writes=True)
    async def on_end(self, form: dict[str, str]) -> None:
        """Save the note whole, note that the visit has ended, and go on to the diagnoses."""
        note = await self.get_state(VisitNote)
        ended = {"ended_at": clock.now().isoformat()} if "ended_at" not in note._ending else {}
        content = {part: str(form.get(part, "")) for part in rules.SECTIONS}
        if await note._save(content, note._ending | ended):
            self._go("diagnoses")

    @handles("notes.write")
    async def on_step(self, step: str) -> None:
        """Go back to a step."""
        if step in STEPS[: STEPS.index(self.step)]:
            self._go(step)

    @handles("notes.read")
    async def on_search(self, typed: str) -> None:
        """Look for diagnoses."""
        async with db.opened().act_as(self._credential(), "notes.read") as tx:
            self.found = [{"code": one.code, "words": one.words} for one in await notes.find_diagnoses(tx, typed)]

    @handles("notes.write", writes=True)
    async def on_add(self, code: str) -> None:
        """Choose a diagnosis."""
        listed = [one for one in self.found if one["code"] == code]
        known = {one["code"] for one in self.chosen}
        if listed and code not in known and len(self.chosen) < rules.DIAGNOSES_MAX:
            await self._keep(diagnoses=[*self.chosen, listed[0]])

    @handles("notes.write", writes=True)
    async def on_remove(self, code: str) -> None:
        """Choose it no more."""
        await self._keep(diagnoses=[one for one in self.chosen if one["code"] != code])

    @handles("notes.write")
    async def on_diagnoses(self) -> None:
        """Go on once there is a diagnosis."""
        with i18n.use(self._locale()):
            self.problem = "" if self.chosen else _(NO_DIAGNOSIS)
        if self.chosen:
            self._go("summary")

    @handles("notes.write", writes=True)
    async def on_medicine(self, form: dict[str, str]) -> None:
        """Add a medicine to the summary."""
        note = await self.get_state(VisitNote)
        try:
            medicine = rules.read_medicine(form)
        except rules.Refused as error:
            self._refuse(error)
            return
        said = rules.to_json(rules.Summary(medicines=(medicine,)))["medicines"]
        summary = dict(note._ending.get("summary", {}))
        if len(summary.get("medicines", [])) < rules.MEDICINES_MAX:
            await self._keep(summary=summary | {"medicines": [*summary.get("medicines", []), *said]})
            self.moment = clock.now().isoformat()

    @handles("notes.write", writes=True)
    async def on_drop_medicine(self, place: str) -> None:
        """Take a medicine out of the summary."""
        note = await self.get_state(VisitNote)
        summary = dict(note._ending.get("summary", {}))
        left = [one for n, one in enumerate(summary.get("medicines", [])) if str(n) != place]
        await self._keep(summary=summary | {"medicines": left})

    @handles("notes.write", writes=True)
    async def on_summary(self, form: dict[str, str]) -> None:
        """Keep what was picked for the patient, and go on."""
        note = await self.get_state(VisitNote)
        try:
            said = rules.to_json(rules.read_form(form))
        except rules.Refused as error:
            self._refuse(error)
            return
        said["medicines"] = note._ending.get("summary", {}).get("medicines", [])
        if not await self._keep(summary=said):
            return
        complete = rules.from_json(said).is_complete()
        with i18n.use(self._locale()):
            self.problem = "" if complete else _(INCOMPLETE)
        if complete:
            async with db.opened().act_as(self._credential(), "notes.read") as tx:
                await self._ask_facts(tx)
            self._go("charge")

    @handles("notes.sign")
    async def on_service(self, typed: str) -> None:
        """Look for services of the practice's list."""
        async with db.opened().act_as(self._credential(), "notes.sign") as tx:
            self.services = ending_words.service_rows(await billing.find_services(tx, typed))

    @handles("notes.write", writes=True)
    async def on_charge(self, form: dict[str, str]) -> None:
        """Keep how the visit was held and what it is charged as, and show all of it before the signature."""
        held = {name: str(form.get(name, "")) for name in ("modality", "patient_place", "service")}
        modality = held["modality"] if self.asks_place else "in_person"
        place = held["patient_place"] if self.asks_place else "clinic"
        try:
            billing.telehealth_codes(modality, place)
        except ValueError:
            with i18n.use(self._locale()):
                self.problem = _("Say how the visit was held and where the patient was.")
            return
        if await self._keep(modality=modality, patient_place=place, service=held["service"]):
            async with db.opened().act_as(self._credential(), "notes.sign") as tx:
                await self._show_all(tx)
            self._go("sign")

    @handles("notes.sign", writes=True)
    async def on_sign(self, form: dict[str, str]) -> None:
        """Sign everything and send the summary."""
        note = await self.get_state(VisitNote)
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "notes.sign") as tx:
                await notes.sign_visit(
                    tx, UUID(note._id), note._version, await self._ending(tx, note, str(form.get("withheld", "")))
                )
                note._take(await notes.note(tx, UUID(note._id)))
                await self._show_charge(tx, note._id)
            self._go("done")
        except notes.NoteChanged as error:
            await note._clash(error)
            self._go("note")
        except PortalError as error:
            if isinstance(error, NotFound):
                raise
            with i18n.use(self._locale()):
                self.problem = _(error.message)

    def _go(self, step: str) -> None:
        self.step, self.problem, self.wrong, self.wrong_words = step, "", "", ""

    def _refuse(self, error: rules.Refused) -> None:
        with i18n.use(self._locale()):
            self.wrong, self.wrong_words = error.where, _(REFUSED[error.why])
            self.problem = _("One answer cannot be kept yet. It is marked below.")

    async def _keep(self, **picked: Any) -> bool:
        """Save what was picked with the note; where the note was changed elsewhere, go back and show it."""
        note = await self.get_state(VisitNote)
        if not await note._save(ending=note._ending | picked):
            self._go("note")
            return False
        self._draw(note._ending)
        self.problem = self.wrong = self.wrong_words = ""
        return True

    def _draw(self, ending: Mapping[str, Any]) -> None:
        summary = rules.from_json(ending.get("summary", {}))
        self.chosen = [dict(one) for one in ending.get("diagnoses", [])]
        self.service = ending.get("service", "")
        with i18n.use(self._locale()):
            self.picked = note_words.picked_fields(summary)
            self.medicines = ending_words.medicine_rows(summary)

    async def _facts(self, tx: db.Transaction, note: VisitNote) -> notes.Facts:
        visit = await notes.visit_at_work(tx, UUID(note._id), is_repeated=True)
        return await notes.facts_of(tx, visit, ending_words.moment(note._ending.get("ended_at", "")))

    async def _ask_facts(self, tx: db.Transaction) -> None:
        note = await self.get_state(VisitNote)
        facts = await self._facts(tx, note)
        self.asks_place = facts.modality != "in_person"
        self.modality = note._ending.get("modality") or facts.modality
        self.patient_place = note._ending.get("patient_place") or facts.patient_place
        with i18n.use(self._locale()):
            self.facts = ending_words.fact_rows(facts, note._zone)

    async def _ending(self, tx: db.Transaction, note: VisitNote, withheld: str) -> notes.Ending:
        facts, picked = await self._facts(tx, note), note._ending
        held = notes.Facts(
            picked.get("modality", ""), picked.get("patient_place", ""), facts.started_at, facts.ended_at, facts.people
        )
        codes = tuple(str(one["code"]) for one in picked.get("diagnoses", []))
        summary = rules.from_json(picked.get("summary", {}))
        written_in = self._locale() if self._locale() in i18n.LOCALES else i18n.DEFAULT_LOCALE
        return notes.Ending(codes, summary, held, picked.get("service", ""), withheld, written_in)

    async def _show_all(self, tx: db.Transaction) -> None:
        note = await self.get_state(VisitNote)
        visit = await notes.visit_at_work(tx, UUID(note._id), is_repeated=True)
        us, line = await practice.practice(tx), visit.language if visit.language in i18n.LOCALES else "en"
        with i18n.use(line):
            parts = notes.parts_of(
                rules.from_json(note._ending.get("summary", {})), phone=us.phone, emergency_phone=us.emergency_phone,
                written_in=self._locale(),
            )  # fmt: skip
            self.preview = note_words.part_rows(parts, line)
        self.preview_language = line

    async def _show_charge(self, tx: db.Transaction, appointment_id: str) -> None:
        found = await billing.charge_of(tx, UUID(appointment_id))
        with i18n.use(self._locale()):
            self.charge = ending_words.charge_rows(found)
