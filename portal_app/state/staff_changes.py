"""What a patient said about their lists, for the care team to decide one by one. Live."""

from collections.abc import Awaitable, Callable

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import _
from portal_app.features.chart import service as chart
from portal_app.state import chart_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id
from portal_app.state.staff_lists import whose
from portal_app.state.staff_patients import birth_words

PARTS = ("name", "how", "reaction", "severity")


class StaffChanges(PortalState, rx.State):
    """The changes of the patient, or of the visit, in the address. `deciding` is the one whose form is open."""

    is_ready: bool = False
    name: str = ""
    about: str = ""
    rows: list[dict[str, str]] = []
    unknown: list[dict[str, str]] = []
    decided: list[dict[str, str]] = []
    summary: str = ""
    deciding: str = ""
    is_declining: bool = False
    typed: dict[str, str] = dict.fromkeys(PARTS, "")
    news: str = ""
    error: str = ""
    error_field: str = ""
    attempt: str = ""
    _patient: str = ""

    @handles("chart.read")
    async def on_load(self) -> None:
        """Show the changes and follow what becomes of them."""
        self.deciding = self.news = self.error = self.error_field = self._patient = self.name = ""
        self.rows, self.unknown, self.decided = [], [], []
        try:
            async with db.opened().act_as(self._credential(), "chart.read") as tx:
                patient_id = await whose(tx, self.router.url.query_parameters)
                person = await chart.listed_person(tx, patient_id)
                self._patient, self.name = str(patient_id), person.name
                with i18n.use(self._locale()):
                    self.about = f"{birth_words(person.birth_date)} · {i18n.language_list([person.language])}"
                await self._show(tx, is_repeated=False)
        except NotFound:
            self.is_ready = True
            return
        self._watch(f"chart:{self._patient}")

    @handles("chart.write")
    async def on_open(self, change_id: str, is_declining: bool) -> None:
        """Open the form to take a change over, with the patient's words in it, or to say why not."""
        self.error = self.error_field = self.news = ""
        row = next((one for one in self.rows if one["id"] == change_id), None)
        if row is not None:
            self.deciding, self.is_declining = change_id, is_declining
            self.typed = {part: row[f"said-{part}"] for part in PARTS}

    @handles("chart.write")
    async def on_close(self) -> None:
        """Close the form; nothing is decided."""
        self.deciding = self.error = self.error_field = ""

    @handles("chart.write", writes=True)
    async def on_take(self, change_id: str, version: str) -> None:
        """Take a change over that leaves nothing to write."""
        await self._decide(lambda tx: chart.take_change(tx, known_id(change_id), _number(version), {}))

    @handles("chart.write", writes=True)
    async def on_take_written(self, form: dict[str, str]) -> None:
        """Take a change over in the words of the form."""
        typed = {part: str(form[f"list-{part}"])[:2000] for part in PARTS if f"list-{part}" in form}
        change_id, version = str(form.get("change", "")), _number(str(form.get("version", "")))
        await self._decide(lambda tx: chart.take_change(tx, known_id(change_id), version, typed))

    @handles("chart.write", writes=True)
    async def on_decline(self, form: dict[str, str]) -> None:
        """Leave the list as it is, and say why."""
        change_id, reason = str(form.get("change", "")), str(form.get("reason", ""))[:2000]
        await self._decide(lambda tx: chart.decline_change(tx, known_id(change_id), reason))

    async def _decide(self, act: Callable[[db.Transaction], Awaitable[None]]) -> None:
        self.error = self.error_field = self.news = ""
        self.attempt = clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "chart.write") as tx:
                await act(tx)
                await self._show(tx)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            # The lists may be open for writing on the same page: the fields of both have names of their own.
            self.error_field = error.field if error.field == "reason" else f"list-{error.field}"
            return
        except (chart.ChangeDecided, chart.EntryMovedOn, chart.AllergiesKnown, chart.ListFull) as error:
            self.deciding = ""
            await self._refresh()
            with i18n.use(self._locale()):
                self.error, self.error_field = _(error.message), "changes"
            return
        self.deciding = ""
        with i18n.use(self._locale()):
            self.news = _("Decided. The patient sees it at once.")

    async def _refresh(self) -> None:
        if self._patient:
            async with db.opened().act_as(self._credential(), "chart.read") as tx:
                await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        found = await chart.lists_of(tx, known_id(self._patient), is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.rows = [_row(one, found) for one in found.proposed()]
            self.unknown = [
                {"id": str(one.id), "what": words.change_title(one, found), "told": words.told_words(one, found.zone)}
                for one in found.changes if _is_open_question(one, found)
            ]  # fmt: skip
            self.decided = [_decided(one, found) for one in found.changes if one.status in ("taken", "declined")][:10]
            self.summary = i18n.format_number(len(self.rows))
        if self.deciding not in {one["id"] for one in self.rows}:
            self.deciding = ""
        self.is_ready = True


def _is_open_question(one: chart.Change, found: chart.Lists) -> bool:
    """Tell whether somebody does not know something that still stands as they saw it, and has not said since."""
    entry = found.entry(one.entry_id)
    later = [other for other in found.changes if other.entry_id == one.entry_id and other.told_at > one.told_at]
    is_of_now = entry is not None and entry.status == "active" and entry.version == one.entry_version
    return one.verb == "unknown" and is_of_now and not later


def _row(one: chart.Change, found: chart.Lists) -> dict[str, str]:
    entry = found.entry(one.entry_id)
    what = words.change_title(one, found)
    part = "reaction" if one.kind == "allergy" else "how"
    content = {**(entry.content if entry else {}), **one.content}
    if one.verb == "differs":
        content[part] = one.content.get("words", "")
    return {
        "id": str(one.id), "what": what, "said": words.own_words(one), "lang": one.locale,
        "told": words.told_words(one, found.zone), "version": str(entry.version) if entry else "0",
        "now": words.in_short(entry) if entry else "", "kind": one.kind, "verb": one.verb,
        "writes": "yes" if one.verb in ("differs", "new") else "",
        "take": words.named(_("Take over"), what), "leave": words.named(_("Leave the list as it is"), what),
        **{f"said-{name}": content.get(name, "") for name in PARTS},
    }  # fmt: skip


def _decided(one: chart.Change, found: chart.Lists) -> dict[str, str]:
    status = _("Taken over") if one.status == "taken" else _("Left as it was")
    day = words.day(one.decided_at, found.zone) if one.decided_at else ""
    by = _("{name}, {day}").format(name=one.decided_name, day=day)
    said = " · ".join(filter(None, (words.own_words(one), by, one.reason)))
    return {"id": str(one.id), "what": words.change_title(one, found), "detail": said, "status": status,
            "tone": "good" if one.status == "taken" else "plain"}  # fmt: skip


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1
