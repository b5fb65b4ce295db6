"""Go through one's own lists, one tap at a time; each tap is kept, and nothing changes a list by itself."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import _
from portal_app.features.chart import service as chart
from portal_app.features.practice import service as practice
from portal_app.state import chart_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.web.next_path import check_in_path

Row = dict[str, str | list[dict[str, str]]]
_REFUSED = (
    InputRefused, chart.EntryMovedOn, chart.AnswerSeen, chart.ReviewIncomplete, chart.ListFull,
)  # fmt: skip


class MedicationReview(PortalState, rx.State):
    """The page of one review. `writing` is what a form is open for: an entry's id, or a kind of entry to add."""

    is_ready: bool = False
    is_missing: bool = False
    is_done: bool = False
    medicines: list[Row] = []
    allergies: list[Row] = []
    added: list[dict[str, str]] = []
    can_say_none: bool = False
    writing: str = ""
    severities: list[dict[str, str]] = []
    key: str = ""
    back_href: str = ""
    check_in_href: str = ""
    saved: str = ""
    error: str = ""
    error_field: str = ""
    attempt: str = ""
    phone: str = ""
    _visit: str = ""

    @handles("chart.tell")
    async def on_load(self) -> None:
        """Show the lists with what was answered so far, for the visit of the address or for none."""
        self._visit = self.router.url.query_parameters.get("visit", "")
        self.writing = self.error = self.error_field = self.saved = ""
        self.key, self.is_missing = str(uuid4()), False
        self.back_href = i18n.localized_path(self._locale(), "/medications")
        async with db.opened().act_as(self._credential(), "chart.tell") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "bookings")).number
            await self._show(tx, is_repeated=False)
        self.check_in_href = "" if self.is_missing else check_in_path(self._locale(), self._visit)
        self.back_href = self.check_in_href or self.back_href
        self._watch(f"chart:{tx.actor.patient_id}")

    @handles("chart.tell", writes=True)
    async def on_answer(self, entry_id: str, version: str, verb: str) -> None:
        """Keep a tap; "differently" asks how first."""
        if verb == "differs":
            self.writing, self.error = entry_id, ""
            return
        await self._keep(lambda tx, visit: chart.answer(tx, visit, known_id(entry_id), _number(version), verb))

    @handles("chart.tell", writes=True)
    async def on_say(self, form: dict[str, str]) -> None:
        """Keep how something is, in one's own words."""
        entry_id, version, said = (str(form.get(name, ""))[:2000] for name in ("entry", "version", "words"))
        await self._keep(
            lambda tx, visit: chart.answer(tx, visit, known_id(entry_id), _number(version), "differs", said)
        )

    @handles("chart.tell")
    async def on_write(self, kind: str) -> None:
        """Open the form for something that is on no list."""
        self.writing, self.error = kind, ""

    @handles("chart.tell")
    async def on_close(self) -> None:
        """Close the form and keep nothing of it."""
        self.writing = self.error = self.error_field = ""

    @handles("chart.tell", writes=True)
    async def on_add(self, form: dict[str, str]) -> None:
        """Keep something that is on no list; the key that came with the form makes two taps one."""
        typed = {name: str(form.get(name, ""))[:2000] for name in ("name", "how", "why", "reaction", "severity")}
        kind, key = str(form.get("kind", "")), known_id(str(form.get("key", "")))
        await self._keep(lambda tx, visit: chart.add(tx, visit, kind, typed, key))

    @handles("chart.tell", writes=True)
    async def on_none(self, key: str) -> None:
        """Say that there are no allergies."""
        await self._keep(lambda tx, visit: chart.say_none(tx, visit, known_id(key)))

    @handles("chart.tell", writes=True)
    async def on_withdraw(self, change_id: str) -> None:
        """Take something back that was added."""
        await self._keep(lambda tx, _visit: chart.withdraw(tx, known_id(change_id)))

    @handles("chart.tell", writes=True)
    async def on_finish(self) -> EventSpec | None:
        """Say that this is all; whoever came from check-in goes on there."""
        await self._keep(chart.finish)
        return rx.redirect(self.check_in_href) if self.is_done and self.check_in_href else None

    async def _keep(self, act: Callable[[db.Transaction, UUID | None], Awaitable[None]]) -> None:
        self.error = self.error_field = self.saved = ""
        self.attempt = clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "chart.tell") as tx:
                with i18n.use(self._locale()):
                    await act(tx, known_id(self._visit) if self._visit else None)
                await self._show(tx, is_repeated=True)
        except _REFUSED as error:
            await self._refuse(error)
            return
        self.writing, self.key = "", str(uuid4())
        with i18n.use(self._locale()):
            self.saved = _("Saved.")

    async def _refuse(self, error: PortalError) -> None:
        if not isinstance(error, InputRefused):
            self.writing = ""
            await self._refresh()
        with i18n.use(self._locale()):
            self.error = _(error.reason) if isinstance(error, InputRefused) else _(error.message)
        self.error_field = error.field if isinstance(error, InputRefused) else "lists"

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "chart.tell") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        try:
            visit = known_id(self._visit) if self._visit else None
            found = await chart.review(tx, visit, is_repeated=is_repeated)
        except NotFound:
            self.is_missing = True
            return
        self.is_done = found.state == "done"
        with i18n.use(self._locale()):
            self.severities = words.severities()
            self.medicines = [_row(one, found) for one in found.lists.standing("medication")]
            self.allergies = [_row(one, found) for one in found.lists.standing("allergy", "no_allergies")]
            self.added = [_added(one) for one in found.added]
        none_said = any(one.verb == "none" for one in found.added)
        self.can_say_none = not self.allergies and not none_said


def _row(one: chart.Entry, found: chart.Review) -> Row:
    answer = found.answers.get(one.id)
    verb = answer.verb if answer and answer.entry_version == one.version else ""
    name = words.entry_title(one)
    choices = [
        {"value": code, "label": _(said), "chosen": "yes" if code == verb else "", "name": words.named(_(said), name)}
        for code, said in words.ANSWERS[one.kind].items()
    ]
    return {
        "id": str(one.id), "version": str(one.version), "name": name, "facts": words.entry_facts(one),
        "choices": choices, "said": words.own_words(answer) if answer and verb else "",
    }  # fmt: skip


def _added(one: chart.Change) -> dict[str, str]:
    name = one.content.get("name", "") or _("No allergies")
    is_open = one.status in ("noted", "proposed")
    return {
        "id": str(one.id), "name": name, "detail": words.own_words(one), "can_withdraw": "yes" if is_open else "",
        "button": _("Take back: {what}").format(what=name),
    }  # fmt: skip


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1
