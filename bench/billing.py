"""Measure the books under load: every payment once and to the cent, and sums that stay quick as years go by.

A thousand webhooks at once, 300 of them told before, in no order, are read with their signature, kept and answered as
the route does it; two of the portal's own workers settle them, and one is killed with -9 in the middle. Beside it, in
the same run, what the same server inserts and commits bare. Then bills of ten years beside those of a month, and
what is owed on 100,000 accounts beside one SQL sum over the same entries.

Run it with `./portal bench billing`. About three minutes. `--only statements` makes the statements of a month for ten
thousand accounts with the portal's own worker, which is killed with -9 half way; about five minutes.
"""

import argparse
import asyncio
import itertools
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import psycopg
import stripe

from bench._clinic import Installation, Practice, analyze, installation, make_patients, make_practice, require_fsync
from bench._figures import Budget, report, spread, times
from bench._tills import AMOUNT, KEY, SECRET, Till, make_bills, make_charts, make_keeper, make_tills
from bench.baselines.bare_insert import inserts_per_second
from portal_app import wiring
from portal_app.core.db import Database
from portal_app.core.errors import DatabaseAway
from portal_app.features.billing import aging, statement_batches
from portal_app.features.billing import service as billing
from portal_app.features.payments import service as payments
from portal_app.integrations.stripe.client import StripePayments
from portal_app.operations.places import CHECKOUT
from portal_app.operations.web_server import settings_environment

DELIVERIES, DOUBLED, ACCOUNTS, ROUNDS, ABREAST = 1_000, 300, 100_000, 5, 8
WAIT_S: Final = 180.0
BATCH_S: Final = 1_800.0
SILENCE_S: Final = 4.0
SUM: Final = (
    "select coalesce(sum(amount_minor), 0)::bigint, count(distinct invoice_id) from ledger_entry "
    "where account = 'receivable'"
)
KEPT_APART: Final = (
    "select coalesce(sum(abs(b.owed_minor - s.owed)), 0) from bill_balance b join (select invoice_id,"
    " sum(amount_minor) as owed from ledger_entry where account = 'receivable' group by 1) s using (invoice_id)"
)
"""By how much the kept balances are off their entries."""
BUDGETS = {
    "lost": Budget("==", 0),
    "doubled": Budget("==", 0),
    "drift_minor": Budget("==", 0),
    "ratio_to_bare_insert": Budget(">=", 0.1),
    "history_ratio_10y_to_1m": Budget("<=", 1.5),
    "balances_ratio_to_sql": Budget("<=", 2),
    "statements_lost": Budget("==", 0),
    "statements_doubled": Budget("==", 0),
    "late_to_early_ratio": Budget("<=", 1.5),
    "memory_grown_mb": Budget("<=", 50),
}


@contextmanager
def working(here: Installation, count: int) -> Iterator[list["subprocess.Popen[str]"]]:
    """Run so many workers, and end those that are left."""
    environment = {**os.environ, **settings_environment(here.settings), "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "bench._tills"]
    found = [
        subprocess.Popen(command, env=environment, cwd=CHECKOUT, text=True, stdout=subprocess.PIPE)  # noqa: S603 - ours
        for _each in range(count)
    ]
    try:
        for one in found:
            assert one.stdout
            assert one.stdout.readline().strip() == "ready"
        yield found
    finally:
        for one in found:
            one.terminate()
        for one in found:
            one.wait(20)


async def deliver(database: Database, processor: StripePayments, body: bytes) -> int:
    """Take one webhook as the route does: read it, keep it, enqueue what follows, answer once it is committed.

    One that is turned away, because everything is busy, is sent again as Stripe does; return how often.
    """
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET)
    for again in itertools.count():
        event = processor.read_event(body, header)
        try:
            await payments.keep_event(database, event)
        except DatabaseAway:
            continue
        return again
    raise AssertionError


