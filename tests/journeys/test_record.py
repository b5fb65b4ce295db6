"""Taking one's record along: two files, after a fresh proof, with no more in them than one may see."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from portal_app.core import i18n
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.test_passkeys import add_passkey, with_passkeys
from tests.journeys.test_step_up import signed_in_long_ago
from tests.journeys.walker import Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
RECORD = "/profile/record"


async def saved(phone: Walker, words: str) -> tuple[str, bytes]:
    """Follow a link by key, and return the name and the content of what comes down."""
    link = phone.page.get_by_role("link", name=phone.say(words), exact=True)
    await link.focus()
    async with phone.page.expect_download() as coming:
        await phone.page.keyboard.press("Enter")
    file = await coming.value
    return file.suggested_filename, await asyncio.to_thread(Path(await file.path()).read_bytes)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_all_of_ones_record_is_saved_by_keys_and_that_is_written_down(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, "Zenobia", "Recordkeeper", locale=locale)
    await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone = await arrive(locale)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await phone.open("/profile")
    row = phone.page.get_by_role("link", name=re.compile("^" + re.escape(phone.say("Take your record with you"))))
    await row.focus()
    await phone.page.keyboard.press("Enter")
    await expect(phone.page.get_by_role("heading", name=phone.say("What is in it"))).to_be_visible()
    assert await axe_findings(phone.page, axe) == []
    assert await overflow(phone.page) == []

    name, paper = await saved(phone, "Save it to read (PDF)")
    assert (name, paper[:5]) == ("record.pdf", b"%PDF-")
    name, program = await saved(phone, "Save it for a program (JSON)")
    said = json.loads(program)
    assert (name, said["patient"]["name"], len(said["appointments"])) == ("record.json", "Zenobia Recordkeeper", 1)
    await phone.open("/profile/who-looked")
    await phone.page.locator("details > summary").last.click()
    taken = phone.say("Took a copy of everything in this chart that they may see")
    await expect(phone.page.get_by_text(taken).first).to_be_visible()
    assert phone.unexpected() == []


async def test_who_signed_in_long_ago_touches_the_passkey_before_a_word_of_it_is_shown(
    arrive: Arrive, practices: Practices, house: House
) -> None:
    patient = await practices.people.sign_in_again(await practices.patient(await practices.doctor()), assurance=2)
    phone = await arrive()
    await phone.let_in(patient)
    await with_passkeys(phone)
    await add_passkey(phone)
    signed_in_long_ago(house, patient)
    inside = phone.page.get_by_role("heading", name=phone.say("What is in it"))
    await phone.open(RECORD)
    await expect(phone.page.locator("#step-up")).to_be_visible()
    await expect(inside).to_have_count(0)
    await phone.button("Use your passkey").click()
    await expect(inside).to_be_visible()
    assert phone.unexpected() == []
