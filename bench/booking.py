"""Book many times at once: right first, then fast; find times, people and whose turn it is; and book on a slow phone.

Run it with `./portal bench booking`. About eight minutes; `--seconds 2` is a quick look, not a measure.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import mean, median

import psycopg

from bench import first_booking, patient_search, reschedule, waitlist
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
from bench._figures import Budget, report, spread, times
from bench.baselines import bare_insert, search_sql
from portal_app.core.db import Database
from portal_app.core.errors import PortalError
from portal_app.features.booking import service
from portal_app.features.booking.errors import SlotAlreadyTaken
from portal_app.features.booking.views import BookingRequest
from portal_app.settings import Settings
from portal_app.wiring import open_portal

TRIES, TIMES = 400, 40
PRACTITIONERS, DAYS = 50, 60
PATIENTS = 20_011  # a prime: nobody is asked to be with two practitioners at once, and nobody books very often
ROUNDS = 5
SLICES = 5

BUDGETS = {
    "booked": Budget("==", TIMES),
    "errors": Budget("==", 0),
    "ratio_to_bare_insert": Budget(">=", 0.15),
    "search_ratio_to_sql": Budget("<=", 3),
    "waitlist_ratio_to_sql": Budget("<=", 3),
    "patient_search_ratio_to_sql": Budget("<=", 3),
    **reschedule.BUDGETS,
    **first_booking.BUDGETS,
}

Wish = tuple[Person, BookingRequest]


@dataclass
class Crowd:
    """How 400 tries on 40 times ended."""

    booked: int = 0
    errors: int = 0
    answered: int = 0
    took_s: float = 0.0


async def race(database: Database, practice: Practice, patients: list[Person]) -> Crowd:
    """Let ten people at once try for each of 40 times, through the real service and pool."""
    free = practice.times(_first_day(), 1)
    wanted = [(practice.practitioner_ids[n % 5], free[n // 5]) for n in range(TIMES)]
    tries = [(patients[n], practice.request(*wanted[n % TIMES])) for n in range(TRIES)]
    crowd, started = Crowd(), time.perf_counter()
    outcomes = await asyncio.gather(*(_attempt(database, one) for one in tries))
    crowd.took_s = time.perf_counter() - started
    for outcome in outcomes:
        crowd.booked += outcome == "booked"
        crowd.answered += outcome == "answered"
        crowd.errors += outcome not in ("booked", "answered")
    for outcome, count in Counter(outcomes).items():
        print(f"  {count} × {outcome}")
    return crowd


async def _attempt(database: Database, wish: Wish) -> str:
    try:
        await book(database, wish)
    except SlotAlreadyTaken as taken:
        return "answered" if taken.alternatives else "left without alternatives"
    except PortalError as error:
        return error.code
    return "booked"


async def book(database: Database, wish: Wish) -> None:
    """Book as the page does: one transaction for whoever holds the session."""
    person, request = wish
    async with database.act_as(person.credential, "booking.book") as tx:
        await service.book_appointment(tx, request)


async def bookings_per_second(database: Database, wishes: Iterator[Wish], callers: int, seconds: float) -> float:
    """Book for so long with so many callers at once; return how many were booked per second."""
    until = (started := time.perf_counter()) + seconds

    async def caller() -> int:
        count = 0
        while time.perf_counter() < until:
            await book(database, next(wishes))
            count += 1
        return count

    counts = await asyncio.gather(*(caller() for _ in range(callers)))
    return sum(counts) / (time.perf_counter() - started)


def wishes_for(practice: Practice, patients: list[Person]) -> Iterator[Wish]:
    """Give every free time of the next 180 days once, in a random order that is the same each run."""
    free = practice.times(_first_day() + timedelta(days=DAYS + 2), 110)
    places = [(at, who) for at in range(len(free)) for who in range(PRACTITIONERS)]
    random.Random(1).shuffle(places)
    for at, who in places:
        person = patients[(at * PRACTITIONERS + who) % len(patients)]
        yield person, practice.request(practice.practitioner_ids[who], free[at])


async def throughput(
    here: Installation, database: Database, settings: Settings, wishes: Iterator[Wish], seconds: float
) -> float:
    """Measure bookings and bare inserts in turn; return the median of their ratios.

    Each round is cut into slices that alternate, so that what else the machine does meets both alike.
    """
    callers, slice_s = settings.database_pool, seconds / SLICES
    bare, booked = [], []
    for number in range(1, ROUNDS + 1):
        slices = [
            (
                await bare_insert.inserts_per_second(here.superuser, callers, slice_s),
                await bookings_per_second(database, wishes, callers, slice_s),
            )
            for _ in range(SLICES)
        ]
        bare.append(mean(theirs for theirs, _ in slices))
        booked.append(mean(ours for _, ours in slices))
        print(f"  round {number}: {booked[-1]:.0f} bookings/s, {bare[-1]:.0f} bare inserts/s", flush=True)
    ratios = [ours / theirs for ours, theirs in zip(booked, bare, strict=True)]
    single = await bare_insert.inserts_per_second(here.superuser, callers, min(seconds, 3), autocommit=True)
    print(f"  bookings/s: {spread(booked)}")
    print(f"  bare begin, insert, commit/s: {spread(bare)} (with autocommit, one round trip each: {single:.0f})")
    print(f"  ratio: {spread(ratios)}")
    return median(ratios)


async def searching(here: Installation, database: Database, practice: Practice, person: Person) -> float:
    """Find the times of everybody in 60 days by the service and by one query, in turn; return the ratio."""
    first_day = _first_day()
    now = datetime.now(UTC)
    ours, theirs, found = [], [], []
    async with await psycopg.AsyncConnection.connect(here.superuser) as connection:
        for number in range(ROUNDS + 1):
            started = time.perf_counter()
            rows = await search_sql.search(connection, practice.visit_type_id, first_day, DAYS, now)
            between = time.perf_counter()
            async with database.act_as(person.credential, "booking.find") as tx:
                found = list(await service.find_times(tx, practice.query(first_day, DAYS)))
            if number:  # the first round warms both up
                theirs.append(between - started)
                ours.append(time.perf_counter() - between)
            same = [(one.practitioner_id, one.starts_at, one.ends_at) for one in found]
            assert same == [(row[0], row[3], row[4]) for row in rows], "the query finds other times"
    ratios = [mine / bare for mine, bare in zip(ours, theirs, strict=True)]
    print(f"  {len(found)} free times; service: {times(ours)}; one query: {times(theirs)}; ratio: {spread(ratios)}")
    return median(ratios)


async def measure(here: Installation, seconds: float) -> dict[str, float]:
    """Run all three and return the figures."""
    practice = make_practice(here.superuser, PRACTITIONERS)
    patients = make_patients(here.superuser, PATIENTS)
    database = open_portal(here.settings)
    wishes = wishes_for(practice, patients)
    try:
        print(f"{TRIES} concurrent tries on {TIMES} times, pool of {here.settings.database_pool}:")
        crowd = await race(database, practice, patients)
        print(f"  in {crowd.took_s:.2f} s; {crowd.answered} losers were answered with alternatives")
        await take_some(database, practice, patients)
        analyze(here.superuser)
        print(f"Finding times: {PRACTITIONERS} practitioners, {DAYS} days:")
        search_ratio = await searching(here, database, practice, patients[0])
        print(f"Booking for {seconds:g} s, {ROUNDS} rounds, {here.settings.database_pool} connections each:")
        ratio = await throughput(here, database, here.settings, wishes, seconds)
    finally:
        await database.close()
    return {
        "booked": crowd.booked,
        "errors": crowd.errors,
        "losers_with_alternatives": crowd.answered,
        "ratio_to_bare_insert": ratio,
        "search_ratio_to_sql": search_ratio,
    }


async def measure_lists(here: Installation) -> dict[str, float]:
    """Look for whose turn it is among thousands, and for a patient among a hundred thousand; return the figures."""
    practice = make_practice(here.superuser, 1)
    patients = make_patients(here.superuser, waitlist.WAITING)
    database = open_portal(here.settings)
    try:
        print(f"Whose turn it is, {waitlist.WAITING:,} waiting:")
        turn = await waitlist.measure(here, database, practice, patients)
        print(f"Finding a patient among {patient_search.PATIENTS:,}:")
        return turn | await patient_search.measure(here, database)
    finally:
        await database.close()


async def take_some(database: Database, practice: Practice, patients: list[Person], count: int = 1500) -> None:
    """Book into the days that are searched, so that the search has something to leave out."""
    free = practice.times(_first_day() + timedelta(days=1), DAYS)
    places = random.Random(2).sample([(at, who) for at in range(len(free)) for who in range(PRACTITIONERS)], count)
    for at, who in places:
        person = patients[(at * PRACTITIONERS + who) % len(patients)]
        await book(database, (person, practice.request(practice.practitioner_ids[who], free[at])))


def _first_day() -> date:
    return (datetime.now(UTC) + timedelta(days=2)).date()


def main() -> None:
    """Run the benchmark in an installation of its own."""
    parser = argparse.ArgumentParser(prog="./portal bench booking", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long each round books and inserts")
    given = parser.parse_args()
    with installation() as here:
        print(require_fsync(here.superuser))
        figures = asyncio.run(measure(here, given.seconds))
    with installation() as here:
        print(f"Moving for {given.seconds:g} s, as many rounds:")
        figures |= asyncio.run(reschedule.measure(here, given.seconds))
    with installation() as here:
        figures |= asyncio.run(measure_lists(here))
    with installation() as here:
        print("A first booking on a slow phone:")
        figures |= asyncio.run(first_booking.first_booking(here))
    report("booking", figures, BUDGETS)


if __name__ == "__main__":
    main()