async def storm(here: Installation, database: Database, tills: Sequence[Till]) -> float:
    """Deliver everything at once, kill a worker in the middle, and return how many were settled per second.

    What the killed worker had in its hands is taken over once it has been silent for ten seconds. It counts as not
    settled: the figure is of what the living one did until nothing but that was left.
    """
    processor = StripePayments(here.settings)
    bodies = [till.body() for till in tills]
    bodies += random.Random(1).sample(bodies, DOUBLED)
    random.Random(2).shuffle(bodies)
    with working(here, 2) as workers, psycopg.connect(here.superuser, autocommit=True) as connection:
        started = time.perf_counter()
        delivering = asyncio.gather(*(deliver(database, processor, body) for body in bodies))
        while _done(connection) < len(tills) // 3:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.005)
        workers[0].send_signal(signal.SIGKILL)
        print(f"  one worker killed with {_done(connection)} of {len(tills)} payments settled", flush=True)
        again = sum(await delivering)
        answered = time.perf_counter() - started
        took, settled = await _until_silent(connection, len(tills), started)
        whole = await _until(connection, len(tills), started)
    print(
        f"  {len(bodies)} deliveries of {len(tills)} payments, answered in {answered:.1f} s ({again} sent again);"
        f" {settled} settled in {took:.1f} s; those in the killed worker's hands after {whole:.1f} s"
    )
    return len(bodies) * settled / len(tills) / took


async def _until_silent(
    connection: "psycopg.Connection[tuple[Any, ...]]", count: int, started: float
) -> tuple[float, int]:
    """Return after how long the last payment was settled before a silence of seconds, and how many were by then."""
    last, done = time.perf_counter(), 0
    while done < count and time.perf_counter() - last < SILENCE_S:
        await asyncio.sleep(0.01)
        if (now := _done(connection)) > done:
            last, done = time.perf_counter(), now
    return last - started, done


async def _until(connection: "psycopg.Connection[tuple[Any, ...]]", count: int, started: float) -> float:
    """Return after how long so many payments were settled."""
    while _done(connection) < count and time.perf_counter() - started < WAIT_S:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.02)
    return time.perf_counter() - started


def _done(connection: "psycopg.Connection[tuple[Any, ...]]") -> int:
    row = connection.execute("select count(*) from processor_event where done_at is not null").fetchone()
    return int(row[0]) if row else 0


def count_money(superuser: str, tills: Sequence[Till]) -> dict[str, float]:
    """Return how many payments are not in the books, how many are there twice, and by how much the books are off."""
    query = """
    select t.id, (select count(*) from ledger_posting p join ledger_entry e on e.posting_id = p.id
        where e.invoice_id = t.id and p.kind = 'online_payment' and e.account = 'processor')
    from unnest(%s::uuid[]) t(id)
    """
    with psycopg.connect(superuser) as connection:
        posted: dict[UUID, int] = dict(connection.execute(query, [[till.bill_id for till in tills]]).fetchall())
        held = connection.execute("select coalesce(sum(amount_minor), 0) from ledger_entry where account = 'processor'")
        row = held.fetchone()
        kept = connection.execute(KEPT_APART).fetchone()
    lost = sum(count == 0 for count in posted.values())
    doubled = sum(count > 1 for count in posted.values())
    assert row
    assert kept
    return {"lost": lost, "doubled": doubled, "drift_minor": abs(int(row[0]) - AMOUNT * len(tills)) + int(kept[0])}


async def side_by_side(name: str, ours: Callable[[], Awaitable[None]], theirs: Callable[[], Awaitable[None]]) -> float:
    """Do both in turn and return the median of the ratios of what they take."""
    ratios, mine, bare = [], [], []
    for number in range(ROUNDS + 1):
        first, second = [await _took(one) for one in (ours, theirs)]
        if number:  # the first round warms both up
            ratios.append(first / second)
            mine.append(first)
            bare.append(second)
    print(f"  {name}: {times(mine)}; beside: {times(bare)}; ratio: {spread(ratios)}", flush=True)
    return median(ratios)


async def _took(act: Callable[[], Awaitable[None]]) -> float:
    started = time.perf_counter()
    await act()
    return time.perf_counter() - started


