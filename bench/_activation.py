"""From an invitation to home, on a slow phone: by the link of a mail, by the square of a printed card, by its code.

It is counted from the opening of the first page to a home that is filled: every tap on a button, and the seconds,
typing included, at the pace of somebody who types slowly with one thumb. Left out are the thinking, and the way to the
mailbox and back for whoever proves an address by a code.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

import psycopg
from playwright.async_api import Browser, Locator, Page

from bench._clinic import Installation
from bench._devices import somewhere, with_passkeys
from bench._web import Served
from bench.first_booking import LIMIT_MS, slow_down
from portal_app.core import clock, crypto
from portal_app.core.db import SYSTEM_PERSON_ID, secret_hash
from portal_app.features.enrolment.jobs import link_path
from portal_app.features.enrolment.rules import written_code
from portal_app.features.enrolment.secret import code_hash, code_of, link_of
from tests.browser import PHONE

NAME: Final = "Maria Alvarez"
BORN: Final = {"#birth-day": "1", "#birth-month": "5", "#birth-year": "1964"}
FIRST_STEPS: Final = ("English", "Call me", "Make a passkey on this device", "I understand", "Go to my home page")
"""The taps after the account is open, in their order."""
KEY_MS: Final = 300


@dataclass(frozen=True)
class Invited:
    """Somebody with a chart, and what opens it: the link, in the square of a card too, or the code of a card."""

    activation_id: UUID

    @property
    def path(self) -> str:
        """Return the address of the link."""
        return link_path(link_of(self.activation_id))

    @property
    def code(self) -> str:
        """Return the code as it stands on a card."""
        return written_code(code_of(self.activation_id))


def invited(here: Installation, channel: Literal["mail", "card"]) -> Invited:
    """Make a chart that nobody signs in to, and an invitation to it: a card, or one sent by mail."""
    crypto.load_key_ring(here.settings)
    patient_id, made = uuid4(), uuid4()
    email = crypto.encrypt(f"{made.hex[:12]}@example.test") if channel == "mail" else None
    code = code_hash(code_of(made)) if channel == "card" else None
    with psycopg.connect(here.superuser) as connection:
        connection.execute(
            "insert into patient (id, family_name, given_name, birth_date, zone)"
            " values (%s, 'Alvarez', 'Maria', '1964-05-01', 'America/New_York')",
            [patient_id],
        )
        connection.execute(
            "insert into activation (id, patient_id, channel, link_hash, code_hash, email, request_key, created_by,"
            " created_at, expires_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [made, patient_id, channel, secret_hash(link_of(made)), code, email, uuid4(), SYSTEM_PERSON_ID,
             clock.now(), clock.now() + timedelta(days=30)],
        )  # fmt: skip
    return Invited(made)


async def by_link(here: Installation, browser: Browser, served: Served) -> tuple[int, float]:
    """Open the link of a mail and go home; return the taps and the seconds."""
    one = invited(here, "mail")
    return await _home(browser, served, one.path, {}, lambda hand: hand.tap("Use this address"))


async def by_square(here: Installation, browser: Browser, served: Served) -> tuple[int, float]:
    """Open the address of the square of a card, prove an address, and go home; return the taps and the seconds."""
    one = invited(here, "card")
    return await _home(browser, served, one.path, {}, lambda hand: hand.prove(here))


async def by_code(here: Installation, browser: Browser, served: Served) -> tuple[int, float]:
    """Open the page named on a card, type the card's code, and go on as by its square."""
    one = invited(here, "card")
    return await _home(browser, served, "/activate", {"#card": one.code}, lambda hand: hand.prove(here))


@dataclass
class _Hand:
    """A hand that types and taps, and counts its taps."""

    page: Page
    taps: int = 0

    async def tap(self, name: str) -> None:
        await self.page.locator("main").get_by_role("button", name=name, exact=True).first.click()
        self.taps += 1

    async def type(self, typed: Mapping[str, str]) -> None:
        for field, text in typed.items():
            await self.page.locator(field).press_sequentially(text, delay=KEY_MS)

    async def prove(self, here: Installation) -> None:
        """Have a code sent to an address, and type it."""
        await self.type({"#email": f"{uuid4().hex[:10]}@example.test"})
        await self.tap("Send me a code")
        await self.page.locator("#code").wait_for()
        await self.type({"#code": _code_sent(here)})
        await self.tap("Open my account")


async def _home(browser: Browser, served: Served, path: str, first: Mapping[str, str], prove: Any) -> tuple[int, float]:
    context = await browser.new_context(viewport=PHONE, extra_http_headers={"X-Forwarded-For": somewhere()})
    page = await context.new_page()
    page.set_default_timeout(LIMIT_MS)
    await with_passkeys(page)
    await slow_down(page)
    hand, started = _Hand(page), time.perf_counter()
    await page.goto(f"{served.settings.public_origin}{path}")
    await hand.type({**first, "#name": NAME, **BORN})
    await hand.tap("Go on")
    await prove(hand)
    # The page before has a button of that name too, among the languages.
    await page.get_by_role("heading", name="Which language do you read?", exact=True).wait_for()
    for step in FIRST_STEPS:
        await hand.tap(step)
    await _at_home(page).wait_for()
    took_s = time.perf_counter() - started
    await context.close()
    return hand.taps, took_s


def _at_home(page: Page) -> Locator:
    return page.get_by_role("link", name="Book a visit").or_(page.get_by_role("link", name="Find a time")).first


def _code_sent(here: Installation) -> str:
    with psycopg.connect(here.superuser) as connection:
        row = connection.execute(
            "select content from outbox_message where template = 'enrolment_code' order by created_at desc limit 1"
        ).fetchone()
    assert row
    return str(json.loads(crypto.decrypt(row[0]))["params"]["code"])
