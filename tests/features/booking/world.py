"""A small practice that many act on at once, and the rules that must hold whatever they did."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from portal_app.core.db import Database
from portal_app.core.errors import DatabaseAway, PortalError
from portal_app.features.booking import service
from portal_app.features.booking.views import BookingRequest, MoveRequest
from portal_app.features.waiting import service as waiting
from tests.conftest import Server
from tests.factories import Someone
from tests.features.booking.kept_rules import broken_rules
from tests.features.booking.practice_maker import Place, in_days

GRID_MIN = 30
TIMES_A_DAY = 4
_HOLDS = "select id from slot where held_until is not null for update skip locked"
_OFFERS = "select id from time_offer where status = 'open' for update skip locked"
_LAPSE = (
    f"update slot set held_until = now() - interval '1 second' where id in ({_HOLDS})",
    f"update time_offer set answer_by = now() - interval '1 second' where id in ({_OFFERS})",
)


def as_superuser(server: Server, url: str) -> str:
    """Return the address under which the superuser reaches a database."""
    database = make_url(url).database
    assert database
    return server.url(server.superuser, database)


@dataclass(frozen=True)
class Act:
    """One thing that somebody does: who, with which practitioner, at which of the day's times."""

    kind: str
    patient: int
    place: int
    time: int


