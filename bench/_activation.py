"""From the link of an invitation to home, on a slow phone: taps, and seconds that the portal takes of them.

What is typed (a name and a birth date) and the thinking are left out: the hand and the finger are there at once.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
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
from portal_app.features.enrolment.secret import code_hash, code_of, link_of
from tests.browser import PHONE

NAME = "Maria Alvarez"
STEPS = (
    "Use this address",
    "English",
    "Call me",
    "Make a passkey on this device",
    "I understand",
    "Go to my home page",
)
"""The taps after name and birth date, in their order."""


@dataclass(frozen=True)
class Invited:
    """Somebody with a chart, and what opens it: the link, in the square of a card too, or the code of a card."""

    activation_id: UUID

    @property
    def path(self) -> str:
        """Return the address of the link."""
        return link_path(link_of(self.activation_id))


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


async def activate(browser: Browser, served: Served, link: str) -> tuple[int, float]:
    """Open the link and go home; return the taps and the seconds from the first tap on."""
    context = await browser.new_context(viewport=PHONE, extra_http_headers={"X-Forwarded-For": somewhere()})
    page = await context.new_page()
    page.set_default_timeout(LIMIT_MS)
    await with_passkeys(page)
    await slow_down(page)
    await page.goto(f"{served.settings.public_origin}{link}")
    await page.locator("#name").fill(NAME)
    for part, typed in (("day", "1"), ("month", "5"), ("year", "1964")):
        await page.locator(f"#birth-{part}").fill(typed)
    started, taps = time.perf_counter(), 1
    await _named(page, "Go on").click()
    for step in STEPS:
        if step == STEPS[1]:
            # The page before has a button of that name too, among the languages.
            await page.get_by_role("heading", name="Which language do you read?", exact=True).wait_for()
        await _named(page, step).click()
        taps += 1
    await (
        page.get_by_role("link", name="Book a visit").or_(page.get_by_role("link", name="Find a time")).first.wait_for()
    )
    took_s = time.perf_counter() - started
    await context.close()
    return taps, took_s


def _named(page: Page, name: str) -> Locator:
    return page.locator("main").get_by_role("button", name=name, exact=True).first
