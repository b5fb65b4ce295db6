"""Signing in with a passkey: ten people at once beside one alone, and coming back on a slow phone.

A sign-in is both requests that a browser makes: fetch the question, send the answer and get the session. What the key
takes to sign is left out, since the portal is measured and not this script. Nobody shares a network, as the limits on
tries count by network. The five rounds of both alternate in one run.

Activation is counted on the phone of `first_booking`, from the first page's opening to a home that is filled: every
tap on a button, and the seconds, typing included (see `_activation`). There are three ways in: the link of a mail, and
the square or the code of a printed card. The figures without a name are those of the worst of them.

How long an answer takes must not tell who is known here: `known_to_unknown_ratio` (see `_enumeration`).

Coming back is counted from the sign-in page, opened on the phone of `first_booking`, to home: taps, and seconds from
the tap to a home that is filled. The hand and the finger are there at once.
"""

import asyncio
import base64
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from statistics import median
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.async_api import Browser, Page, async_playwright
from webauthn.helpers import bytes_to_base64url, encode_cbor

from bench import _activation
from bench._clinic import Installation, Person, installation, make_patients, make_practice, require_fsync
from bench._devices import somewhere, with_passkeys
from bench._enumeration import known_to_unknown
from bench._figures import Budget, percentile, report, spread, times
from bench._web import Served, serving
from bench.first_booking import LIMIT_MS, slow_down
from portal_app.web.cookies import cookie_name, new_visitor_secret
from tests.authenticator import Authenticator
from tests.browser import CHROMIUM, FLAGS, PHONE

BUDGETS = {
    "p95_ratio_10_to_1": Budget("<=", 10), "taps_returning": Budget("==", 1), "taps_activation": Budget("<=", 8),
    "seconds_activation": Budget("<=", 120), "known_to_unknown_ratio": Budget("±10%", 1),
}  # fmt: skip
WAYS_IN = {"link": _activation.by_link, "square": _activation.by_square, "code": _activation.by_code}
ROUNDS, EACH, AT_ONCE, ACTIVATIONS = 5, 40, 10, 3


@dataclass(frozen=True)
class Holder:
    """Somebody with a passkey."""

    person: Person
    device: Authenticator


def main() -> None:
    """Measure and report."""
    with installation() as here:
        print(f"Signing in: {require_fsync(here.superuser)}")
        # One proxy is believed, so that each person may come from a network of their own.
        behind = replace(here, settings=here.settings.model_copy(update={"proxy_hops": 1}))
        report("signin", asyncio.run(_measure(behind)), BUDGETS)


async def _measure(here: Installation) -> dict[str, float]:
    practice = make_practice(here.superuser, 2)
    with serving(here) as served:
        people = make_patients(here.superuser, AT_ONCE + ROUNDS, practice.practitioner_ids)
        holders = [_with_passkey(here, served, person) for person in people]
        figures = await _crowd(served, holders[:AT_ONCE])
        figures |= await known_to_unknown(here, people[0])
        figures |= await _activating(here, served)
        return figures | await _returning(served, holders[AT_ONCE:])


def _with_passkey(here: Installation, served: Served, person: Person) -> Holder:
    device = Authenticator(origin=served.settings.public_origin, user_id=person.person_id.bytes)
    place = device.key.public_key().public_numbers()
    public = encode_cbor({1: 2, 3: -7, -1: 1, -2: place.x.to_bytes(32), -3: place.y.to_bytes(32)})
    with psycopg.connect(here.superuser) as connection:
        connection.execute(
            "insert into passkey (id, person_id, external_id, public_key, name, vouched_at)"
            " values (%s, %s, %s, %s, 'Phone', now())",
            [uuid4(), person.person_id, bytes_to_base64url(device.credential_id), public],
        )
    return Holder(person, device)


