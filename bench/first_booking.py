"""The first booking of somebody who has just signed in, on a slow phone: how many taps, and how many seconds.

The phone is Chromium held to 1.6 Mbit/s with 150 ms of round trip and a quarter of this processor's speed, with nothing
kept from an earlier visit. Taps are counted from home to "Your visit is booked", as the journey makes them. Seconds are
counted from the first tap to those words, less the thinking that no machine does: the hand is there at once.
"""

import time
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, Locator, Page, async_playwright

from bench._clinic import Installation, Person, make_patients, make_practice
from bench._figures import Budget, spread
from bench._web import Served, serving
from portal_app.web.cookies import cookie_name
from tests.browser import CHROMIUM, FLAGS

BUDGETS = {"taps_first_booking": Budget("<=", 3)}
ROUNDS = 5
LIMIT_MS = 60_000
_PHONE: Final = {"width": 360, "height": 740}
_BYTES_PER_S: Final = 1_600_000 / 8
_ROUND_TRIP_MS: Final = 150
_SLOWER: Final = 4


async def first_booking(here: Installation) -> dict[str, float]:
    """Let five people book their first visit on a slow phone, one after the other, and return the figures."""
    practice = make_practice(here.superuser, 5)
    patients = make_patients(here.superuser, ROUNDS, practice.practitioner_ids)
    taps, seconds = [], []
    with serving(here) as served:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for person in patients:
                counted, took_s = await _book(browser, served, person)
                taps.append(counted)
                seconds.append(took_s)
            await browser.close()
    print(f"  first booking on a slow phone: {spread(seconds, ' s')}, {max(taps)} taps")
    return {"taps_first_booking": max(taps), "seconds_first_booking": median(seconds)}


async def _book(browser: Browser, served: Served, person: Person) -> tuple[int, float]:
    context = await browser.new_context(viewport=_PHONE)  # type: ignore[arg-type]  # a TypedDict to its checker
    origin = served.settings.public_origin
    await context.add_cookies(
        [{"name": cookie_name(served.settings), "value": person.secret, "domain": urlsplit(origin).hostname or "",
          "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"}]
    )  # fmt: skip
    page = await context.new_page()
    page.set_default_timeout(LIMIT_MS)
    await slow_down(page)
    await page.goto(origin + "/")
    await page.locator("html[data-ready]").wait_for(state="attached")
    started = time.perf_counter()
    steps = (
        page.get_by_role("link", name="Book a visit").or_(page.get_by_role("link", name="Find a time")).first,
        page.locator("button.time").first,
        page.locator(".dock button[type=submit]"),
    )
    taps = 0
    for step in steps:
        taps += await _tap(step)
    await page.get_by_role("heading", name="Your visit is booked", exact=True).wait_for()
    took_s = time.perf_counter() - started
    await context.close()
    return taps, took_s


async def _tap(target: Locator) -> int:
    await target.click()
    return 1


async def slow_down(page: Page) -> None:
    """Hold a page to the network and the processor of the slow phone."""
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("Network.enable")
    await protocol.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": _ROUND_TRIP_MS,
            "downloadThroughput": _BYTES_PER_S,
            "uploadThroughput": _BYTES_PER_S,
        },
    )
    await protocol.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