async def histories(here: Installation, database: Database, practice: Practice) -> float:
    """Return how much longer the bills page takes with ten years of bills than with a month's.

    Once where all of the ten years is paid but the last month, once where nothing ever was; the worse of both.
    """
    settled, unpaid, short = make_patients(here.superuser, 3)
    for person, months, left in ((settled, 120, 1), (unpaid, 120, 0), (short, 1, 0)):
        assert person.patient_id
        make_bills(here.superuser, practice, [person.patient_id], months, unpaid=left)
    with psycopg.connect(here.superuser) as connection:
        people = [one.person_id for one in (settled, unpaid, short)]
        connection.execute("update session set assurance = 2 where person_id = any(%s)", [people])
    analyze(here.superuser)

    def opening(person: Any) -> Callable[[], Awaitable[None]]:
        async def open_pages() -> None:
            for _each in range(20):
                async with database.act_as(person.credential, "billing.see_bills") as tx:
                    await billing.my_bills(tx)

        return open_pages

    return max(
        await side_by_side("bills of ten years, paid, and of a month", opening(settled), opening(short)),
        await side_by_side("bills of ten years, all unpaid, and of a month", opening(unpaid), opening(short)),
    )


async def balances(here: Installation, database: Database, practice: Practice) -> float:
    """Return how much longer what everybody owes takes than one SQL sum over the same entries; the worse of two ways.

    Once as billing's list of open bills; once as the sum of all accounts by how long they owe, with the first accounts.
    """
    make_bills(here.superuser, practice, make_charts(here.superuser, ACCOUNTS))
    keeper = make_keeper(here.superuser)
    analyze(here.superuser)

    async def listed() -> None:
        async with database.act_as(keeper.credential, "billing.keep_books") as tx:
            assert await billing.open_bills(tx, is_repeated=True)

    async def aged() -> None:
        async with database.act_as(keeper.credential, "billing.keep_books") as tx:
            (total,) = await aging.aging_totals(tx)
            assert total.sum_minor() >= ACCOUNTS * AMOUNT
            await aging.aging(tx, is_repeated=True)

    async def summed() -> None:
        async with await psycopg.AsyncConnection.connect(here.superuser) as connection:
            await connection.execute(SUM)

    return max(
        await side_by_side(f"the open bills of {ACCOUNTS:,} accounts", listed, summed),
        await side_by_side(f"what {ACCOUNTS:,} accounts owe, by age", aged, summed),
    )


