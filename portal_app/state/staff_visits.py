"""The clinician's board of today's video visits: who waits, how long, how ready they are. Live."""

from datetime import datetime, timedelta
from uuid import uuid4, uuid5

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import _, ngettext
from portal_app.features.practice import service as practice
from portal_app.features.visits import rules
from portal_app.features.visits import service as visits
from portal_app.state import booking_words as words
from portal_app.state import visit_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.running_late import RunningLate

LONG_WAIT_MIN = 10
ALL = "all"


class StaffVisits(PortalState, rx.State):
    """The board of video visits."""

    is_ready: bool = False
    subtitle: str = ""
    scope: str = ""
    scopes: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    news: str = ""
    problem: str = ""
    is_telling: bool = False
    words_error: str = ""
    sent: str = ""
    sent_turn: str = ""
    handing: str = ""
    handing_who: str = ""
    colleagues: list[dict[str, str]] = []
    calling: str = ""
    calling_number: str = ""
    moment: str = ""
    _own: str = ""
    _key: str = ""
    _is_seen: bool = False

    @handles("visits.host")
    async def on_load(self) -> None:
        """Show today's video visits: one's own, or everybody's for those who have none."""
        self.news = self.problem = self.handing = self.calling = ""
        self.is_telling, self._is_seen, self._key = False, False, str(uuid4())
        async with db.opened().act_as(self._credential(), "visits.host") as tx:
            await (await self.get_state(Frame))._fill(tx)
            own = await practice.own_practitioner_id(tx)
            self._own = str(own) if own else ""
            self.scope = self._own or ALL
            await self._show(tx)

    @handles("visits.host")
    async def on_scope(self, scope: str) -> None:
        """Show one clinician's visits, or all."""
        self.scope, self._is_seen = scope, False
        await self._refresh()

    @handles("visits.host")
    async def on_look(self) -> None:
        """Look again, so that the minutes of waiting are true."""
        await self._refresh()

    @handles("visits.host", writes=True)
    async def on_admit(self, appointment_id: str) -> EventSpec | None:
        """Let somebody in and go to the room with them."""
        row = next((one for one in self.rows if one["id"] == appointment_id), None)
        if row is None:
            return None
        try:
            async with db.opened().act_as(self._credential(), "visits.host") as tx:
                await visits.admit(tx, known_id(row["visit"]), known_id(row["participant"]))
        except (NotFound, visits.VisitNotBegun, visits.VisitOver, visits.VisitCalledOff) as error:
            await self._failed(error)
            return None
        return rx.redirect(row["href"])

    @handles("visits.host")
    async def on_tell(self) -> None:
        """Ask what to say to the waiting room."""
        self.is_telling, self.words_error = True, ""

    @handles("visits.host")
    async def on_close(self) -> None:
        """Say nothing, hand nothing over, call nobody."""
        self.is_telling, self.handing, self.calling = False, "", ""

    @handles("visits.host", writes=True)
    async def on_say(self, form: dict[str, str]) -> None:
        """Say something to everybody who waits; other words after a try that failed are another message."""
        words = str(form.get("words", ""))
        try:
            async with db.opened().act_as(self._credential(), "visits.host") as tx:
                key = uuid5(known_id(self._key), words.strip())
                await visits.tell_waiting_room(tx, known_id(self.scope), words, key)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.words_error = _(error.reason)
            return
        self._key = self.sent_turn = str(uuid4())
        self.is_telling, self.sent = False, words
        with i18n.use(self._locale()):
            self.news = _("Everybody who waits can read it now.")

    @handles("visits.host", writes=True)
    async def on_call_back(self, appointment_id: str) -> None:
        """Tell somebody who left to be called that it is their turn, and show the number to call."""
        row = next((one for one in self.rows if one["id"] == appointment_id), None)
        if row is None:
            return
        try:
            async with db.opened().act_as(self._credential(), "visits.host") as tx:
                called = await visits.call_back(tx, known_id(row["visit"]))
        except (NotFound, visits.VisitNotBegun) as error:
            await self._failed(error)
            return
        self.calling, self.calling_number = called.patient_name, called.number
        await self._refresh()

    @handles("visits.host")
    async def on_ask_hand_over(self, appointment_id: str) -> None:
        """Ask to whom a visit goes."""
        async with db.opened().act_as(self._credential(), "visits.host") as tx:
            visit_id = await visits.open_room(tx, known_id(appointment_id))
            found = await visits.room(tx, known_id(appointment_id), is_repeated=True)
            others = await visits.colleagues(tx, found.location_id, found.practitioner_id)
        self.handing, self.handing_who = str(visit_id), found.patient_name
        self.colleagues = [{"value": str(id_), "label": name} for id_, name in others]

    @handles("visits.host", writes=True)
    async def on_hand_over(self, practitioner_id: str) -> None:
        """Give the visit to a colleague; the patient moves along."""
        try:
            async with db.opened().act_as(self._credential(), "visits.host") as tx:
                await visits.hand_over(tx, known_id(self.handing), known_id(practitioner_id))
        except (NotFound, visits.VisitNotBegun) as error:
            await self._failed(error)
        self.handing = ""
        await self._refresh()

    async def _failed(self, error: PortalError) -> None:
        await self._refresh()
        with i18n.use(self._locale()):
            self.problem = _(error.message)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "visits.host") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        people = await practice.practitioners(tx)
        only = None if self.scope == ALL else known_id(self.scope)
        found = await visits.board(tx, only, is_repeated=self._is_seen)
        await (await self.get_state(RunningLate))._fill(tx, people, self._own)
        self._is_seen, self.moment = True, clock.now().isoformat()
        topics = [f"visits_of:{one.id}" for one in people if only in (None, one.id)]
        self._watch(*topics, *(f"visit:{row.visit_id}" for row in found if row.visit_id))
        with i18n.use(self._locale()):
            everybody = {"value": ALL, "label": _("Everybody's visits")}
            named = [{"value": str(one.id), "label": f"{one.title} {one.name}".strip()} for one in people]
            self.scopes = [everybody, *named]
            self.rows = [_row(one) for one in found]
            count = sum(1 for one in found if one.status == "waiting")
            self.subtitle = ngettext("{count} patient waits", "{count} patients wait", count).format(
                count=i18n.format_number(count)
            )
        self.is_ready = True


