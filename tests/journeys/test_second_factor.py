"""Staff and their second factor: the day a phone is lost, and a first day at work."""

import asyncio
import re
from datetime import timedelta

import pyotp
import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from portal_app.features.access import factors, rules
from portal_app.features.access.tables import Passkey
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_passkeys import with_passkeys
from tests.journeys.walker import DESK, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
STAFF_SIGN_IN = "/staff/settings/sign-in"


async def looked_after(walker: Walker, axe: str) -> None:
    assert await axe_findings(walker.page, axe) == []
    assert await overflow(walker.page) == []


async def keep_codes(walker: Walker, axe: str) -> None:
    """Make the codes, type a wrong one first, then one of them."""
    await walker.button("Make ten recovery codes").click()
    codes = walker.page.locator(".codes li")
    await expect(codes).to_have_count(10)
    await looked_after(walker, axe)
    copied = await codes.nth(6).inner_text()
    async with walker.page.expect_download() as saving:
        await walker.button("Save as a file").click()
    file = await (await saving.value).path()
    saved = await asyncio.to_thread(file.read_text, "utf-8")
    assert set(await codes.all_inner_texts()) < set(saved.splitlines())
    await walker.button("I have kept them: go on").click()
    await walker.page.locator("#code").fill("aaaaa-aaaaa")
    await walker.page.keyboard.press("Enter")
    await expect(walker.page.locator("main .banner")).to_be_visible()
    await looked_after(walker, axe)
    await walker.page.locator("#code").fill(copied)
    await walker.button("Go on").click()


async def lost_passkey(practices: Practices, someone: Someone) -> None:
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("select set_config('portal.person_id', :id, true)", {"id": str(someone.person_id)})
        row = {"person_id": someone.person_id, "external_id": str(someone.person_id), "public_key": b"", "name": "Lost"}
        await tx.execute(Passkey.__table__.insert().values(**row))  # type: ignore[attr-defined]


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_nurse_who_lost_the_phone_is_let_in_again_by_a_manager(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    name = f"Ruth Lost-{locale}"
    nurse = await practices.people.staff("nurse", name=name, location_id=practices.location_id)
    await lost_passkey(practices, nurse)
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("update person set locale = :locale where id = :id", {"locale": locale, "id": nurse.person_id})
    desk, phone = await arrive(locale, DESK), await arrive(locale)
    await desk.let_in(await practices.people.staff("manager", name=f"Grace Lost-{locale}"))
    await desk.open(STAFF_SIGN_IN)
    await desk.page.get_by_role("button", name=f"{desk.say('Reset the sign-in')}: {name}", exact=True).click()
    await desk.page.get_by_role("radio", name=desk.say("The device is lost or stolen")).check()
    await looked_after(desk, axe)
    await desk.button("Reset and show the set-up code").click()
    shown = desk.page.locator("#reset code")
    await expect(shown).to_have_text(re.compile(r"[2-9a-z]{5}-[2-9a-z]{5}"))
    code = await shown.inner_text()

    await with_passkeys(phone)
    await phone.let_in(await practices.people.code_alone(nurse))
    await phone.open("/staff/schedule")
    await phone.at("/second-factor")
    await phone.page.locator("#code").fill(code)
    await looked_after(phone, axe)
    await phone.button("Begin").click()
    await expect(phone.heading("A passkey")).to_be_visible()
    await looked_after(phone, axe)
    await phone.button("Make a passkey").click()
    await expect(phone.heading("One thing before you go on")).to_be_visible()
    await phone.open("/staff/schedule")  # nothing else opens
    await phone.at("/second-factor")
    await keep_codes(phone, axe)
    await phone.at("/staff/schedule")
    assert desk.unexpected() == phone.unexpected() == []


async def test_on_the_first_day_an_app_is_set_up_and_asked_for_on_the_next(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    nurse = await practices.people.unproven("nurse", name="Nora First-day")
    async with practices.database.act_as_system("test") as tx:
        code = await factors.invite(tx, nurse.person_id, rules.FIRST_SET_UP_LIFE)
    phone = await arrive()
    await phone.let_in(nurse)
    await phone.open("/")
    await phone.at("/second-factor")
    await phone.page.locator("#code").fill(code)
    await phone.button("Begin").click()
    await phone.button("Set up an app").click()
    key = phone.page.locator("main code")
    await expect(key).to_have_text(re.compile(r"([A-Z2-7]{4} ?){8}"))
    await looked_after(phone, axe)
    app = pyotp.TOTP((await key.inner_text()).replace(" ", ""))
    await phone.page.locator("#code").fill("000000")
    await phone.button("Use this app").click()
    await expect(phone.page.locator("main .banner")).to_be_visible()
    await expect(key).to_have_text(re.compile(r"([A-Z2-7]{4} ?){8}"))
    await phone.page.locator("#code").fill(app.at(clock.now()))
    await phone.button("Use this app").click()
    await keep_codes(phone, axe)
    await phone.at("/staff/schedule")

    await phone.let_in(await practices.people.code_alone(nurse))
    await phone.open("/staff/schedule")
    await phone.at("/second-factor")
    await looked_after(phone, axe)
    await phone.page.locator("#code").fill(app.at(clock.now() + timedelta(seconds=30)))
    await phone.page.keyboard.press("Enter")
    await phone.at("/staff/schedule")
    assert phone.unexpected() == []