@dataclass
class World:
    """Who there is, on a day nobody has touched yet, and what they were told."""

    database: Database
    superuser: str
    patients: Sequence[Someone]
    places: Sequence[Place]
    desk: Someone
    day: date = field(default_factory=lambda: in_days(2))
    wishes: dict[tuple[int, int, int], BookingRequest] = field(default_factory=dict)
    move_key: UUID | None = None
    told_booked: set[UUID] = field(default_factory=set)
    told_accepted: set[UUID] = field(default_factory=set)

    async def next_day(self) -> None:
        """Go on where nothing has happened yet, but that everybody waits for an earlier time."""
        self.day += timedelta(days=1)
        self.wishes.clear()
        self.told_booked.clear()
        self.told_accepted.clear()
        async with await psycopg.AsyncConnection.connect(self.superuser) as connection:
            # The books refuse it; there is nothing in them here.
            await connection.execute("set session_replication_role = replica")
            await connection.execute("truncate appointment, slot cascade")
        for number in range(len(self.patients)):
            await self._ask(Act("ask", number, number % len(self.places), 0))

    async def together(self, acts: Sequence[Act]) -> None:
        """Do all of it at once; what is refused must be refused by name."""
        outcomes = await asyncio.gather(*(self._outcome(act) for act in acts), return_exceptions=True)
        was_killed = any(act.kind == "kill" for act in acts)
        for outcome in outcomes:
            is_lost = isinstance(outcome, DatabaseAway | OperationalError | psycopg.OperationalError)
            if isinstance(outcome, BaseException) and not (
                isinstance(outcome, PortalError) or (is_lost and was_killed)
            ):
                raise outcome
            assert was_killed or not isinstance(outcome, DatabaseAway)

    async def _outcome(self, act: Act) -> None:
        await asyncio.sleep(random.random() * 0.01)
        await self.do(act)

    async def do(self, act: Act) -> None:
        """Do one thing, as whoever does it; what is refused is raised."""
        acts: dict[str, Any] = {
            "book": self._book, "hold": self._hold, "move": self._move, "cancel": self._cancel, "undo": self._undo,
            "lapse": self._lapse, "close": self._edit_hours, "kill": self._kill, "desk": self._desk,
            "ask": self._ask, "offer": self._offer, "accept": self._accept, "decline": self._decline,
            "pass on": self._pass_on,
        }  # fmt: skip
        work: Coroutine[Any, Any, None] = acts[act.kind](act)
        await work

    def _wish(self, act: Act) -> BookingRequest:
        request = self.places[act.place].request(self._starts_at(act))
        return self.wishes.setdefault((act.patient, act.place, act.time), request)

    def _starts_at(self, act: Act) -> datetime:
        return self.places[act.place].at(self.day, "09:00") + timedelta(minutes=GRID_MIN * act.time)

    async def _book(self, act: Act) -> None:
        wish = self._wish(act)
        async with self.database.act_as(self.patients[act.patient].credential, "booking.book") as tx:
            booked = await service.book_appointment(tx, wish)
        self.told_booked.add(booked.id)

    async def _hold(self, act: Act) -> None:
        async with self.database.act_as(self.patients[act.patient].credential, "booking.hold") as tx:
            await service.hold_time(tx, self._wish(act))

    async def _own(self, act: Act, status: str) -> UUID | None:
        """Return an appointment of the patient on this day, whichever comes first."""
        async with self.database.act_as(self.patients[act.patient].credential, "booking.view") as tx:
            mine = await service.my_appointments(tx)
        place = self.places[act.place]
        today = [one.id for one in mine if one.status == status and self._day_of(one.starts_at, place) == self.day]
        return today[0] if today else None

    def _day_of(self, moment: datetime, place: Place) -> date:
        return moment.astimezone(place.at(self.day, "09:00").tzinfo).date()

    async def _move(self, act: Act) -> None:
        if (moved := await self._own(act, "booked")) is None:
            return
        place, wish = self.places[act.place], self._wish(act)
        key = self.move_key or uuid4()
        request = MoveRequest(moved, place.practitioner_id, place.location_id, "in_person", wish.starts_at, key)
        async with self.database.act_as(self.patients[act.patient].credential, "booking.move") as tx:
            assert (await service.move_appointment(tx, request)).starts_at == wish.starts_at

    async def _cancel(self, act: Act) -> None:
        if (mine := await self._own(act, "booked")) is not None:
            async with self.database.act_as(self.patients[act.patient].credential, "booking.cancel") as tx:
                await service.cancel_appointment(tx, mine)

    async def _undo(self, act: Act) -> None:
        if (mine := await self._own(act, "cancelled")) is not None:
            async with self.database.act_as(self.patients[act.patient].credential, "booking.cancel") as tx:
                await service.undo_cancellation(tx, mine)

    async def _lapse(self, _act: Act) -> None:
        """Let time pass for what nobody is busy with; it waits for nobody and holds nobody up."""
        for statement in _LAPSE:
            async with self.database.act_as_system("test") as tx:
                await tx.execute(statement)

    async def _edit_hours(self, act: Act) -> None:
        """Give up the early hours of this weekday from now on, or take them up again."""
        place = self.places[act.place]
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                "update schedule set opens = case when opens = '09:00' then time '10:00' else time '09:00' end"
                " where practitioner_id = :id and weekday = :weekday",
                {"id": place.practitioner_id, "weekday": self.day.isoweekday()},
            )

    async def _kill(self, _act: Act) -> None:
        """End whatever the portal's connections are in the middle of."""
        async with await psycopg.AsyncConnection.connect(self.superuser, autocommit=True) as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and usename = 'portal_app' and state <> 'idle'"
            )

    async def _desk(self, act: Act) -> None:
        """Book in a patient's name, as the front desk does on the telephone."""
        wish = replace(self._wish(act), patient_id=self.patients[act.patient].patient_id, request_key=uuid4())
        async with self.database.act_as(self.desk.credential, "booking.book_for") as tx:
            booked = await service.book_for(tx, wish)
        self.told_booked.add(booked.id)

    async def _ask(self, act: Act) -> None:
        """Wait for a time with this practitioner; from the day's third time on, instead of a visit they have."""
        place = self.places[act.place]
        old = await self._own(act, "booked") if act.time >= TIMES_A_DAY // 2 else None
        wish = waiting.Wish(
            place.visit_type_id, "in_person", uuid4(), place.practitioner_id, notice_h=2, appointment_id=old
        )
        async with self.database.act_as(self.patients[act.patient].credential, "waiting.ask") as tx:
            await waiting.ask_for_earlier(tx, wish)

    async def _offer(self, act: Act) -> None:
        """Offer one of the day's times to whoever is first in line, as the job of a freed time does."""
        place, starts_at = self.places[act.place], self._starts_at(act)
        until = starts_at + timedelta(minutes=GRID_MIN)
        async with self.database.act_as_system("test") as tx:
            await waiting.offer_freed(tx, place.practitioner_id, place.location_id, starts_at, until)

    async def _offered(self, act: Act) -> tuple[Someone, UUID] | None:
        """Return somebody who has an offer and its id: the act's patient, or else whoever has one."""
        for someone in (*self.patients[act.patient :], *self.patients[: act.patient]):
            async with self.database.act_as(someone.credential, "waiting.view") as tx:
                if offers := await waiting.my_offers(tx):
                    return someone, offers[0].id
        return None

    async def _accept(self, act: Act) -> None:
        if found := await self._offered(act):
            someone, offer = found
            async with self.database.act_as(someone.credential, "waiting.answer_offer") as tx:
                booked = await waiting.accept_offer(tx, offer)
            self.told_booked.add(booked.id)
            self.told_accepted.add(offer)

    async def _decline(self, act: Act) -> None:
        if found := await self._offered(act):
            someone, offer = found
            async with self.database.act_as(someone.credential, "waiting.answer_offer") as tx:
                await waiting.decline_offer(tx, offer)

    async def _pass_on(self, _act: Act) -> None:
        """Close what is over and ask the next, as the worker does every ten seconds."""
        async with self.database.act_as_system("test") as tx:
            await waiting.close_offers(tx)

    async def written(self) -> tuple[int, ...]:
        """Return how much there is of what an act may write."""
        tables = ("appointment", "slot", "time_offer", "waitlist_entry", "procrastinate_jobs", "outbox_message")
        marks = ("appointment where status = 'cancelled'", "appointment where sequence > 0", "audit_event")
        counted = ", ".join(f"(select count(*) from {one})" for one in (*tables, *marks))
        open_offers = "(select count(*) from time_offer where status = 'open')"
        async with await psycopg.AsyncConnection.connect(self.superuser) as connection:
            row = await (await connection.execute(f"select {counted}, {open_offers}")).fetchone()
        return tuple(row or ())

    async def offers(self) -> list[str]:
        """Return where each offer stands."""
        async with await psycopg.AsyncConnection.connect(self.superuser) as connection:
            found = await connection.execute("select status from time_offer order by offered_at")
            return [row[0] for row in await found.fetchall()]

    async def broken_rules(self) -> dict[str, int]:
        """Return how often each rule is broken, without those that hold."""
        return await broken_rules(self.superuser, self.told_booked, self.told_accepted)
