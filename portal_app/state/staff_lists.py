"""Somebody's lists of medicines and allergies, as the care team keeps them. Live."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.chart import service as chart
from portal_app.features.notes import service as notes
from portal_app.features.patients import service as patients
from portal_app.state import chart_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

Row = dict[str, str | list[dict[str, str]]]
_NO_DAY = N_("Write a day that has been, or leave it empty.")
PARTS = ("name", "how", "why", "prescriber", "reaction", "severity")


class StaffLists(PortalState, rx.State):
    """The lists of the patient, or of the visit, in the address. `writing` is an entry's id, or a kind to add."""

    is_ready: bool = False
    is_missing: bool = False
    medicines: list[Row] = []
    allergies: list[Row] = []
    history: list[dict[str, str]] = []
    can_say_none: bool = False
    chart_href: str = ""
    writing: str = ""
    kind: str = ""
    version: str = ""
    typed: dict[str, str] = dict.fromkeys((*PARTS, "since-day", "since-month", "since-year"), "")
    severities: list[dict[str, str]] = []
    key: str = ""
    news: str = ""
    error: str = ""
    error_field: str = ""
    attempt: str = ""
    _patient: str = ""
    _entries: dict[str, chart.Entry] = {}

    @handles("chart.read")
    async def on_load(self) -> None:
        """Show the lists and follow their changes."""
        self.writing = self.news = self.error = self.error_field = self._patient = ""
        self.key, self.is_missing, self._entries = str(uuid4()), False, {}
        async with db.opened().act_as(self._credential(), "chart.read") as tx:
            await (await self.get_state(Frame))._fill(tx)
            try:
                self._patient = str(await whose(tx, self.router.url.query_parameters))
                await self._show(tx, is_repeated=False)
            except NotFound:
                self.is_missing = True
        self.is_ready = True
        if self._patient:
            self._watch(f"chart:{self._patient}")

    @handles("chart.write")
    async def on_write(self, target: str) -> None:
        """Open the form for an entry, or for a new one of a kind."""
        self.error = self.error_field = self.news = ""
        entry = self._entries.get(target)
        if entry is None and target not in ("medication", "allergy"):
            return
        content = entry.content if entry else {}
        self.writing, self.kind = target, entry.kind if entry else target
        self.version = str(entry.version) if entry else ""
        self.typed = {part: content.get(part, "") for part in PARTS}
        self.typed |= words.date_parts(entry.since_on if entry else None)

    @handles("chart.write")
    async def on_close(self) -> None:
        """Close the form and keep nothing of it."""
        self.writing = self.error = self.error_field = ""

    @handles("chart.write", writes=True)
    async def on_save(self, form: dict[str, str]) -> None:
        """Keep what was typed, over the version that it was typed over; the form's own key makes two taps one."""
        typed = {part: str(form.get(part, ""))[:2000] for part in PARTS}
        entry, kind = str(form.get("entry", "")), str(form.get("kind", ""))

        async def act(tx: db.Transaction) -> None:
            since = _day(form)
            if entry in ("medication", "allergy"):
                await chart.add_entry(tx, known_id(self._patient), kind, typed, since, known_id(str(form.get("key"))))
            else:
                await chart.change_entry(tx, known_id(entry), _number(str(form.get("version"))), typed, since)

        await self._keep(act)

    @handles("chart.write", writes=True)
    async def on_end(self, entry_id: str, version: str, why: str) -> None:
        """Take an entry off its list, as it was shown: it ended ("stopped"), or was never true ("wrong")."""
        await self._keep(lambda tx: chart.end_entry(tx, known_id(entry_id), _number(version), was_wrong=why == "wrong"))

    @handles("chart.write", writes=True)
    async def on_private(self, entry_id: str, version: str, answer: str) -> None:
        """Keep an entry from whoever acts for the patient ("yes"), or show it to them."""
        await self._keep(
            lambda tx: chart.keep_to_patient(tx, known_id(entry_id), _number(version), is_private=answer == "yes")
        )

    @handles("chart.write", writes=True)
    async def on_none(self, key: str) -> None:
        """Write down that there are no known allergies."""
        await self._keep(lambda tx: chart.say_no_allergies(tx, known_id(self._patient), known_id(key)))

    async def _keep(self, act: Callable[[db.Transaction], Awaitable[None]]) -> None:
        self.error = self.error_field = self.news = ""
        self.attempt = clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "chart.write") as tx:
                await act(tx)
                await self._show(tx, is_repeated=True)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.error, self.error_field = _(error.reason), error.field
            return
        except (chart.EntryMovedOn, chart.AllergiesKnown, chart.ListFull) as error:
            self.writing = ""
            await self._refresh()
            with i18n.use(self._locale()):
                self.error, self.error_field = _(error.message), "lists"
            return
        self.writing, self.key = "", str(uuid4())
        with i18n.use(self._locale()):
            self.news = _("Saved. The patient sees it at once.")

    async def _refresh(self) -> None:
        if self._patient:
            async with db.opened().act_as(self._credential(), "chart.read") as tx:
                await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        found = await chart.lists_of(tx, known_id(self._patient), is_repeated=is_repeated)
        before = await chart.history_of(tx, found.patient_id)
        self.chart_href = i18n.localized_path(self._locale(), f"/staff/chart?patient={self._patient}")
        self._entries = {str(one.id): one for one in found.standing("medication", "allergy")}
        with i18n.use(self._locale()):
            self.severities = words.severities()
            self.medicines = [_row(one, found.zone) for one in found.standing("medication")]
            self.allergies = [_row(one, found.zone) for one in found.standing("allergy", "no_allergies")]
            self.history = [_ended(one, found.zone) for one in found.entries if one.status != "active"]
            self.history += [_before(one, found) for one in before if found.entry(one.entry_id)]
        self.can_say_none = not self.allergies


