"""The note of a visit while it is written: saved as it is typed, on its own page and beside the video."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import _
from portal_app.features.notes import service as notes
from portal_app.features.notes.rules import SECTIONS
from portal_app.state import booking_words as words
from portal_app.state import note_words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

EMPTY: Final = dict.fromkeys(SECTIONS, "")


class VisitNote(PortalState, rx.State):
    """The four parts of a note. `moment` changes when they are to be drawn anew, with other words in them."""

    is_ready: bool = False
    is_missing: bool = False
    is_signed: bool = False
    can_write: bool = False
    is_conflict: bool = False
    who: str = ""
    when: str = ""
    about: str = ""
    moment: str = ""
    typed: dict[str, str] = EMPTY
    saved: str = ""
    problem: str = ""
    wrong: str = ""
    wrong_words: str = ""
    theirs: list[dict[str, str]] = []
    theirs_by: str = ""
    note: list[dict[str, str]] = []
    addenda: list[dict[str, str]] = []
    signed: str = ""
    added: str = ""
    chart_href: str = ""
    own_href: str = ""
    _id: str = ""
    _zone: str = "UTC"
    _version: int = 0
    _content: dict[str, str] = EMPTY
    _ending: dict[str, Any] = {}
    _key: str = ""

    @handles("notes.read")
    async def on_load(self) -> None:
        """Open the note of the visit in the address."""
        await self._begin(self.router.url.path.rstrip("/").split("/")[-2])

    @handles("notes.read")
    async def on_load_beside(self) -> None:
        """Open the note beside the room of the visit in the address."""
        await self._begin(self.router.url.query_parameters.get("id", ""))

    @handles("notes.write", writes=True)
    async def on_brought(self, typed: str) -> None:
        """Save what brought them."""
        await self._type("brought", typed)

    @handles("notes.write", writes=True)
    async def on_found(self, typed: str) -> None:
        """Save what was found."""
        await self._type("found", typed)

    @handles("notes.write", writes=True)
    async def on_assessment(self, typed: str) -> None:
        """Save the assessment."""
        await self._type("assessment", typed)

    @handles("notes.write", writes=True)
    async def on_plan(self, typed: str) -> None:
        """Save the plan."""
        await self._type("plan", typed)

    @handles("notes.write", writes=True)
    async def on_keep_mine(self) -> None:
        """Save what stands here over what was written elsewhere, which the history keeps."""
        async with db.opened().act_as(self._credential(), "notes.write") as tx:
            standing = await notes.note(tx, known_id(self._id))
        self._version, self.is_conflict, self.problem = standing.version, False, ""
        await self._save()

    @handles("notes.read")
    async def on_take_theirs(self) -> None:
        """Show what was written elsewhere instead of what stands here."""
        async with db.opened().act_as(self._credential(), "notes.read") as tx:
            self._take(await notes.note(tx, known_id(self._id)))

    @handles("notes.write", writes=True)
    async def on_add(self, form: dict[str, str]) -> None:
        """Add words to the signed note."""
        self.problem = self.added = ""
        try:
            async with db.opened().act_as(self._credential(), "notes.write") as tx:
                await notes.add_to_note(tx, known_id(self._id), str(form.get("addendum", "")), UUID(self._key))
                self._take(await notes.note(tx, known_id(self._id)))
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.wrong, self.wrong_words = error.field, _(error.reason)
            return
        with i18n.use(self._locale()):
            self.added = _("Added. The patient can read it now.")

    async def _begin(self, appointment_id: str) -> None:
        self.is_ready, self.is_missing = False, False
        async with db.opened().act_as(self._credential(), "notes.read") as tx:
            await (await self.get_state(Frame))._fill(tx)
            try:
                await self._open(tx, known_id(appointment_id))
            except NotFound:
                self.is_ready, self.is_missing = True, True

    async def _open(self, tx: db.Transaction, appointment_id: UUID) -> None:
        """Show the note of a visit and follow its changes; for the room's state too. Raises NotFound."""
        visit = await notes.visit_at_work(tx, appointment_id)
        self._id, self._zone, self._key = str(appointment_id), visit.zone, str(uuid4())
        self.problem = self.added = self.wrong = self.saved = ""
        with i18n.use(self._locale()):
            self.who = visit.said_name
            self.when = " · ".join(
                filter(
                    None,
                    (
                        i18n.format_moment(visit.starts_at, visit.zone),
                        words.modality_words(visit.modality),
                        i18n.language_list([visit.language]),
                        visit.pronouns,
                    ),
                )
            )
            self.own_href = i18n.localized_path(self._locale(), f"/staff/visits/{appointment_id}/note")
            self.chart_href = i18n.localized_path(self._locale(), f"/staff/patients/{visit.patient_id}")
        self.about, self.can_write = visit.reason, notes.can_write(tx)
        self._take(await notes.note(tx, appointment_id))
        self.is_ready, self.is_missing = True, False
        self._watch(f"note:{appointment_id}")

    def _take(self, view: notes.NoteView) -> None:
        self._version, self._content = view.version, dict(view.content)
        self._ending, self.typed = dict(view.ending), dict(view.content)
        self.is_signed, self.is_conflict, self.problem = view.signed_at is not None, False, ""
        self.moment, self._key = str(uuid4()), str(uuid4())
        with i18n.use(self._locale()):
            self.note, self.addenda = note_words.note_rows(view), note_words.addenda_rows(view, self._zone)
            self.signed = note_words.signed_words(view, self._zone)
            self.saved = _saved_words(view.written_at, self._zone) if view.version else ""

    async def _type(self, part: str, typed: str) -> None:
        if self._content.get(part) == typed.strip() or self.is_signed:
            return
        self._content = self._content | {part: typed}
        await self._save()

    async def _save(self, content: Mapping[str, str] | None = None, ending: Mapping[str, Any] | None = None) -> bool:
        """Save what stands here, with what was picked for the ending; say so, or say why not."""
        self._content = dict(content if content is not None else self._content)
        self._ending = dict(ending if ending is not None else self._ending)
        self.wrong = self.wrong_words = ""
        if self.is_conflict:
            return False
        try:
            async with db.opened().act_as(self._credential(), "notes.write") as tx:
                self._version = await notes.save_note(
                    tx, known_id(self._id), self._version, self._content, self._ending
                )
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.wrong, self.wrong_words = error.field, _(error.reason)
            return False
        except (notes.NoteChanged, notes.NoteSigned) as error:
            await self._clash(error)
            return False
        with i18n.use(self._locale()):
            self.saved, self.problem = _saved_words(clock.now(), self._zone), ""
        return True

    async def _clash(self, error: PortalError) -> None:
        """Show what was written elsewhere, beside what stands here."""
        async with db.opened().act_as(self._credential(), "notes.read") as tx:
            standing = await notes.note(tx, known_id(self._id))
        if standing.signed_at is not None:
            self._take(standing)
        else:
            self.is_conflict = True
        with i18n.use(self._locale()):
            self.problem, self.theirs = _(error.message), note_words.note_rows(standing)
            self.theirs_by = _("Written by {who}, {when}").format(
                who=standing.written_by or _("a colleague"),
                when=i18n.format_clock(standing.written_at or clock.now(), self._zone),
            )

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "notes.read") as tx:
            standing = await notes.note(tx, known_id(self._id))
        if standing.signed_at is not None:
            self._take(standing)
        elif standing.version > self._version and self.can_write:
            await self._clash(notes.NoteChanged())
        elif not self.can_write:
            self._take(standing)


def _saved_words(when: Any, zone: str) -> str:
    return _("Saved at {time}").format(time=i18n.format_clock(when, zone))
