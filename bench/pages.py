"""Every patient page in every language, as a phone first meets it: kilobytes over the wire, and Lighthouse.

Run it with `./portal bench pages`. The pages are the production build's, the people and their visits the demo
clinic's. Over two hours with Lighthouse; `--runs 0` weighs the pages and leaves it out, and
`--language` and `--page` choose some.
"""

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from bench._clinic import Installation, Person, installation, prove_anew, require_fsync, sign_in
from bench._figures import Budget, report
from bench._phones import confirm_path
from bench._web import Served, serving
from portal_app.core.i18n import LOCALES, localized_path
from portal_app.features.access.service import demo_people
from portal_app.features.booking import service
from portal_app.features.booking.views import BookingRequest, TimeQuery
from portal_app.features.practice import service as practice
from portal_app.operations import demo_clinic
from portal_app.operations.startup import unused_port
from portal_app.web.cookies import cookie_name
from portal_app.web.registry import all_pages
from portal_app.wiring import open_portal
from tests.browser import CHROMIUM, FLAGS
from tests.npm_tools import npm_package

SETTLED_MS = 700
LIGHTHOUSE_TRIES = 3

BUDGETS = {
    "kb_max": Budget("<=", 180),
    "performance_min": Budget(">=", 95),
    "accessibility_min": Budget(">=", 100),
}


@dataclass(frozen=True)
class Address:
    """A page to open. `person` is whoever is signed in, or None on a page for strangers."""

    route: str
    locale: str
    path: str
    person: Person | None


@dataclass
class Row:
    """What was found out about a page. Kilobytes are 1,000 bytes, headers included; `socket_kb` is part of `kb`."""

    address: Address
    kb: float
    socket_kb: float
    requests: int
    performance: list[float]
    accessibility: list[float]

    def __str__(self) -> str:
        scores = ""
        if self.performance:
            runs = ", ".join(f"{score:.0f}" for score in self.performance)
            scores = (
                f"  performance {median(self.performance):3.0f} ({runs})  accessibility {min(self.accessibility):3.0f}"
            )
        where = f"{self.address.locale} {self.address.route}"
        return f"  {where:<24} {self.kb:6.1f} kB in {self.requests:2} requests, socket {self.socket_kb:4.1f} kB{scores}"


NOTHING = UUID(int=0)
LEAD_ON = frozenset({"/text-code", "/welcome"})
"""Pages on which these people have nothing to do: they go on at once, and are not weighed. No other may."""


class LedElsewhere(Exception):
    """Whoever opens a page has nothing to do there, and it goes on to another."""


