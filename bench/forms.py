"""Forms: an answer saved, alone and among 200 people filling in, and a form of 300 questions validated and drawn.

Run it with `./portal bench forms`. It starts the real web process on the production build. An answer goes the way the
page sends it, over HTTP; beside it the very statements it sends are sent again by psycopg alone. The 200 people answer
every two seconds each, and each answer is timed from the moment it was due. The slow phone is Chromium with a quarter
of this processor: from the form's arrival until its first question is drawn. About two minutes.
"""

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import psycopg
from playwright.async_api import async_playwright

from bench._clinic import Installation, Person, Practice, installation, make_patients, make_practice, require_fsync
from bench._figures import Budget, percentile, report, spread, times
from bench._web import Served, serving
from bench.baselines.same_statements import Recording, recorded
from portal_app.core.db import Database, libpq_conninfo, secret_hash
from portal_app.features.booking import service as booking
from portal_app.features.intake import service as intake
from portal_app.features.intake.checking import problems_of
from portal_app.features.intake.parsing import read_questionnaire
from portal_app.features.intake.responses import response_of
from portal_app.web.cookies import cookie_name
from portal_app.wiring import open_portal
from tests.browser import CHROMIUM, FLAGS

PEOPLE, ROUNDS, ALONE, EVERY_S = 200, 5, 60, 2.0
QUESTIONS: Final = 300
_SLOWER: Final = 4
_BARE_FIRST: Final = 10
URL: Final = "http://example.org/bench/300"
BUDGETS = {
    "save_ratio_to_bare_transaction": Budget("<=", 4),
    "p95_ratio_loaded_to_alone": Budget("<=", 3),
    "validate_300_ms": Budget("<=", 100),
    "draw_300_ms": Budget("<=", 1000),
    "errors": Budget("==", 0),
}


@dataclass
class Filler:
    """Somebody with a form of 300 questions open on one device."""

    person: Person
    form_id: UUID
    client: UUID = field(default_factory=uuid4)
    sequence: int = 0

    def next_answer(self) -> dict[str, Any]:
        """Return what their page sends next."""
        self.sequence += 1
        given = {"sequence": self.sequence, "key": f"q{self.sequence % QUESTIONS}", "values": ["yes"], "base": 0,
                 "at": datetime.now(UTC).isoformat()}  # fmt: skip
        return {"client": str(self.client), "place": given["key"], "answers": [given]}


def questionnaire() -> str:
    """Return a form of 300 questions, every third of which hangs on the one before it."""
    options = [{"valueCoding": {"code": code, "display": text}} for code, text in (("yes", "Yes"), ("no", "No"))]
    items: list[dict[str, Any]] = []
    for n in range(QUESTIONS):
        one: dict[str, Any] = {
            "linkId": f"q{n}", "type": "choice", "text": f"Question {n}?", "required": True, "answerOption": options,
        }  # fmt: skip
        if n % 3 == 2:
            one["enableWhen"] = [{"question": f"q{n - 1}", "operator": "=", "answerCoding": {"code": "yes"}}]
        items.append(one)
    head = {"resourceType": "Questionnaire", "url": URL, "version": "1", "title": "A long form"}
    return json.dumps(head | {"item": items})


def validated() -> float:
    """Return how long it takes to check and write a whole form of 300 answers, in milliseconds (median of 20)."""
    form, took = read_questionnaire(questionnaire()), []
    answers = {f"q{n}": ["yes"] for n in range(QUESTIONS)}
    for _ in range(20):
        started = time.perf_counter()
        assert problems_of(form, answers) == []
        response_of(form, answers, response_id=uuid4(), patient_id=uuid4(), locale="en", authored=datetime.now(UTC))
        took.append((time.perf_counter() - started) * 1000)
    print(f"  300 answers validated and written: {spread(took, ' ms')}")
    return median(took)


