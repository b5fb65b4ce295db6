"""Move appointments as fast as they are booked, half as fast at least: the figure `reschedule_ratio`.

A part of `./portal bench booking`; alone, `python -m bench.reschedule --seconds 2` is a quick look.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import mean, median
from uuid import uuid4

from bench._clinic import (
    Installation,
    Person,
    Practice,
    analyze,
    installation,
    make_patients,
    make_practice,
    require_fsync,
)
from bench._figures import Budget, report, spread
from portal_app.core.db import Database
from portal_app.features.booking import service
from portal_app.features.booking.errors import PatientElsewhere
from portal_app.features.booking.views import AppointmentView, BookingRequest, MoveRequest
from portal_app.wiring import open_portal

PRACTITIONERS, PATIENTS, DAYS = 20, 20_011, 120  # a prime: nobody is asked to be with two people at once
ROUNDS, SLICES = 5, 4
FIRST = 1500
SEED = 3

BUDGETS = {"reschedule_ratio": Budget(">=", 0.5)}

Act = Callable[[], Awaitable[None]]
Wish = tuple[Person, BookingRequest]
Booked = tuple[Person, AppointmentView]


async def reschedule_ratio(
    here: Installation, database: Database, practice: Practice, patients: Sequence[Person], seconds: float
) -> dict[str, float]:
    """Book and move in turns, each as the pages do: one transaction for whoever holds the session.

    What was booked in a slice is moved in the next one to times nobody has, so both meet the same tables.
    """
    wishes, callers = _wishes(practice, patients), here.settings.database_pool
    await _book_some(database, wishes)
    analyze(here.superuser)
    ratios, rates = [], []
    for number in range(1, ROUNDS + 1):
        booked_rates, moved_rates = [], []
        for _ in range(SLICES):
            made: list[Booked] = []
            booked_rates.append(await _per_second(_booker(database, wishes, made), callers, seconds / SLICES))
            moved_rates.append(await _per_second(_mover(database, wishes, made), callers, seconds / SLICES))
        ratios.append(mean(moved_rates) / mean(booked_rates))
        rates.append(mean(moved_rates))
        print(f"  round {number}: {rates[-1]:.0f} moves/s, {mean(booked_rates):.0f} bookings/s", flush=True)
    print(f"  moves/s: {spread(rates)}; ratio to bookings: {spread(ratios)}")
    return {"reschedule_ratio": median(ratios)}


async def _book_some(database: Database, wishes: Iterator[Wish]) -> None:
    """Book what the planner is to know of: told that nothing is booked, it reads whole tables until the next minute."""
    book = _booker(database, wishes, [])
    for _ in range(FIRST):
        await book()


class _Done(Exception):
    """There is nothing left to book or to move."""


def _booker(database: Database, wishes: Iterator[Wish], made: list[Booked]) -> Act:
    async def book() -> None:
        person, request = next(wishes)
        async with database.act_as(person.credential, "booking.book") as tx:
            made.append((person, await service.book_appointment(tx, request)))

    return book


def _mover(database: Database, wishes: Iterator[Wish], made: list[Booked]) -> Act:
    async def move() -> None:
        if not made:
            raise _Done
        person, booked = made.pop()
        _, free = next(wishes)
        request = MoveRequest(
            booked.id, free.practitioner_id, free.location_id, free.modality, free.starts_at, uuid4(), booked.sequence
        )
        async with database.act_as(person.credential, "booking.move") as tx:
            await service.move_appointment(tx, request)

    return move


async def _per_second(act: Act, callers: int, seconds: float) -> float:
    until, count = (started := time.perf_counter()) + seconds, 0

    async def caller() -> None:
        nonlocal count
        while time.perf_counter() < until:
            try:
                await act()
            except _Done:
                return
            except PatientElsewhere:
                continue  # a random new time may be one at which the patient has something else
            count += 1

    await asyncio.gather(*(caller() for _ in range(callers)))
    return count / (time.perf_counter() - started)


def _wishes(practice: Practice, patients: Sequence[Person]) -> Iterator[Wish]:
    """Give every free time once, in an order that is the same each run."""
    free = practice.times(_first_day(), DAYS)
    places = [(at, who) for at in range(len(free)) for who in range(len(practice.practitioner_ids))]
    random.Random(SEED).shuffle(places)
    for at, who in places:
        person = patients[(at * len(practice.practitioner_ids) + who) % len(patients)]
        yield person, practice.request(practice.practitioner_ids[who], free[at])


def _first_day() -> date:
    return (datetime.now(UTC) + timedelta(days=3)).date()


async def measure(here: Installation, seconds: float) -> dict[str, float]:
    """Make a practice of its own, measure in it, and return the figure."""
    practice = make_practice(here.superuser, PRACTITIONERS)
    patients = make_patients(here.superuser, PATIENTS)
    database = open_portal(here.settings)
    try:
        return await reschedule_ratio(here, database, practice, patients, seconds)
    finally:
        await database.close()


def main() -> None:
    """Run this part in an installation of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.reschedule", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long each round books, and how long it moves")
    given = parser.parse_args()
    with installation() as here:
        print(require_fsync(here.superuser))
        figures = asyncio.run(measure(here, given.seconds))
    report("reschedule", figures, BUDGETS)


if __name__ == "__main__":
    main()
