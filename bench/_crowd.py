"""The people of `bench/events.py`, in a process of their own: they tap, wait, and say how long it took.

Reads a `Plan` as JSON from its input and writes `Measured` as JSON, the last line of its output.
"""

import asyncio
import contextlib
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from uuid import UUID

import psutil
import psycopg

from bench._clinic import Person, Practice
from bench._phones import SCHEDULE, Phone, book, confirm_path, phones
from bench.baselines.same_statements import Recording, recorded
from portal_app.core.db import Database, libpq_conninfo, secret_hash
from portal_app.features.booking import service
from portal_app.features.booking.views import BookingRequest
from portal_app.settings import get_settings
from portal_app.web.cookies import cookie_name
from portal_app.wiring import open_portal

PEOPLE = 200
SHARING = 5
CLINICIANS = 10
EVERY_S = 2.0
ROUNDS = 5
ACTS_ALONE = 60
CHANGE_EVERY_S = 0.25
DAYS_AHEAD = 3
WARM_UP = 40
WARMING = 4


@dataclass(frozen=True)
class Plan:
    """Who there is and whom they can book; ids as text. Of the patients after the crowd each is alone once."""

    web_pid: int
    location_id: str
    visit_type_id: str
    practitioner_ids: list[str]
    patients: list[tuple[str, str, str]]
    clinicians: list[tuple[str, str]]
    hashes: list[str]
    seconds: float


@dataclass
class Measured:
    """Seconds of single acts, a list for each round; kilobytes of the web process and its children."""

    bare: list[list[float]] = field(default_factory=list)
    alone: list[list[float]] = field(default_factory=list)
    loaded: list[list[float]] = field(default_factory=list)
    changes: list[list[float]] = field(default_factory=list)
    kb_before: float = 0
    kb_after: float = 0
    kb_at_end: float = 0
    web_cpu_s: float = 0
    failures: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


class Crowd:
    """Everybody, with their wishes: forty practitioners for the crowd, ten whose day page is watched."""

    def __init__(self, plan: Plan) -> None:
        ids = tuple(map(UUID, plan.practitioner_ids))
        self.plan = plan
        self.practice = Practice(UUID(plan.location_id), UUID(plan.visit_type_id), ids)
        people = [Person(UUID(person), UUID(patient), secret) for person, patient, secret in plan.patients]
        self.people, self.clerk, self.visitors = people[:PEOPLE], people[PEOPLE], people[-50:]
        self.loners = iter(people[PEOPLE + 1 : PEOPLE + 2 + ROUNDS])
        self.clinicians = [Person(UUID(person), None, secret) for person, secret in plan.clinicians]
        self.watched_ids = ids[-CLINICIANS:]
        first_day = date.today() + timedelta(days=DAYS_AHEAD)  # noqa: DTZ011 - any day near; zones do not matter here
        self.times = self.practice.times(first_day, 150)
        self.settings = get_settings()
        self.database: Database = open_portal(self.settings)
        self.web = psutil.Process(plan.web_pid)
        self.measured = Measured()

    def wishes(self, practitioner: int, lane: int) -> Iterator[BookingRequest]:
        """Give the times of one practitioner that are for one person, so that nobody gets in another's way."""
        for at in range(lane, len(self.times), SHARING + 2):
            yield self.practice.request(self.practice.practitioner_ids[practitioner], self.times[at])

    def opened(self, people: list[Person]) -> contextlib.AbstractAsyncContextManager[list[Phone]]:
        """Open everybody's tab."""
        return phones(self.settings.public_origin, cookie_name(self.settings), people)

    def cpu_seconds(self) -> float:
        """Return how long the web process and its children have worked."""
        spent = [one.cpu_times() for one in (self.web, *self.web.children(recursive=True))]
        return sum(one.user + one.system for one in spent)

    def kilobytes(self) -> float:
        """Return what the web process and its children keep in memory."""
        return sum(one.memory_info().rss for one in (self.web, *self.web.children(recursive=True))) / 1024


