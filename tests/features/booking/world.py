"""A small practice that many act on at once, and the rules that must hold whatever they did."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy.exc import OperationalError

from portal_app.core.db import Database
from portal_app.core.errors import DatabaseAway, PortalError
from portal_app.features.booking import service
from portal_app.features.booking.views import BookingRequest, MoveRequest
from tests.factories import Someone
from tests.features.booking.practice_maker import Place, in_days

GRID_MIN = 30
TIMES_A_DAY = 4


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
    day: date = field(default_factory=lambda: in_days(2))
    wishes: dict[tuple[int, int, int], BookingRequest] = field(default_factory=dict)
    told_booked: set[UUID] = field(default_factory=set)

    async def next_day(self) -> None:
        """Go on where nothing has happened yet."""
        self.day += timedelta(days=1)
        self.wishes.clear()
        self.told_booked.clear()
        async with await psycopg.AsyncConnection.connect(self.superuser) as connection:
            await connection.execute("truncate appointment, slot cascade")

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
        acts: dict[str, Any] = {
            "book": self._book, "hold": self._hold, "move": self._move, "cancel": self._cancel, "undo": self._undo,
            "lapse": self._lapse, "close": self._edit_hours, "kill": self._kill,
        }  # fmt: skip
        work: Coroutine[Any, Any, None] = acts[act.kind](act)
        await work

    def _wish(self, act: Act) -> BookingRequest:
        place = self.places[act.place]
        starts_at = place.at(self.day, "09:00") + timedelta(minutes=GRID_MIN * act.time)
        return self.wishes.setdefault((act.patient, act.place, act.time), place.request(starts_at))

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
        request = MoveRequest(
            moved, place.practitioner_id, place.location_id, "in_person", wish.starts_at, move_key=uuid4()
        )
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
        async with self.database.act_as_system("test") as tx:
            await tx.execute("update slot set held_until = now() - interval '1 second' where held_until is not null")

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

    async def broken_rules(self) -> dict[str, int]:
        """Return how often each rule is broken, without those that hold."""
        told: dict[str, object] = {"booked": list(self.told_booked)}
        async with await psycopg.AsyncConnection.connect(self.superuser) as connection:
            broken = {}
            for rule, query in RULES.items():
                row = await (await connection.execute(query, told)).fetchone()
                broken[rule] = row[0] if row else 0
        return {rule: count for rule, count in broken.items() if count}


RULES = {
    "a practitioner is with two people at once": """
        select count(*) from slot a join slot b on a.practitioner_id = b.practitioner_id and a.id < b.id
          and a.starts_at < b.ends_at and b.starts_at < a.ends_at where not (a.is_overbooked or b.is_overbooked)""",
    "a patient is in two places at once": """
        select count(*) from appointment a join appointment b on a.patient_id = b.patient_id and a.id < b.id
          and a.starts_at < b.ends_at and b.starts_at < a.ends_at
        where a.slot_id is not null and b.slot_id is not null""",
    "an appointment without its time": """
        select count(*) from appointment a left join slot s on s.id = a.slot_id
          and (s.practitioner_id, s.starts_at, s.ends_at, s.status)
            = (a.practitioner_id, a.starts_at, a.ends_at, 'busy')
        where a.status in ('booked', 'arrived') and s.id is null""",
    "a time kept for nobody": """
        select count(*) from slot s where s.status = 'busy' and not exists (
          select from appointment a where a.slot_id = s.id and a.status <> 'cancelled')""",
    "a held time that belongs to nothing": """
        select count(*) from slot s where s.status = 'busy-tentative' and not s.is_kept and not exists (
          select from appointment a where a.slot_id = s.id and a.status = 'pending')""",
    "a patient who holds two times": """
        select count(*) from (
          select 1 from appointment where status = 'pending' and slot_id is not null
          group by patient_id having count(*) > 1) twice""",
    "one wish, two appointments": """
        select count(*) from (
          select 1 from appointment where status <> 'pending' group by patient_id, request_key having count(*) > 1
        ) twice""",
    "told of a booking that is not there": """
        select count(*) from unnest(%(booked)s::uuid[]) told (id)
          where not exists (select from appointment a where a.id = told.id and a.status <> 'pending')""",
    "a booking without its message, or with two": """
        select count(*) from appointment a where a.status <> 'pending' and 1 <> (
          select count(*) from procrastinate_jobs j where j.task_name = 'booking.confirm_booking'
            and j.args ->> 'appointment_id' = a.id::text)""",
    "a booking nobody can account for": """
        select count(*) from appointment a where a.status <> 'pending' and not exists (
          select from audit_event e where e.entity_id = a.id and e.action = 'booking.book')""",
}  # fmt: skip