async def _crowd(served: Served, holders: list[Holder]) -> dict[str, float]:
    ratios, alone, together = [], [], []
    async with AsyncExitStack() as opened:
        # To make a browser takes this script a while, in which no other's answer would be read.
        browsers = [await opened.enter_async_context(_browser(served)) for _ in holders]

        async def all_at_once(count: int) -> list[list[float]]:
            pairs = zip(browsers, holders, strict=True)
            return await asyncio.gather(*(_sign_in_often(browser, served, one, count) for browser, one in pairs))

        await all_at_once(5)  # what is opened once is open
        for _ in range(ROUNDS):
            one = await _sign_in_often(browsers[0], served, holders[0], EACH)
            many = [took for each in await all_at_once(EACH // 4) for took in each]
            ratios.append(percentile(many, 95) / percentile(one, 95))
            alone += one
            together += many
    print(f"  one alone: {times(alone)}; ten at once: {times(together)}; ratio of p95: {spread(ratios)}")
    return {
        "p95_ratio_10_to_1": median(ratios),
        "p95_alone_ms": percentile(alone, 95) * 1000,
        "p95_ten_ms": percentile(together, 95) * 1000,
    }


def _browser(served: Served) -> httpx.AsyncClient:
    origin = served.settings.public_origin
    return httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, trust_env=False)


async def _sign_in_often(browser: httpx.AsyncClient, served: Served, holder: Holder, count: int) -> list[float]:
    browser.headers["X-Forwarded-For"] = somewhere()
    return [await _sign_in(browser, served, holder) for _ in range(count)]


async def _sign_in(browser: httpx.AsyncClient, served: Served, holder: Holder) -> float:
    cookie = {"Cookie": f"{cookie_name(served.settings)}={new_visitor_secret()}"}
    started = time.perf_counter()
    asked = (await browser.post("/auth/passkey/question", headers=cookie)).json()
    questioned = time.perf_counter()
    said = holder.device.use(asked)
    signed = time.perf_counter()
    answer = await browser.post("/auth/passkey", headers=cookie, data={"answer": said, "locale": "en", "next": "/"})
    assert answer.headers["location"] == "/", answer.headers["location"]
    return (questioned - started) + (time.perf_counter() - signed)


async def _activating(here: Installation, served: Served) -> dict[str, float]:
    taps: dict[str, int] = {}
    seconds: dict[str, float] = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, way in WAYS_IN.items():
            found = [await way(here, browser, served) for _ in range(ACTIVATIONS)]
            took = [one for _, one in found]
            taps[name], seconds[name] = max(one for one, _ in found), median(took)
            print(f"  activation by {name} on a slow phone: {spread(took, ' s')}, {taps[name]} taps", flush=True)
        await browser.close()
    return {
        "taps_activation": max(taps.values()), "seconds_activation": max(seconds.values()),
        **{f"taps_activation_{name}": one for name, one in taps.items()},
        **{f"seconds_activation_{name}": one for name, one in seconds.items()},
    }  # fmt: skip


async def _returning(served: Served, holders: list[Holder]) -> dict[str, float]:
    taps, seconds = [], []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for holder in holders:
            counted, took_s = await _come_back(browser, served, holder)
            taps.append(counted)
            seconds.append(took_s)
        await browser.close()
    print(f"  coming back on a slow phone: {spread(seconds, ' s')}, {max(taps)} taps")
    return {"taps_returning": max(taps), "seconds_returning": median(seconds)}


async def _come_back(browser: Browser, served: Served, holder: Holder) -> tuple[int, float]:
    context = await browser.new_context(viewport=PHONE, extra_http_headers={"X-Forwarded-For": somewhere()})
    page = await context.new_page()
    page.set_default_timeout(LIMIT_MS)
    touch = await _hold(page, holder)
    await slow_down(page)
    await page.goto(f"{served.settings.public_origin}/sign-in")
    await page.locator("html[data-ready]").wait_for(state="attached")
    await touch()
    started, taps = time.perf_counter(), 0
    await page.get_by_role("button", name="Sign in with a passkey", exact=True).click()
    taps += 1
    await (
        page.get_by_role("link", name="Book a visit").or_(page.get_by_role("link", name="Find a time")).first.wait_for()
    )
    took_s = time.perf_counter() - started
    await context.close()
    return taps, took_s


async def _hold(page: Page, holder: Holder) -> Any:
    """Give the phone its passkey, and return what lets its owner touch it."""
    devtools, name = await with_passkeys(page, touched=False)
    key = holder.device.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    credential = {
        "credentialId": base64.b64encode(holder.device.credential_id).decode(), "isResidentCredential": True,
        "rpId": "localhost", "privateKey": base64.b64encode(key).decode(), "signCount": 0,
        "userHandle": base64.b64encode(holder.device.user_id).decode(),
    }  # fmt: skip
    await devtools.send("WebAuthn.addCredential", {"authenticatorId": name, "credential": credential})

    async def touch() -> None:
        await devtools.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": name, "enabled": True})

    return touch


if __name__ == "__main__":
    main()