async def run(crowd: Crowd) -> Measured:
    """Measure bare statements, one person alone, and everybody at once, in turn."""
    measured = crowd.measured
    loner_wishes = crowd.wishes(0, SHARING)
    bare_wishes = crowd.wishes(1, SHARING)
    crowd_wishes = [crowd.wishes(n % 40, n // 40) for n in range(PEOPLE)]
    change_wishes = [crowd.wishes(len(crowd.practice.practitioner_ids) - CLINICIANS + n, 0) for n in range(CLINICIANS)]
    recording, recorded_wish = await record(crowd, next(bare_wishes))
    measured.statements = [" ".join(str(statement).split())[:80] for statement, _ in recording.statements]
    await alone(crowd, loner_wishes, WARM_UP)
    await warm(crowd)
    measured.kb_before = crowd.kilobytes()
    for number in range(1, ROUNDS + 1):
        measured.bare.append(await bare(crowd, recording, recorded_wish, bare_wishes))
        measured.alone.append(await alone(crowd, loner_wishes, ACTS_ALONE))
        async with crowd.opened(crowd.people) as tabs, crowd.opened(crowd.clinicians) as pages:
            await all_settle_in(crowd, tabs, crowd_wishes)
            await asyncio.gather(*(look_ahead(crowd, page) for page in pages))
            measured.kb_after = measured.kb_after or crowd.kilobytes()
            worked = crowd.cpu_seconds()
            taps = asyncio.create_task(everybody(crowd, tabs, crowd_wishes))
            measured.changes.append(await changes(crowd, pages, change_wishes))
            measured.loaded.append(await taps)
            measured.failures += [failure for tab in tabs for failure in tab.failures]
            measured.web_cpu_s += crowd.cpu_seconds() - worked
        print(f"  round {number} of {ROUNDS} is measured", flush=True)
    measured.kb_at_end = crowd.kilobytes()
    return measured


async def record(crowd: Crowd, wish: BookingRequest) -> tuple[Recording, BookingRequest]:
    """Book once as the page does, and note the statements."""
    async with crowd.database.act_as(crowd.clerk.credential, "booking.book"):
        pass  # the first transaction of a connection asks the server who it is
    with recorded() as recording:
        async with crowd.database.act_as(crowd.clerk.credential, "booking.book") as tx:
            await service.book_appointment(tx, wish)
    return recording, wish


async def bare(
    crowd: Crowd, recording: Recording, recorded_wish: BookingRequest, wishes: Iterator[BookingRequest]
) -> list[float]:
    """Send the same statements in a bare transaction, one after the other."""
    took, kept = [], (crowd.clerk.person_id, crowd.clerk.patient_id, recorded_wish.practitioner_id)
    fixed: dict[object, object] = {
        value: value for value in (*kept, recorded_wish.location_id, recorded_wish.visit_type_id)
    }
    fixed[secret_hash(crowd.clerk.secret)] = secret_hash(crowd.clerk.secret)
    conninfo = libpq_conninfo(crowd.settings.database_url or "")
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        for count in range(ACTS_ALONE + 10):
            started = time.perf_counter()
            await recording.replay(connection, fixed | {recorded_wish.starts_at: next(wishes).starts_at})
            if count >= 10:  # the first ones prepare the statements
                took.append(time.perf_counter() - started)
            await asyncio.sleep(0.02)
    return took


async def alone(crowd: Crowd, wishes: Iterator[BookingRequest], count: int) -> list[float]:
    """Let one person book again and again while nobody else is there; each time somebody else."""
    async with crowd.opened([next(crowd.loners)]) as [phone]:
        await settle_in(crowd, phone, next(wishes))
        for _ in range(count):
            await book(phone, next(wishes))
            await asyncio.sleep(0.02)
        crowd.measured.failures += phone.failures
        return phone.took


async def warm(crowd: Crowd) -> None:
    """Have a few of each kind come at once, so that what the process loads and opens but once weighs on no session."""
    wishes = [crowd.wishes(n, SHARING + 1) for n in range(WARMING)]
    async with crowd.opened(crowd.visitors[:WARMING]) as tabs, crowd.opened(crowd.clinicians[:WARMING]) as pages:
        await all_settle_in(crowd, tabs, wishes)
        await asyncio.gather(*(look_ahead(crowd, page) for page in pages))


async def settle_in(crowd: Crowd, phone: Phone, wish: BookingRequest) -> None:
    """Open home, the list of times, and the page that confirms one, which holds it."""
    await phone.come("/", crowd.plan.hashes)
    await phone.open("/book")
    await phone.open(confirm_path(wish))


async def all_settle_in(crowd: Crowd, tabs: list[Phone], wishes: list[Iterator[BookingRequest]]) -> None:
    """Let everybody come, a few at a time: it is taps that are measured, not a stampede at the door."""
    turns = asyncio.Semaphore(4)

    async def come(tab: Phone, wish: BookingRequest) -> None:
        async with turns:
            await settle_in(crowd, tab, wish)

    await asyncio.gather(*(come(tab, next(own)) for tab, own in zip(tabs, wishes, strict=True)))


async def look_ahead(crowd: Crowd, page: Phone) -> None:
    """Open a clinician's day page and turn to a day that has free times."""
    await page.come("/staff/schedule", crowd.plan.hashes)
    for _ in range(DAYS_AHEAD):
        await page.ask(f"{SCHEDULE}.on_turn", "/staff/schedule", "day_rx_state_", step=1)


async def everybody(crowd: Crowd, tabs: list[Phone], wishes: list[Iterator[BookingRequest]]) -> list[float]:
    """Let each person book every two seconds, whether the last answer has come or not (open loop)."""
    starts = time.perf_counter() + 0.5
    acts = int(crowd.plan.seconds / EVERY_S)
    offsets = random.Random(3).sample(range(len(tabs)), len(tabs))

    async def person(tab: Phone, own: Iterator[BookingRequest], offset: int) -> None:
        taps = []
        for n in range(acts):
            due_at = starts + offset * EVERY_S / len(tabs) + n * EVERY_S
            await asyncio.sleep(max(0, due_at - time.perf_counter()))
            taps.append(asyncio.create_task(book(tab, next(own), due_at)))
        await asyncio.gather(*taps)

    await asyncio.gather(*(person(tab, own, n) for tab, own, n in zip(tabs, wishes, offsets, strict=True)))
    return [took for tab in tabs for took in tab.took]


async def changes(crowd: Crowd, pages: list[Phone], wishes: list[Iterator[BookingRequest]]) -> list[float]:
    """Book with the watched clinicians from this process; time from before the commit to the message on the page."""
    took = []
    for n in range(int(crowd.plan.seconds / CHANGE_EVERY_S)):
        at = n % len(pages)
        visitor = crowd.visitors[n % len(crowd.visitors)]
        next_at = time.perf_counter() + CHANGE_EVERY_S
        async with crowd.database.act_as(visitor.credential, "booking.book") as tx:
            await service.book_appointment(tx, next(wishes[at]))
            before_commit = time.perf_counter()
        try:
            took.append(await pages[at].seen_since(SCHEDULE, before_commit) - before_commit)
        except TimeoutError:
            crowd.measured.failures.append("a change came on no page")
        await asyncio.sleep(max(0, next_at - time.perf_counter()))
    return took


def main() -> None:
    """Do what the plan says."""
    plan = Plan(**json.loads(sys.stdin.read()))
    print(json.dumps(asdict(asyncio.run(run(Crowd(plan))))))


if __name__ == "__main__":
    main()