def _row(one: visits.BoardRow) -> dict[str, str]:
    now = clock.now()
    waits = round((now - one.waiting_since) / timedelta(minutes=1)) if one.waiting_since else 0
    is_waiting, is_over = one.status == "waiting", one.status in ("finished", "cancelled")
    state, tone = _state(one, waits)
    return {
        "id": str(one.appointment_id),
        "visit": str(one.visit_id or ""),
        "participant": str(one.participant_id or ""),
        "time": i18n.format_clock(one.starts_at, one.zone),
        "patient": one.patient_name,
        "age": i18n.format_number(words.age_on(one.birth_date, words.local_day(now, one.zone))),
        "reason": one.reason,
        "state": state,
        "tone": tone,
        "missing": "" if is_over else _missing(one, now),
        "licence": _("No licence where they are") if one.licence == "not_licensed" else "",
        "line": say.line_words(one.line) or ("" if is_over else _not_tested(one)),
        "trouble": "" if is_over else say.trouble_words(one.camera, one.microphone, one.speaker),
        "line_tone": {"good": "good", "weak": "caution"}.get(one.line, "plain"),
        "language": i18n.language_list([one.language]),
        "interpreter": _interpreter(one),
        "can_admit": "yes" if is_waiting and one.state == "waiting" else "",
        "can_call": "yes" if one.wants_call and one.status in ("planned", "waiting") else "",
        "can_open": "" if is_over else "yes",
        "can_hand_over": "yes" if one.status in ("planned", "waiting") else "",
        "row_tone": "now" if is_waiting or one.status == "in_progress" else "past" if is_over else "",
        "href": i18n.localized_path(i18n.current(), f"/staff/visit?id={one.appointment_id}"),
    }


def _state(one: visits.BoardRow, waits: int) -> tuple[str, str]:
    if one.status == "waiting":
        said = _("Waits {minutes}").format(minutes=say.minutes_words(waits))
        if one.wants_call:
            said = _("Has gone and wants a call, waits {minutes}").format(minutes=say.minutes_words(waits))
        if one.wants_call and one.is_called_back:
            said = _("Called back, waits {minutes}").format(minutes=say.minutes_words(waits))
        return said, "caution" if one.wants_call or waits > LONG_WAIT_MIN else "info"
    if one.appointment_status == "noshow":
        return _("Missed"), "caution"
    named = {
        "in_progress": (_("In the visit"), "good"),
        "finished": (_("Over"), "plain"),
        "cancelled": (_("Cancelled"), "plain"),
    }
    return named.get(one.status, (_("Not here yet"), "plain"))


def _missing(one: visits.BoardRow, now: datetime) -> str:
    """Say what whoever is here, or could be by now, has not said yet: before that nobody can say it."""
    is_due = one.starts_at - rules.JOIN_BEFORE <= now <= one.starts_at + rules.JOIN_BEFORE
    if one.is_said or not (is_due or one.waiting_since):
        return ""
    return _("Where they are and consent are missing")


def _not_tested(one: visits.BoardRow) -> str:
    return _("Skipped") if one.camera == "skipped" else _("Not tested")


def _interpreter(one: visits.BoardRow) -> str:
    if one.interpreter in ("admitted", "in"):
        return _("Interpreter is in")
    if one.interpreter:
        return _("Interpreter invited")
    return _("Interpreter needed") if one.is_interpreter_needed else ""
