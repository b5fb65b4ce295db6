"""The way out stands on every page of a patient, by thumb and by keys, in every language."""

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_signing_out_is_at_the_foot_of_a_page_with_a_menu_and_of_one_for_a_single_task(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    patient = await practices.patient(await practices.doctor(), locale=locale)
    phone = await arrive(locale)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))

    out = phone.page.get_by_role("contentinfo").get_by_role("button", name=phone.say("Sign out"), exact=True)

    # Given a page with the menu, and one with a way back in its place
    for address in ("/bills", "/call-back"):
        await phone.open(address)
        await expect(out).to_be_visible()
        assert await axe_findings(phone.page, axe) == []
        assert await overflow(phone.page) == []

    # When somebody reaches it by keys and signs out
    await out.focus()
    await phone.page.keyboard.press("Enter")

    # Then they are out, in their language, and the page is not there any more
    await phone.at("/sign-in")
    await phone.page.goto(phone.house.origin + phone.path("/bills"))
    await phone.at("/sign-in")
    assert phone.unexpected() == []


async def test_signing_out_that_cannot_look_for_what_waits_says_that_one_is_still_in_and_goes_on_after_a_reload(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    """What looks for it is loaded late: a page may be older than the portal, which then has it by another name."""
    phone = await arrive()
    await phone.let_in(await practices.patient(await practices.doctor()))
    await phone.page.route("**/assets/kept_queue-*.js", lambda route: route.abort(), times=1)
    await phone.open("/call-back")
    await phone.button("Sign out").click()

    said = phone.page.get_by_role("alert").filter(has_text="You are still signed in")
    await expect(said).to_be_focused()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    async with phone.page.expect_navigation():
        await phone.button("Load this page again").click()
    await phone.at("/call-back")
    await phone.answers()
    await expect(said).to_have_count(0)

    await phone.button("Sign out").click()

    await phone.at("/sign-in")