async def statements(here: Installation, database: Database, practice: Practice, count: int) -> dict[str, float]:
    """Make the statements of a month for so many accounts with the portal's own worker, killed with -9 half way.

    Another goes on. `statements_lost` and `statements_doubled` count accounts; `late_to_early_ratio` is what the last
    tenth takes beside the first: nothing may grow with how far a batch has come. `memory_grown_mb` is of the workers.
    """
    make_bills(here.superuser, practice, make_charts(here.superuser, count), 2)
    keeper = make_keeper(here.superuser)
    analyze(here.superuser)
    month = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).date().replace(day=1)
    async with database.act_as(keeper.credential, "billing.keep_books") as tx:
        await statement_batches.start_batch(tx, month, uuid4())
    with psycopg.connect(here.superuser, autocommit=True) as connection:
        with working(here, 1) as (first,):
            early = await _watch(connection, first.pid, count // 2)
            first.send_signal(signal.SIGKILL)
            print(f"  worker killed with {early[-1].done:,} of {count:,} accounts done", flush=True)
        with working(here, 1) as (second,):
            late = await _watch(connection, second.pid, count + 1)
        made = connection.execute("select count(*), count(distinct patient_id) from statement").fetchone()
        done = connection.execute("select status, total, done, made from statement_batch").fetchone()
    assert made
    assert done == ("done", count, count, count), done
    shown = [one.done for one in (*early, *late)]
    assert shown == sorted(shown), "progress went back"
    took = early[-1].at - early[0].at + late[-1].at - late[0].at
    print(f"  {made[0]:,} statements in {took:.1f} s, shown in {len(set(shown)):,} steps; taken over after the kill in"
          f" {late[0].at - early[-1].at:.1f} s", flush=True)  # fmt: skip
    tenth = count // 10
    paces = [_pace(early if n < 5 else late, n * tenth, (n + 1) * tenth) * tenth for n in range(10)]
    print(f"  each tenth of it in {', '.join(f'{one:.0f}' for one in paces)} s", flush=True)
    return {
        "statements_lost": count - made[1], "statements_doubled": made[0] - made[1],
        "late_to_early_ratio": paces[-1] / paces[0],
        "memory_grown_mb": max(_growth(early), _growth(late)),
    }  # fmt: skip


class _Seen(NamedTuple):
    """How far a batch was at a moment, and how much memory its worker held."""

    at: float
    done: int
    memory_mb: float


async def _watch(connection: "psycopg.Connection[tuple[Any, ...]]", pid: int, until: int) -> list[_Seen]:
    """Look at a batch until so many accounts are done or it is over; the first look is when it went on."""
    seen: list[_Seen] = []
    limit, begun_at = time.perf_counter() + BATCH_S, -1
    while time.perf_counter() < limit:
        row = connection.execute("select status, done from statement_batch").fetchone()
        assert row
        begun_at = row[1] if begun_at < 0 else begun_at
        if row[1] > begun_at:
            seen.append(_Seen(time.perf_counter(), row[1], _memory_mb(pid)))
        if seen and (row[1] >= until or row[0] != "running"):
            break
        await asyncio.sleep(0.05)
    assert seen, "nobody went on with the batch"
    return seen


def _memory_mb(pid: int) -> float:
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize() / 2**20


def _pace(seen: Sequence[_Seen], since: int, until: int) -> float:
    """Return what an account takes in a part of a batch."""
    part = [one for one in seen if since <= one.done <= until]
    return (part[-1].at - part[0].at) / (part[-1].done - part[0].done)


def _growth(seen: Sequence[_Seen]) -> float:
    """Return how much more memory a worker held at most than after a tenth of its part."""
    return max(one.memory_mb for one in seen) - seen[len(seen) // 10].memory_mb


async def measure(here: Installation, only: str, count: int) -> dict[str, float]:
    """Measure what is asked for and return the figures."""
    database = wiring.open_portal(here.settings)
    practice = make_practice(here.superuser, 5)
    figures: dict[str, float] = {}
    try:
        if only in ("", "webhooks"):
            tills = make_tills(here.superuser, practice, make_patients(here.superuser, DELIVERIES - DOUBLED))
            analyze(here.superuser)
            rate = await storm(here, database, tills)
            bare = await inserts_per_second(here.superuser, ABREAST, 3.0)
            print(f"  {rate:,.0f} webhooks settled per second; bare inserts: {bare:,.0f} per second")
            figures |= count_money(here.superuser, tills) | {"ratio_to_bare_insert": rate / bare}
        if only in ("", "history"):
            figures["history_ratio_10y_to_1m"] = await histories(here, database, practice)
        if only in ("", "balances"):
            figures["balances_ratio_to_sql"] = await balances(here, database, practice)
        if only == "statements":
            figures |= await statements(here, database, practice, count)
    finally:
        await database.close()
    return figures


def main() -> None:
    """Run the benchmark in an installation of its own."""
    parser = argparse.ArgumentParser(prog="./portal bench billing", description=__doc__)
    parser.add_argument(
        "--only",
        choices=["webhooks", "history", "balances", "statements"],
        default="",
        help="measure one part; statements alone are measured by name",
    )
    parser.add_argument("--accounts", type=int, default=10_000, help="how many accounts get statements")
    given = parser.parse_args()
    with installation() as found:
        print(require_fsync(found.superuser))
        online = {"stripe_key": KEY, "stripe_webhook_secrets": SECRET}
        here = Installation(type(found.settings)(**(found.settings.model_dump() | online)), found.superuser)
        figures = asyncio.run(measure(here, given.only, given.accounts))
    report("billing", figures, BUDGETS)


if __name__ == "__main__":
    main()
