"""From the link of an invitation to home, on a slow phone: taps, and seconds that the portal takes of them.

What is typed (a name and a birth date) and the thinking are left out: the hand and the finger are there at once.
"""

import time
from datetime import timedelta
from uuid import uuid4

import psycopg
from playwright.async_api import Browser, Locator, Page

from bench._clinic import Installation
from bench._devices import somewhere, with_passkeys
from bench._web import Served
from bench.first_booking import LIMIT_MS, slow_down
from portal_app.core import clock, crypto
from portal_app.core.db import SYSTEM_PERSON_ID, secret_hash
from portal_app.features.enrolment.jobs import link_path
from portal_app.features.enrolment.secret import link_of
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


def invited(here: Installation) -> str:
    """Make a chart that nobody signs in to, and an invitation by mail; return the address of its link."""
    crypto.load_key_ring(here.settings)
    patient_id, activation_id = uuid4(), uuid4()
    email = f"{activation_id.hex[:12]}@example.test"
    with psycopg.connect(here.superuser) as connection:
        connection.execute(
            "insert into patient (id, family_name, given_name, birth_date, zone)"
            " values (%s, 'Alvarez', 'Maria', '1964-05-01', 'America/New_York')",
            [patient_id],
        )
        connection.execute(
            "insert into activation (id, patient_id, channel, link_hash, email, request_key, created_by, created_at,"
            " expires_at) values (%s, %s, 'mail', %s, %s, %s, %s, %s, %s)",
            [activation_id, patient_id, secret_hash(link_of(activation_id)), crypto.encrypt(email), uuid4(),
             SYSTEM_PERSON_ID, clock.now(), clock.now() + timedelta(days=30)],
        )  # fmt: skip
    return link_path(link_of(activation_id))


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
