"""A photo or a document as the answer to a question: refused in words, kept without a line, read by the care team."""

import json
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import FilePayload, Route, expect

from portal_app.core import i18n
from portal_app.features.intake import service as intake
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_forms import begun, saved
from tests.journeys.walker import AWAY, DESK, PHONE, Walker
from tests.sent_files import paper, picture

pytestmark = pytest.mark.asyncio(loop_scope="session")
SKIN = "urn:test:journey:skin"
WORDS = {"en": "A photo of it", "es": "Una foto de ello", "ar": "صورة له"}
TITLES = {"en": "Your skin", "es": "Su piel", "ar": "بشرتك"}


def _translated(words: dict[str, str]) -> dict[str, Any]:
    address = "http://hl7.org/fhir/StructureDefinition/translation"
    parts = [
        [{"url": "lang", "valueCode": code}, {"url": "content", "valueString": words[code]}] for code in ("es", "ar")
    ]
    return {"extension": [{"url": address, "extension": part} for part in parts]}


FORM = {
    "resourceType": "Questionnaire", "url": SKIN, "version": "1", "language": "en", "status": "active",
    "title": TITLES["en"], "_title": _translated(TITLES),
    "item": [
        {"linkId": "photo", "type": "attachment", "text": WORDS["en"], "_text": _translated(WORDS), "required": True,
         "repeats": True},
    ],
}  # fmt: skip


async def with_question(practices: Practices, locale: str = "en") -> tuple[Doctor, Someone, UUID]:
    """Begin a form that asks for a photo, before a visit."""
    manager = await practices.people.staff("manager")
    async with practices.database.act_as(manager.credential, "intake.choose_forms") as tx:
        await intake.import_form(tx, json.dumps(FORM))
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    [form_id] = await begun(practices, patient, visit.id, SKIN)
    return doctor, patient, form_id


def photo(name: str) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": picture()}