async def whose(tx: db.Transaction, asked: Mapping[str, str]) -> UUID:
    """Return whose chart an address is about: it names a patient, or an appointment by its id. Raises NotFound."""
    if asked.get("patient"):
        return known_id(asked["patient"])
    visit = await notes.visit_at_work(tx, known_id(asked.get("id", "")), is_repeated=True)
    return visit.patient_id


def _row(one: chart.Entry, zone: str) -> Row:
    name = words.entry_title(one)
    private = _("Show to caregivers") if one.is_private else _("Keep from caregivers")
    return {
        "id": str(one.id), "version": str(one.version), "name": name, "facts": words.entry_facts(one),
        "short": words.in_short(one), "written": words.written_words(one, zone),
        "is_private": "yes" if one.is_private else "", "is_none": "yes" if one.kind == "no_allergies" else "",
        "change": words.named(_("Change"), name), "stop": words.named(_("Has ended"), name),
        "wrong": words.named(_("Was a mistake"), name), "private": private, "private_name": words.named(private, name),
        "private_to": "" if one.is_private else "yes",
    }  # fmt: skip


def _ended(one: chart.Entry, zone: str) -> dict[str, str]:
    when = words.day(one.written_at, zone)
    said = _("Ended, {name}, {day}").format(name=one.written_name, day=when)
    return {"key": str(one.id), "what": words.entry_title(one), "detail": said}


def _before(one: chart.EntryVersion, found: chart.Lists) -> dict[str, str]:
    how = one.content.get("how") or one.content.get("reaction") or ""
    said = _("Before: {what}").format(what=how) if how else _("Before")
    by = _("{name}, {day}").format(name=one.written_name, day=words.day(one.written_at, found.zone))
    return {
        "key": f"{one.entry_id}-{one.version}", "what": one.content.get("name", "") or _("No known allergies"),
        "detail": f"{said} · {by}",
    }  # fmt: skip


def _day(form: dict[str, str]) -> date | None:
    parts = [str(form.get(f"since-{part}", ""))[:20] for part in ("day", "month", "year")]
    if not any(part.strip() for part in parts):
        return None
    read = patients.read_day(*parts)
    if read is None:
        raise InputRefused("since", _NO_DAY)
    return read


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1
