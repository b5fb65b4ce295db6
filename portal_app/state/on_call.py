"""Who is on call: the turns that run and those to come, put in and taken away by a manager. Live."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.alerts import on_call
from portal_app.features.alerts.policies import KEEP_ROSTER
from portal_app.features.alerts.views import NewTurn, Roster, StaffView, TurnView
from portal_app.features.practice import service as practice
from portal_app.state import alert_words as words
from portal_app.state import booking_words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id, picked_id
from portal_app.state.schedule_forms import day_of, time_of
from portal_app.state.who_looked_words import ROLES

RANKS = {1: N_("First on call"), 2: N_("Second on call")}


class OnCall(PortalState, rx.State):
    """The roster. `typed` is what stands in the form, which `form_key` makes anew."""

    is_ready: bool = False
    can_keep: bool = False
    zone: str = ""
    now_said: str = ""
    gaps: list[str] = []
    turns: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    typed: dict[str, str] = {}
    form_key: str = ""
    news: str = ""
    problem: str = ""
    error: str = ""
    error_field: str = ""
    attempt: str = ""
    _zone: str = "UTC"
    _kept: dict[str, dict[str, str]] = {}

    @handles("alerts.view_roster")
    async def on_load(self) -> None:
        """Fill the list and follow its changes."""
        self._clear()
        async with db.opened().act_as(self._credential(), "alerts.view_roster") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self._begin({})
        self._watch("alerts:roster")

    @handles("alerts.keep_roster", writes=True)
    async def on_add(self, form: dict[str, Any]) -> None:
        """Put somebody on call."""
        self._clear()
        self.typed = {name: str(value) for name, value in form.items()}
        self.attempt = clock.now().isoformat()
        try:
            new = self._read(self.typed)
            async with db.opened().act_as(self._credential(), "alerts.keep_roster") as tx:
                await on_call.add_turn(tx, new)
        except InputRefused as error:
            self.error_field = error.field
            with i18n.use(self._locale()):
                self.error = _(error.reason)
        await self._refresh()
        if not self.error:
            self._say(N_("They are on call then. The list shows it."))
            self._begin({})

    @handles("alerts.keep_roster", writes=True)
    async def on_remove(self, turn_id: str) -> None:
        """Take a turn away; what it was stands in the form, to be put in again."""
        self._clear()
        try:
            async with db.opened().act_as(self._credential(), "alerts.keep_roster") as tx:
                await on_call.remove_turn(tx, picked_id(turn_id, "turn"))
        except PortalError as error:
            with i18n.use(self._locale()):
                self.problem = _(error.reason if isinstance(error, InputRefused) else error.message)
        kept = self._kept.get(turn_id, {})
        await self._refresh()
        if not self.problem:
            self._say(N_("Removed. To take that back, put it in again: the form below is filled in."))
            self._begin(kept)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "alerts.view_roster") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        found = await on_call.roster(tx)
        self.can_keep = KEEP_ROSTER.is_allowed(tx.actor)
        staff = await on_call.staff_to_call(tx) if self.can_keep else []
        self._zone = found.zone
        with i18n.use(self._locale()):
            self.people = _people(staff)
            self.now_said = words.on_now_words([one.name for one in found.on_now()])
            self.zone = booking_words.zone_words(found.now, found.zone)
            self.gaps = [_span(begins, ends, found.zone) for begins, ends in found.gaps]
            self.turns = [_row(one, found) for one in found.turns]
        self._kept = {str(one.id): _as_typed(one, found.zone) for one in found.turns}
        self.is_ready = True

    def _begin(self, typed: dict[str, str]) -> None:
        self.typed, self.form_key = typed or {"rank": "1"}, str(uuid4())

    def _read(self, form: dict[str, str]) -> NewTurn:
        rank = form.get("rank", "")
        return NewTurn(
            known_id(form.get("key", "")),
            picked_id(form.get("person", ""), "person"),
            int(rank) if rank in ("1", "2") else 0,
            self._moment(form, "from"),
            self._moment(form, "until"),
            form.get("phone", "")[:40],
        )

    def _moment(self, form: dict[str, str], part: str) -> datetime:
        day, at = day_of(form, f"{part}-day"), time_of(form, f"{part}-time")
        return datetime.combine(day, at, ZoneInfo(self._zone)).astimezone(clock.now().tzinfo)

    def _say(self, news: str) -> None:
        with i18n.use(self._locale()):
            self.news = _(news)

    def _clear(self) -> None:
        self.error = self.error_field = self.news = self.problem = ""


def _people(staff: Sequence[StaffView]) -> list[dict[str, str]]:
    """Return who may be on call with what tells them apart; the address, too, of those who would still look alike."""
    about = [_about(one) for one in staff]
    alike = Counter((one.name, said) for one, said in zip(staff, about, strict=True))
    return [
        {
            "value": str(one.person_id),
            "label": one.name,
            "detail": f"{said} · {one.email}" if alike[one.name, said] > 1 and one.email else said,
        }
        for one, said in zip(staff, about, strict=True)
    ]


def _about(one: StaffView) -> str:
    roles = [_(ROLES[role]) for role in one.roles]
    specialty = practice.name_in(one.specialty, i18n.current()) if one.specialty else ""
    return " · ".join(filter(None, (*roles, specialty, *one.locations)))


def _span(begins: datetime, ends: datetime, zone: str) -> str:
    return _("From {start} until {end}").format(
        start=i18n.format_moment(begins, zone), end=i18n.format_moment(ends, zone)
    )


def _row(one: TurnView, roster: Roster) -> dict[str, str]:
    runs = one.starts_at <= roster.now
    way = words.listed([_("Text message"), _("e-mail")]) if one.has_phone else _("E-mail only")
    return {
        "id": str(one.id),
        "who": one.name,
        "rank": _(RANKS[one.rank]),
        "from": booking_words.moment_words(one.starts_at, roster.zone),
        "until": booking_words.moment_words(one.ends_at, roster.zone),
        "way": way,
        "phone": one.phone,
        "tag": _("Does not read alerts any more: counts as a gap") if not one.is_fit else _("Now") if runs else "",
        "tone": "good" if one.is_fit else "critical",
        "step": _("End it now") if runs else _("Remove"),
    }


def _as_typed(one: TurnView, zone: str) -> dict[str, str]:
    begins, ends = (moment.astimezone(ZoneInfo(zone)) for moment in (one.starts_at, one.ends_at))
    return {
        "person": str(one.person_id),
        "rank": str(one.rank),
        "from-day": begins.date().isoformat(),
        "from-time": _clock(begins.time()),
        "until-day": ends.date().isoformat(),
        "until-time": _clock(ends.time()),
        "phone": one.phone,
    }


def _clock(at: time) -> str:
    return at.strftime("%H:%M")