async def _choose(phone: Walker, file: FilePayload) -> None:
    await phone.page.locator("input[data-chooser]").set_input_files(file)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_photo_answers_a_question_and_is_opened_by_the_care_team(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor, patient, form_id = await with_question(practices, locale)
    phone, desk = await arrive(locale, PHONE), await arrive(locale, DESK)
    await phone.let_in(patient)
    await desk.let_in(doctor.account)
    await phone.open(f"/forms/{form_id}")
    await expect(phone.heading_named(TITLES[locale])).to_be_visible()
    await expect(phone.button("Add a photo or a PDF")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # What is neither is refused in words, here and by the server
    said = "We can take pictures (JPEG, PNG, WebP, HEIC) and PDF files. Choose one of those."
    wrong = phone.page.get_by_text(phone.say(said))
    await _choose(phone, {"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"film"})
    await expect(wrong).to_be_visible()
    await _choose(phone, photo("one.png"))
    await expect(phone.page.get_by_text("one.png", exact=True)).to_be_visible()
    await expect(wrong).to_have_count(0)
    await _choose(phone, {"name": "false.pdf", "mimeType": "application/pdf", "buffer": b"no paper"})
    await expect(wrong).to_be_visible()
    await expect(phone.page.get_by_text("false.pdf")).to_have_count(0)

    # A second one may be added, and taken out again
    await _choose(phone, {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": paper()})
    await expect(phone.page.get_by_text("letter.pdf", exact=True)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.button("Remove {file}", file="letter.pdf").click()
    await expect(phone.page.get_by_text("letter.pdf", exact=True)).to_have_count(0)
    await saved(phone)
    await phone.button("Continue").click()
    await expect(phone.page.get_by_text("one.png", exact=True)).to_be_visible()
    await phone.button("Send my answers").click()
    await expect(phone.heading("Sent")).to_be_focused()

    # Whoever treats the patient finds it with the answers
    await desk.open(f"/staff/forms/{form_id}")
    await expect(desk.page.get_by_text(WORDS[locale])).to_be_visible()
    assert await axe_findings(desk.page, axe) == await overflow(desk.page) == []
    async with desk.page.expect_download() as coming:
        await desk.page.get_by_role("link", name="one.png", exact=True).click()
    assert (await coming.value).suggested_filename == "one.jpg"
    assert [one for one in phone.complaints if "422" not in one] == desk.unexpected() == []


async def test_a_photo_without_a_line_waits_on_the_device_and_arrives_by_itself(
    arrive: Arrive, practices: Practices
) -> None:
    _doctor, patient, form_id = await with_question(practices)
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.open(f"/forms/{form_id}")
    await expect(phone.button("Add a photo or a PDF")).to_be_visible()
    await phone.context.set_offline(True)
    await _choose(phone, photo("one.png"))
    await expect(phone.page.get_by_text("one.png", exact=True)).to_be_visible()
    await expect(phone.page.get_by_text("Waiting to send.")).to_be_visible()
    await phone.context.set_offline(False)
    await saved(phone)
    async with practices.database.act_as_system("test") as tx:
        kept = "select count(*) from stored_file where section = 'forms' and patient_id = :id"
        assert await tx.scalar(kept, {"id": patient.patient_id}) == 1

    # The page loaded anew knows it, and it can be sent
    await phone.open(f"/forms/{form_id}")
    await expect(phone.page.get_by_text("one.png", exact=True)).to_be_visible()
    await phone.button("Continue").click()
    await phone.button("Send my answers").click()
    await expect(phone.heading("Sent")).to_be_focused()
    assert [one for one in phone.complaints if not one.startswith(AWAY)] == []


async def kept_files(practices: Practices, patient: Someone) -> int:
    async with practices.database.act_as_system("test") as tx:
        kept = "select count(*) from stored_file where section = 'forms' and patient_id = :id"
        return int(await tx.scalar(kept, {"id": patient.patient_id}))


async def test_a_photo_that_was_taken_out_again_without_a_line_is_never_sent(
    arrive: Arrive, practices: Practices
) -> None:
    _doctor, patient, form_id = await with_question(practices)
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.open(f"/forms/{form_id}")
    await expect(phone.button("Add a photo or a PDF")).to_be_visible()
    await phone.context.set_offline(True)
    for name in ("one.png", "two.png"):
        await _choose(phone, photo(name))
        await expect(phone.page.get_by_text(name, exact=True)).to_be_visible()
    await phone.button("Remove {file}", file="one.png").click()
    await expect(phone.page.get_by_text("one.png", exact=True)).to_have_count(0)
    await phone.context.set_offline(False)
    await saved(phone)

    # Only the other one has left the device, and the answers know no more
    assert await kept_files(practices, patient) == 1
    await phone.open(f"/forms/{form_id}")
    await expect(phone.page.get_by_text("two.png", exact=True)).to_be_visible()
    await expect(phone.page.get_by_text("one.png", exact=True)).to_have_count(0)
    await expect(phone.page.locator(".banner[role=alert]")).to_have_count(0)
    assert [one for one in phone.complaints if not one.startswith(AWAY)] == []


async def test_a_second_tab_leaves_alone_what_the_first_is_still_sending(arrive: Arrive, practices: Practices) -> None:
    _doctor, patient, form_id = await with_question(practices)
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    held: list[Route] = []

    async def hold_first(route: Route) -> None:
        if held:
            await route.continue_()
        held.append(route)

    await phone.page.route("**/forms/*/files", hold_first)
    await phone.open(f"/forms/{form_id}")
    await expect(phone.button("Add a photo or a PDF")).to_be_visible()
    async with phone.page.expect_request("**/forms/*/files"):
        await _choose(phone, photo("one.png"))
    other = await phone.another_tab()
    await other.open(f"/forms/{form_id}")
    await expect(other.button("Add a photo or a PDF")).to_be_visible()

    # The line breaks: what was on its way is on the device still, and is sent from there
    await held[0].abort()
    await saved(phone)
    assert await kept_files(practices, patient) == 1
    await other.open(f"/forms/{form_id}")
    await expect(other.page.get_by_text("one.png", exact=True)).to_be_visible()
    assert [one for one in phone.complaints if not one.startswith(AWAY)] == other.unexpected() == []


async def test_signing_out_warns_of_a_photo_that_is_still_being_sent(arrive: Arrive, practices: Practices) -> None:
    _doctor, patient, form_id = await with_question(practices)
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    held: list[Route] = []

    async def hold(route: Route) -> None:  # it never arrives
        held.append(route)

    await phone.page.route("**/forms/*/files", hold)
    await phone.open(f"/forms/{form_id}")
    await expect(phone.button("Add a photo or a PDF")).to_be_visible()
    async with phone.page.expect_request("**/forms/*/files"):
        await _choose(phone, photo("one.png"))
    await phone.page.get_by_role("contentinfo").get_by_role("button", name="Sign out", exact=True).click()
    said = phone.page.get_by_role("alert").filter(has_text="Something you entered has not been sent")
    await expect(said).to_be_focused()
    await expect(said.get_by_role("link", name="Go back to it")).to_have_attribute("href", f"/forms/{form_id}")
    await phone.page.get_by_role("contentinfo").get_by_role("button", name="Sign out", exact=True).click()
    await phone.at("/sign-in")
    assert len(held) == 1
    assert await kept_files(practices, patient) == 0
