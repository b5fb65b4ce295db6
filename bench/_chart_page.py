"""The page of a year of one measure, as a phone first meets it: its weight, and when Lighthouse has it drawn.

Somebody with 2,000 readings of a year opens all of them at once. Weighed is everything that comes over the wire, the
readings through the socket included. Drawn is Lighthouse's largest contentful paint on its own slow phone (simulated: a
slow 4G line of 1.6 Mbit/s with 150 ms there and back, a processor four times slower): the first contentful paint is
that of the empty frame in the first HTML, which shows no reading. Lighthouse does not count a picture drawn as SVG as
content; the words of the same answer, which come with it, it does. So it is seen that the picture is there, too. Where
the figure equals the first contentful paint, it says when anything is drawn at all, and nothing of the readings.
"""

import os
from collections.abc import Mapping
from statistics import median

from playwright.sync_api import BrowserContext, sync_playwright

from bench._clinic import Installation, Person, make_patients, make_practice
from bench._figures import Budget, spread
from bench._web import Served, serving
from bench.pages import Address, browser_of, lighthouse_report, weigh
from tests.npm_tools import npm_package

READINGS, RUNS = 2_000, 5
PATH = "/vitals/see?what=blood_pressure&period=year"
BUDGETS: Mapping[str, Budget] = {"chart_kb": Budget("<=", 240), "chart_drawn_ms": Budget("<=", 1000)}
AUDITS = ("first-contentful-paint", "speed-index", "largest-contentful-paint", "total-blocking-time")


def chart_person(here: Installation) -> Person:
    """Make the practice that a page says, and somebody who has readings to look at; the caller fills them in."""
    make_practice(here.superuser, 1)
    return make_patients(here.superuser, 1)[0]


def chart_page(here: Installation, person: Person) -> dict[str, float]:
    """Weigh the page and have Lighthouse draw it, each in a browser of its own."""
    npm_package("lighthouse")
    with serving(here) as web, sync_playwright() as playwright:
        os.environ.update(web.environment)
        with browser_of(playwright, web, person) as (context, _port):
            _is_drawn(context, web)
        with browser_of(playwright, web, person) as (context, _port):
            row = weigh(context, web.settings.public_origin, Address("/vitals/see", "en", PATH, person))
        found: dict[str, list[float]] = {name: [] for name in AUDITS}
        for _ in range(RUNS):
            with browser_of(playwright, web, person) as (_context, port):
                for name, value in _times(web.settings.public_origin + PATH, port).items():
                    found[name].append(value)
    print(f"  a year's chart of {READINGS:,} readings: {row.kb:.1f} kB, {row.socket_kb:.1f} of them readings")
    for name, values in found.items():
        print(f"    {name}: {spread(values, ' ms')}", flush=True)
    return {"chart_kb": row.kb, "chart_drawn_ms": median(found["largest-contentful-paint"])}


def _is_drawn(context: BrowserContext, web: Served) -> None:
    """See that the page has the picture of all of them."""
    page = context.new_page()
    page.goto(web.settings.public_origin + PATH)
    page.wait_for_selector("#first-look", state="detached")
    page.wait_for_selector("path.chart-dots[d^='M']", state="attached")
    dots = page.locator("path.chart-dots").first.get_attribute("d") or ""
    assert dots.count("h0") == READINGS, f"{dots.count('h0')} readings are in the picture"
    page.close()


def _times(url: str, port: int) -> dict[str, float]:
    audits = lighthouse_report(url, port, "performance")["audits"]
    return {name: float(audits[name]["numericValue"]) for name in AUDITS}