class Wire:
    """Counts what a page brings over the network, from the browser's own account of it."""

    def __init__(self, page: Page) -> None:
        self.bytes = self.socket_bytes = self.requests = 0
        self._is_deflated = False
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._loaded)
        session.on("Network.webSocketHandshakeResponseReceived", self._greeted)
        session.on("Network.webSocketFrameReceived", self._heard)

    def _loaded(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])
        self.requests += 1

    def _greeted(self, event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        self._is_deflated = "permessage-deflate" in headers.get("sec-websocket-extensions", "")

    def _heard(self, event: dict[str, Any]) -> None:
        payload = event["response"]["payloadData"].encode()
        self.socket_bytes += len(zlib.compress(payload)) if self._is_deflated else len(payload)


def addresses(here: Installation) -> list[Address]:
    """Return every page that patients and strangers open, in every language, each as a patient who reads it."""
    found = []
    people = {locale: _patient(here, locale) for locale in LOCALES}
    pages = [page for page in all_pages() if page.audience in ("patient", "public")]
    for locale, (person, appointment_id, wish) in people.items():
        things = {"/appointments/[id]": appointment_id, **_things(here, person)}
        for page in pages:
            path = page.route.replace("[id]", str(things.get(page.route, NOTHING)))
            if page.route in ("/book/confirm", "/book/series"):
                path = confirm_path(wish).replace("/book/confirm", page.route)
            who = person if page.needs_session else None
            found.append(Address(page.route, locale, localized_path(locale, path), who))
    return found


def _patient(here: Installation, locale: str) -> tuple[Person, UUID, BookingRequest]:
    """Sign in the demo's patient of a language; return them, their visit to come, and a time they could have."""
    person_id = next(one.person_id for one in demo_people() if one.locale == locale and one.person_id.int & 0xFF < 0x10)
    with psycopg.connect(here.superuser) as connection:
        found = connection.execute(
            "select g.patient_id, a.id from access_grant g join appointment a on a.patient_id = g.patient_id"
            " where g.grantee = %s and g.basis = 'self' and a.status = 'booked' and a.starts_at > now() limit 1",
            [person_id],
        ).fetchone()
    assert found, f"the demo's patient who reads {locale} has no visit to come"
    person = Person(person_id, found[0], uuid4().hex)
    sign_in(
        here.superuser, [person], assurance=2
    )  # so that no page leads to the one on which a second proof is asked for
    return person, found[1], asyncio.run(_free_time(here, person))


def _things(here: Installation, person: Person) -> dict[str, UUID]:
    """Return the latest of the things of one's own that pages show by their id; a page of another shows nothing."""
    latest = {
        "/bills/[id]": "select id from invoice where patient_id = %s order by issued_at desc limit 1",
        "/clinicians/[id]": "select practitioner_id from appointment where patient_id = %s limit 1",
        "/forms/[id]": "select id from questionnaire_response where patient_id = %s order by started_at desc limit 1",
        "/insurance/[id]": "select id from coverage where patient_id = %s order by entered_at desc limit 1",
    }
    with psycopg.connect(here.superuser) as connection:
        found = {route: connection.execute(one, [person.patient_id]).fetchone() for route, one in latest.items()}
    return {route: row[0] for route, row in found.items() if row}


async def _free_time(here: Installation, person: Person) -> BookingRequest:
    database = open_portal(here.settings)
    try:
        async with database.act_as(person.credential, "booking.find") as tx:
            kind = next(one for one in await practice.visit_types(tx) if "in_person" in one.modalities)
            found = await service.find_soonest(tx, TimeQuery(kind.id, "in_person"))
    finally:
        await database.close()
    time = max(found, key=lambda one: one.starts_at)
    return BookingRequest(kind.id, time.practitioner_id, time.location_id, "in_person", time.starts_at, uuid4())


def weigh(context: BrowserContext, origin: str, address: Address) -> Row:
    """Load a page with nothing in the browser's cache, and count until nothing more comes."""
    page = context.new_page()
    wire = Wire(page)
    page.goto(origin + address.path, wait_until="networkidle")
    page.wait_for_selector("html[data-ready]", state="attached")
    page.wait_for_timeout(SETTLED_MS)
    landed = urlsplit(page.url).path.rstrip("/")
    leads_to = page.url if landed != urlsplit(address.path).path.rstrip("/") else ""
    page.close()
    if leads_to:
        raise LedElsewhere(f"{address.path} led to {leads_to}")
    kb = (wire.bytes + wire.socket_bytes) / 1000
    return Row(address, kb, wire.socket_bytes / 1000, wire.requests, [], [])


@contextlib.contextmanager
def browser_of(playwright: Playwright, web: Served, person: Person | None) -> Iterator[tuple[BrowserContext, int]]:
    """Give a browser with nothing remembered but who is signed in, and the port on which Lighthouse can use it."""
    port = unused_port()
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=[*FLAGS, f"--remote-debugging-port={port}"],
            viewport={"width": 360, "height": 740},
        )
        if person:
            # Chromium takes a Secure cookie from http://localhost, and from its own debugger only for https.
            host = urlsplit(web.settings.public_origin).hostname
            cookie = {"name": cookie_name(web.settings), "value": person.secret, "url": f"https://{host}/"}
            context.add_cookies([{**cookie, "secure": True, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[typeddict-item]
        try:
            yield context, port
        finally:
            context.close()


def lighthouse_report(url: str, port: int, *categories: str) -> dict[str, Any]:
    """Return all that Lighthouse says of an address, as of a mid-range phone; it must not have led elsewhere.

    Where its own recording failed and it asks for it, it is run again.
    """
    program = npm_package("lighthouse") / "cli" / "index.js"
    command = ["node", str(program), url, f"--port={port}", "--output=json", "--quiet"]
    command += [f"--only-categories={','.join(categories)}", "--no-enable-error-reporting"]
    done = _run(command)
    for _ in range(LIGHTHOUSE_TRIES - 1):
        if not done.returncode or "Please run Lighthouse again" not in done.stderr:
            break
        done = _run(command)
    if done.returncode:
        raise RuntimeError(f"Lighthouse ended with {done.returncode} at {url}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    assert urlsplit(found["finalDisplayedUrl"]).path == urlsplit(url).path, f"{url} led to {found['finalDisplayedUrl']}"
    return found


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - made here, no shell


def lighthouse(url: str, port: int) -> tuple[float, float]:
    """Return Lighthouse's scores for performance and accessibility, 0 to 100, as of a mid-range phone."""
    found = lighthouse_report(url, port, "performance", "accessibility")
    performance, accessibility = (
        round(found["categories"][name]["score"] * 100) for name in ("performance", "accessibility")
    )
    if not (BUDGETS["performance_min"].is_kept(performance) and BUDGETS["accessibility_min"].is_kept(accessibility)):
        print(f"  {urlsplit(url).path}: {'; '.join(_reasons(found))}", flush=True)
    return performance, accessibility


def _reasons(found: dict[str, Any]) -> Iterator[str]:
    """Give the times that make the score for performance, and whatever is not fully accessible."""
    audits = found["audits"]
    for name in (
        "first-contentful-paint",
        "largest-contentful-paint",
        "total-blocking-time",
        "cumulative-layout-shift",
    ):
        yield f"{name} {audits[name]['displayValue']}"
    for reference in found["categories"]["accessibility"]["auditRefs"]:
        audit = audits[reference["id"]]
        if audit["score"] is not None and audit["score"] < 1:
            yield f"{reference['id']} fails"


def measure(playwright: Playwright, web: Served, address: Address, runs: int) -> Row | None:
    """Weigh a page in one fresh browser and score it in another; nothing if it leads on at once."""
    origin = web.settings.public_origin
    with browser_of(playwright, web, address.person) as (context, _port):
        try:
            row = weigh(context, origin, address)
        except LedElsewhere as elsewhere:
            if address.route not in LEAD_ON:
                raise
            print(f"  {elsewhere}, and was not weighed", flush=True)
            return None
    for _ in range(runs):
        with browser_of(playwright, web, address.person) as (_context, port):
            performance, accessibility = lighthouse(origin + address.path, port)
        row.performance.append(performance)
        row.accessibility.append(accessibility)
    print(row, flush=True)
    return row


def figures_of(rows: list[Row]) -> dict[str, float]:
    """Return the worst of all pages: the heaviest, and the lowest of the scores (performance: median of its runs)."""
    figures = {"kb_max": max(row.kb for row in rows)}
    if all(row.performance for row in rows):
        figures["performance_min"] = min(median(row.performance) for row in rows)
        figures["accessibility_min"] = min(min(row.accessibility) for row in rows)
    return figures


def main() -> None:
    """Run the benchmark in an installation of its own."""
    parser = argparse.ArgumentParser(prog="./portal bench pages", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often Lighthouse looks at each page")
    parser.add_argument("--language", choices=LOCALES, help="only the pages in this language")
    parser.add_argument("--page", help="only the page of this route, such as /book")
    given = parser.parse_args()
    if given.runs:
        npm_package("lighthouse")
    with installation() as here, contextlib.ExitStack() as stack:
        print(require_fsync(here.superuser))
        demo_clinic.main(here.settings)
        wanted = [
            one for one in addresses(here) if given.language in (None, one.locale) and given.page in (None, one.route)
        ]
        web = stack.enter_context(serving(here))
        os.environ.update(web.environment)
        playwright = stack.enter_context(sync_playwright())
        rows: list[Row] = []
        for one in wanted:
            prove_anew(here.superuser)
            rows += filter(None, [measure(playwright, web, one, given.runs)])
    report("pages", figures_of(rows), BUDGETS)


if __name__ == "__main__":
    main()