async def fillers(database: Database, practice: Practice, people: Sequence[Person]) -> list[Filler]:
    """Give everybody a visit and its form."""
    async with database.act_as_system("bench") as tx:
        await tx.execute(
            "insert into questionnaire (id, url, version, resource, added_at)"
            " values (gen_random_uuid(), :url, '1', :written, now())", {"url": URL, "written": questionnaire()},
        )  # fmt: skip
        await tx.execute(
            "insert into form_rule (id, url, set_by, set_at) values (gen_random_uuid(), :url, :who, now())",
            {"url": URL, "who": people[0].person_id},
        )
    first = date.today() + timedelta(days=3)  # noqa: DTZ011 - any day near; zones do not matter here
    free, found = practice.times(first, 8), []
    for n, person in enumerate(people):
        wish = practice.request(practice.practitioner_ids[n % len(practice.practitioner_ids)], free[n // 4])
        async with database.act_as(person.credential, "booking.book") as tx:
            booked = await booking.book_appointment(tx, wish)
        async with database.act_as(person.credential, "intake.fill_in") as tx:
            found.append(Filler(person, await intake.open_form(tx, booked.id, URL)))
    return found


class Line:
    """The way of answers to the web process."""

    def __init__(self, web: Served) -> None:
        """Open as many connections as there are people."""
        limits = httpx.Limits(max_connections=PEOPLE, max_keepalive_connections=PEOPLE)
        self._cookie = cookie_name(web.settings)
        origin = web.settings.public_origin
        self.client = httpx.AsyncClient(base_url=origin, limits=limits, headers={"origin": origin}, trust_env=False)
        self.failures: list[str] = []

    async def save(self, filler: Filler, due_at: float | None = None) -> float:
        """Save the next answer of somebody; return the seconds from when it was due until it is kept."""
        began = due_at or time.perf_counter()
        said = await self.client.post(
            f"/forms/{filler.form_id}/answers", json=filler.next_answer(),
            headers={"cookie": f"{self._cookie}={filler.person.secret}", "x-locale": "en"}, timeout=30,
        )  # fmt: skip
        if said.status_code != httpx.codes.OK or said.json()["sequence"] != filler.sequence:
            self.failures.append(f"{said.status_code} {said.text[:80]}")
        return time.perf_counter() - began


async def alone(line: Line, filler: Filler) -> list[float]:
    """Let one person answer again and again while nobody else is there."""
    took = []
    for _ in range(ALONE):
        took.append(await line.save(filler))
        await asyncio.sleep(0.02)
    return took


async def together(line: Line, crowd: Sequence[Filler], seconds: float) -> list[float]:
    """Let everybody answer every two seconds, whether the last one is kept or not yet due (open loop)."""
    starts = time.perf_counter() + 0.5
    offsets = random.Random(3).sample(range(len(crowd)), len(crowd))

    async def person(filler: Filler, offset: int) -> list[float]:
        took = []
        for n in range(int(seconds / EVERY_S)):
            due_at = starts + offset * EVERY_S / len(crowd) + n * EVERY_S
            await asyncio.sleep(max(0, due_at - time.perf_counter()))
            took.append(await line.save(filler, due_at))
        return took

    all_took = await asyncio.gather(*(person(one, offset) for one, offset in zip(crowd, offsets, strict=True)))
    return [one for took in all_took for one in took]


async def record(database: Database, filler: Filler) -> Recording:
    """Save one answer as the route does, and note the statements."""
    async with database.act_as(filler.person.credential, "intake.fill_in"):
        pass  # the first transaction of a connection asks the server who it is
    given = [intake.GivenAnswer(n, f"q{n}", ["yes"], 0, datetime.now(UTC)) for n in (1, 2)]
    async with database.act_as(filler.person.credential, "intake.fill_in") as tx:
        await intake.save_answers(tx, filler.form_id, filler.client, given[:1], "q1")
    with recorded() as recording:
        async with database.act_as(filler.person.credential, "intake.fill_in") as tx:
            await intake.save_answers(tx, filler.form_id, filler.client, given[1:], "q2")
    return recording


async def bare(here: Installation, recording: Recording, filler: Filler) -> list[float]:
    """Send the same statements in a bare transaction, one after the other, each as the next answer."""
    kept: tuple[object, ...] = (filler.person.person_id, filler.person.patient_id, filler.form_id, filler.client)
    fixed: dict[object, object] = {one: one for one in (*kept, secret_hash(filler.person.secret))}
    took = []
    async with await psycopg.AsyncConnection.connect(libpq_conninfo(here.settings.database_url or "")) as connection:
        for n in range(ALONE + _BARE_FIRST):
            number, started = 3 + n, time.perf_counter()
            await _next(recording, number).replay(connection, fixed)
            if n >= _BARE_FIRST:  # the first ones prepare the statements
                took.append(time.perf_counter() - started)
            await asyncio.sleep(0.02)
    return took


def _next(recording: Recording, number: int) -> Recording:
    """Return the recording with the answer's number and sequence, which are 2 in it, as those of a later answer."""

    def renumbered(given: Any) -> Any:
        if isinstance(given, dict):
            return {name: renumbered(value) for name, value in given.items()}
        if isinstance(given, list | tuple):
            return type(given)(renumbered(value) for value in given)
        return number if given == 2 and not isinstance(given, bool) else given

    return Recording([(said, renumbered(given)) for said, given in recording.statements])


async def drawn(web: Served, filler: Filler) -> float:
    """Open the long form on a slow phone; return the milliseconds from its arrival to its first question."""
    took: list[float] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for _ in range(ROUNDS):
            context = await browser.new_context(viewport={"width": 360, "height": 740})
            origin = web.settings.public_origin
            name, host = cookie_name(web.settings), urlsplit(origin).hostname or ""
            await context.add_cookies(
                [{"name": name, "value": filler.person.secret, "domain": host, "path": "/", "secure": True,
                  "httpOnly": True, "sameSite": "Lax"}]
            )  # fmt: skip
            page = await context.new_page()
            page.set_default_timeout(60_000)
            await page.add_init_script(_WATCH)
            session = await context.new_cdp_session(page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
            await page.goto(f"{origin}/forms/{filler.form_id}")
            await page.evaluate(_DRAWN)  # not wait_for_function: the page runs no text as code
            took.append(await page.evaluate(
                "window.drawnAt - performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/sheet'))"
                ".at(-1).responseEnd"
            ))  # fmt: skip
            await context.close()
        await browser.close()
    print(f"  300 questions drawn on a phone with a quarter of this processor: {spread(took, ' ms')}")
    return float(median(took))


_DRAWN: Final = """
new Promise((done) => { const look = () => (window.drawnAt ? done() : setTimeout(look, 20)); look(); })
"""
_WATCH: Final = """
window.drawnAt = 0;
new MutationObserver((_all, own) => {
  if (!document.querySelector("[data-form=filling] fieldset")) return;
  own.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.drawnAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""


async def measure(here: Installation, web: Served, seconds: float) -> dict[str, float]:
    """Run all of it and return the figures: medians of the rounds."""
    practice = make_practice(here.superuser, 4)
    people = make_patients(here.superuser, PEOPLE + ROUNDS + 2, practice.practitioner_ids)
    database = open_portal(here.settings)
    try:
        crowd = await fillers(database, practice, people)
        loners, clerk, reader = crowd[PEOPLE : PEOPLE + ROUNDS], crowd[-2], crowd[-1]
        recording, line = await record(database, clerk), Line(web)
        print(f"  an answer sends {len(recording.statements)} statements")
        to_bare, to_alone = [], []
        await together(line, crowd[:20], EVERY_S)  # whoever comes first finds nothing warm
        for number, loner in enumerate(loners, 1):
            empty(here, clerk)
            clerk_took = await bare(here, recording, clerk)
            own = await alone(line, loner)
            loaded = await together(line, crowd[:PEOPLE], seconds)
            to_bare.append(median(own) / median(clerk_took))
            to_alone.append(percentile(loaded, 95) / percentile(own, 95))
            print(f"  round {number}: bare {times(clerk_took)}; alone {times(own)}; among {PEOPLE} {times(loaded)}")
        for failure, count in Counter(line.failures).items():
            print(f"  {count} answers FAILED: {failure}")
        await line.client.aclose()
        slow = await drawn(web, reader)
    finally:
        await database.close()
    print(f"  alone ÷ bare: {spread(to_bare)}; p95 among {PEOPLE} ÷ p95 alone: {spread(to_alone)}")
    return {
        "save_ratio_to_bare_transaction": median(to_bare),
        "p95_ratio_loaded_to_alone": median(to_alone),
        "validate_300_ms": validated(),
        "draw_300_ms": slow,
        "errors": len(line.failures),
    }


def empty(here: Installation, clerk: Filler) -> None:
    """Take out of the clerk's form what an earlier round added, so that numbers begin where they were recorded."""
    with psycopg.connect(here.superuser) as connection:
        connection.execute("delete from form_answer where response_id = %s and number > 2", [clerk.form_id])


def main() -> None:
    """Run the benchmark in an installation of its own."""
    parser = argparse.ArgumentParser(prog="./portal bench forms", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long everybody answers in each round")
    given = parser.parse_args()
    with installation() as here, serving(here) as web:
        print(f"{require_fsync(here.superuser)}; {PEOPLE} people, one answer each every {EVERY_S:g} s")
        figures = asyncio.run(measure(here, web, given.seconds))
    report("forms", figures, BUDGETS)


if __name__ == "__main__":
    main()
