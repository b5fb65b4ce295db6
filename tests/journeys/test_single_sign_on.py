"""Staff come in by the practice's own sign-in: joined once, then one tap."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect
from sqlalchemy import update
from sqlmodel import col

from portal_app.core import i18n
from portal_app.features.access.tables import Person
from portal_app.operations.startup import unused_port
from portal_app.web import cookies
from tests.browser import axe_findings, overflow
from tests.contract.provider import CLIENT_ID, Provider, running
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.walker import DESK, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
NAME = "Riverside Staff"
BUTTON = "Staff: sign in with {name}"


@pytest.fixture(scope="module")
def port() -> int:
    return unused_port()


@pytest.fixture(scope="module")
def provider(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running(tmp_path_factory.mktemp("provider"), f"http://localhost:{port}") as provider:
        yield provider


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def portal(house: House, provider: Provider, port: int) -> AsyncIterator[House]:
    """Serve the same clinic a second time, with single sign-on."""
    told = {
        "port": port, "oidc_issuer": provider.issuer, "oidc_name": NAME, "oidc_client_id": CLIENT_ID,
        "oidc_client_secret_file": provider.secret_file(), "oidc_roles": "sala-nurses=nurse",
    }  # fmt: skip
    portal = House(house.settings.model_copy(update=told), house.pages)
    portal.start("web")
    try:
        await portal.ready()
        yield portal
    finally:
        portal.stop()


async def nurse(
    practices: Practices, provider: Provider, locale: str, name: str = "Nora Nyberg"
) -> tuple[Someone, str]:
    """Make somebody who works here, and an account of theirs at the provider, which knows another address."""
    someone, account = await practices.people.unproven("nurse", name=name), f"nora-{uuid4().hex[:8]}"
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(update(Person).where(col(Person.id) == someone.person_id).values(locale=locale))
    provider.people[account] = {"name": "Nora", "groups": ["sala-nurses"], "amr": ["pwd", "mfa"]}
    provider.write()
    return someone, account


async def sign_in_there(desk: Walker, account: str) -> None:
    await expect(desk.page.get_by_role("heading", name="Sign in at the provider")).to_be_visible()
    await desk.page.get_by_label("Name").fill(account)
    await desk.page.get_by_role("button", name="Go on", exact=True).click()


async def joined(desk: Walker, someone: Someone, account: str) -> None:
    """Come in for the first time: prove both accounts, and join them."""
    await desk.open("/sign-in")
    await desk.button(BUTTON, name=NAME).click()
    await sign_in_there(desk, account)
    await desk.at("/sign-in")
    notice = "We do not know your practice account yet. Sign in here once more, as before, and we join the two."
    await expect(desk.page.get_by_text(desk.say(notice))).to_be_visible()
    await desk.type_code(someone.email)
    await expect(desk.heading("Are both accounts yours?")).to_be_visible()


async def forget_session(context: BrowserContext, portal: House) -> None:
    """Let the portal's session be gone, as the next morning; the provider's goes on."""
    await context.clear_cookies(name=cookies.cookie_name(portal.settings))


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_joined_once_staff_come_in_by_one_tap_and_as_far_as_the_provider_says(
    arrive: Arrive, practices: Practices, provider: Provider, portal: House, axe: str, locale: str
) -> None:
    someone, account = await nurse(practices, provider, locale)
    desk = await arrive(locale, at=portal)
    await joined(desk, someone, account)
    assert await axe_findings(desk.page, axe) == []
    assert await overflow(desk.page) == []
    await desk.button("Join the two accounts").click()
    await desk.at("/staff/schedule")

    await forget_session(desk.context, portal)
    await desk.open("/sign-in")
    assert await axe_findings(desk.page, axe) == []
    desk.taps = 0
    await desk.tap(desk.button(BUTTON, name=NAME))
    await desk.at("/staff/schedule")
    assert desk.taps == 1

    provider.people[account]["groups"] = []
    provider.write()
    await forget_session(desk.context, portal)
    await desk.open("/sign-in")
    await desk.button(BUTTON, name=NAME).click()
    nothing = "Your practice account opens nothing here. Ask whoever looks after it, or call us."
    await expect(desk.page.get_by_text(desk.say(nothing))).to_be_visible()
    provider.people[account]["groups"] = ["sala-nurses"]
    provider.write()
    await desk.button(BUTTON, name=NAME).click()
    await desk.at("/staff/schedule")


async def test_by_keys_alone(arrive: Arrive, practices: Practices, provider: Provider, portal: House) -> None:
    someone, account = await nurse(practices, provider, "en")
    desk = await arrive(at=portal)
    await joined(desk, someone, account)
    await desk.page.keyboard.press("Tab")
    while not await desk.page.evaluate("document.activeElement.matches('button')"):
        await desk.page.keyboard.press("Tab")
    await desk.page.keyboard.press("Enter")
    await desk.at("/staff/schedule")


async def test_parted_on_ones_own_page_it_signs_in_no_more(
    arrive: Arrive, practices: Practices, provider: Provider, portal: House, axe: str
) -> None:
    someone, account = await nurse(practices, provider, "en")
    desk = await arrive(at=portal)
    await joined(desk, someone, account)
    await desk.button("Join the two accounts").click()
    await desk.at("/staff/schedule")
    await desk.open("/profile/devices")
    await expect(desk.heading("Practice account")).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    await desk.button("Stop signing in with it").click()
    await expect(desk.page.get_by_text("Your practice account does not sign you in here any more.")).to_be_visible()
    await expect(desk.heading("Practice account")).to_have_count(0)


async def test_a_manager_parts_a_colleagues_account_and_what_it_opened_ends(
    arrive: Arrive, practices: Practices, provider: Provider, portal: House, axe: str
) -> None:
    someone, account = await nurse(practices, provider, "en", name="Nadia Parted-by-the-manager")
    desk, boss = await arrive(at=portal), await arrive(size=DESK, at=portal)
    await joined(desk, someone, account)
    await desk.button("Join the two accounts").click()
    await desk.at("/staff/schedule")
    await boss.let_in(await practices.people.staff("manager", name="Ines Who-parts"))
    await boss.open("/staff/settings/sign-in")
    named = "Part the practice account: Nadia Parted-by-the-manager"
    await boss.page.get_by_role("button", name=named, exact=True).click()
    await expect(boss.page.get_by_role("dialog")).to_contain_text("Nadia Parted-by-the-manager")
    assert await axe_findings(boss.page, axe) == []
    await boss.page.get_by_role("button", name="Part it", exact=True).click()
    await expect(boss.page.get_by_role("button", name=named, exact=True)).to_have_count(0)

    # Her open page is signed out at once, and her account at the provider opens nothing any more.
    await desk.at("/sign-in")
    await desk.button(BUTTON, name=NAME).click()
    await expect(desk.page.get_by_text("We do not know your practice account yet.")).to_be_visible()
    assert boss.unexpected() == []


async def test_signing_out_ends_both(arrive: Arrive, practices: Practices, provider: Provider, portal: House) -> None:
    someone, account = await nurse(practices, provider, "en")
    desk = await arrive(at=portal)
    await joined(desk, someone, account)
    await desk.button("Join the two accounts").click()
    await desk.at("/staff/schedule")
    banner = desk.page.get_by_role("banner")
    await banner.get_by_role("button", name="Sign out", exact=True).click()
    await desk.page.get_by_role("button", name="Yes, sign me out").click()
    await desk.at("/sign-in")
    await expect(desk.page.get_by_text("You are signed out. See you soon.")).to_be_visible()
    async with practices.database.act_as_system("test") as tx:
        count = await tx.scalar(
            "select count(*) from session where person_id = :id and ended_at is null"
            " and id in (select session_id from sign_on_session)", {"id": someone.person_id},
        )  # fmt: skip
    assert count == 0
    # The provider knows nobody any more: it asks again who it is.
    await desk.button(BUTTON, name=NAME).click()
    await expect(desk.page.get_by_role("heading", name="Sign in at the provider")).to_be_visible()
