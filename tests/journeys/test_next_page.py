"""A tap on a link while nothing can be fetched: the page stays, says so, and the next one comes when it can."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Route, expect

from portal_app.core import i18n
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import AWAY, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
COMPLAINTS = (*AWAY, "Error loading route module", "Failed to fetch dynamically imported module", "fetching the script")
AHEAD = "**/assets/_vitals_._log_*.js"
STILL = "window.stands = true"
STANDS = "window.stands === true"


@pytest_asyncio.fixture(loop_scope="session")
async def patient(practices: Practices) -> Someone:
    return await practices.patient(await practices.doctor())


async def _arrived(arrive: Arrive, practices: Practices, patient: Someone, address: str, locale: str = "en") -> Walker:
    """Return a phone on which a page stands that knows whether it is still the same."""
    phone = await arrive(locale, PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open(address)
    await phone.page.evaluate(STILL)
    return phone


async def _stays(phone: Walker, address: str) -> None:
    """Wait as long as a page may take to be asked for again; nothing of what stands there is lost."""
    await phone.page.wait_for_timeout(4_000)
    assert urlsplit(phone.page.url).path == phone.path(address)
    assert await phone.page.evaluate(STANDS)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_link_tapped_without_a_line_leads_on_when_it_is_back(
    arrive: Arrive, practices: Practices, patient: Someone, locale: str
) -> None:
    phone = await _arrived(arrive, practices, patient, "/profile", locale)
    await phone.page.evaluate("window.scrollTo(0, 400)")
    await phone.context.set_offline(True)

    await phone.page.locator(".tabs").get_by_role("link", name=phone.say("Bills")).click()

    await expect(phone.page.get_by_role("status").filter(has_text=phone.say("You are offline"))).to_be_in_viewport()
    await _stays(phone, "/profile")
    await phone.context.set_offline(False)
    await phone.at("/bills")
    await expect(phone.page.get_by_text(phone.say("You are offline"))).to_be_hidden()
    assert await phone.page.evaluate(STANDS)
    assert phone.unexpected(COMPLAINTS) == []


async def test_a_link_that_waited_and_was_left_works_when_it_is_tapped_again(
    arrive: Arrive, practices: Practices, patient: Someone
) -> None:
    phone = await _arrived(arrive, practices, patient, "/")
    tabs = phone.page.locator(".tabs")
    await tabs.get_by_role("link", name="Me", exact=True).click()
    await phone.at("/profile")
    await phone.context.set_offline(True)
    await tabs.get_by_role("link", name="Bills").click()
    await _stays(phone, "/profile")
    await tabs.get_by_role("link", name="Home").click()
    await expect(phone.page).to_have_url(phone.house.origin + "/")

    await phone.context.set_offline(False)

    await expect(phone.page.get_by_text("You are offline")).to_be_hidden()
    await _stays(phone, "/")
    await tabs.get_by_role("link", name="Bills").click()
    await phone.at("/bills")
    assert phone.unexpected(COMPLAINTS) == []


async def test_whoever_goes_on_writing_is_left_there_until_they_tap_again(
    arrive: Arrive, practices: Practices, patient: Someone
) -> None:
    phone = await _arrived(arrive, practices, patient, "/profile/answer?q=called")
    field, back = phone.page.locator("main input[type=text]").first, phone.page.locator("a[href='/profile']").first
    await phone.context.set_offline(True)
    await back.click()
    await field.press_sequentially("Sam")

    await phone.context.set_offline(False)

    await expect(phone.page.get_by_text("You are offline")).to_be_hidden()
    await _stays(phone, "/profile/answer")
    await expect(field).to_have_value("Sam")
    await back.click()
    await phone.at("/profile")
    assert phone.unexpected(COMPLAINTS) == []


async def test_what_was_written_is_saved_and_leads_on_to_the_page_that_waited(
    arrive: Arrive, practices: Practices, patient: Someone
) -> None:
    phone = await _arrived(arrive, practices, patient, "/profile/answer?q=called")
    await phone.context.set_offline(True)
    await phone.page.locator("a[href='/profile']").first.click()
    await phone.page.locator("main input[type=text]").first.press_sequentially("Samira")
    await phone.context.set_offline(False)
    await expect(phone.page.locator("html[data-away]")).to_have_count(0)

    await phone.button("Save").click()

    await phone.at("/profile")
    await expect(phone.page.get_by_text("Samira").first).to_be_visible()
    assert phone.unexpected(COMPLAINTS) == []


async def test_a_page_that_is_only_brought_ahead_costs_nobody_the_one_that_stands(
    arrive: Arrive, practices: Practices, patient: Someone
) -> None:
    failed: list[str] = []
    phone = await arrive("en", PHONE)
    phone.page.on("requestfailed", lambda request: failed.append(request.url))
    await phone.page.route(AHEAD, lambda route: route.abort())
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    await phone.open("/vitals")
    await phone.page.evaluate(STILL)
    async with asyncio.timeout(30):
        while not any("_log_" in one for one in failed):
            await phone.page.wait_for_timeout(200)

    await _stays(phone, "/vitals")
    await phone.page.unroute(AHEAD)
    await phone.page.locator("a[href='/vitals/log']").first.click()
    await phone.at("/vitals/log")
    assert phone.unexpected(COMPLAINTS) == []


async def test_the_first_page_of_a_document_comes_when_it_can(
    arrive: Arrive, practices: Practices, patient: Someone
) -> None:
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, timedelta(hours=1), 2))
    own = "**/assets/_appointments_.__id_._index-*.js"
    await phone.page.route(own, lambda route: route.abort())
    await phone.page.goto(f"{phone.house.origin}/appointments/{uuid4()}")
    await phone.page.wait_for_timeout(5_000)

    await phone.page.unroute(own)

    await expect(phone.page.get_by_role("main").get_by_role("heading").first).to_be_visible()
    assert phone.unexpected(COMPLAINTS) == []


async def test_a_link_tapped_while_the_portal_starts_anew_leads_on_when_it_has(
    arrive: Arrive, practices: Practices, house: House, patient: Someone
) -> None:
    phone = await _arrived(arrive, practices, patient, "/profile")
    house.kill("web")
    try:
        await phone.page.locator(".tabs").get_by_role("link", name="Bills").click()
        await _stays(phone, "/profile")
    finally:
        house.start("web")
        await house.ready()

    await phone.at("/bills")
    assert phone.unexpected(COMPLAINTS) == []


async def test_a_page_of_an_older_version_leads_on_as_a_document_of_the_new_one(
    arrive: Arrive, practices: Practices, patient: Someone
) -> None:
    phone = await _arrived(arrive, practices, patient, "/profile")
    documents: list[str] = []
    phone.page.on("request", lambda one: documents.append(one.url) if one.is_navigation_request() else None)

    async def old(route: Route) -> None:
        await (route.continue_() if documents else route.fulfill(status=404))

    await phone.page.route("**/assets/_bills_*.js", old)
    await phone.page.locator(".tabs").get_by_role("link", name="Bills").click()

    await phone.at("/bills")
    assert documents == [phone.house.origin + "/bills"]


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_another_language_is_another_document_and_waits_for_the_line(
    arrive: Arrive, practices: Practices, patient: Someone, locale: str
) -> None:
    phone = await _arrived(arrive, practices, patient, "/profile", locale)
    other = next(one for one in i18n.LOCALES if one != locale)
    languages = phone.page.locator("[popovertarget=languages]")
    switch = phone.page.locator(f"#languages button[lang={other}]")
    await phone.context.set_offline(True)
    await languages.click()
    await switch.click()
    await _stays(phone, "/profile")

    await phone.context.set_offline(False)

    if not await switch.is_visible():
        await languages.click()
    await switch.click()
    await expect(phone.page.locator(f"html[lang={other}]")).to_have_count(1)
    assert phone.unexpected(COMPLAINTS) == []
