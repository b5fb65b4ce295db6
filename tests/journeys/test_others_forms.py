"""Forms that others wrote, drawn on the real page: the examples of SDC, and one that asks whom or what is meant."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import expect

from portal_app.features.intake import service as intake
from portal_app.features.intake.enabling import Place, Sheet
from portal_app.features.intake.parsing import read_questionnaire
from tests.browser import axe_findings, overflow
from tests.contract.test_as_us_core_writes import FORM
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.test_forms import begun, saved
from tests.journeys.walker import AWAY, DESK, PHONE, TABLET, Walker
from tests.sdc_examples import TAKEN, sdc_examples

pytestmark = pytest.mark.asyncio(loop_scope="session")
_OF_SDC = "questionnaire-sdc-profile-example-"
AS_US_CORE = "in the way of US Core's examples"
DRAWN = [AS_US_CORE, *(one for one in TAKEN if one.startswith(_OF_SDC))]
"""A form of ours as US Core writes its own, and those that are taken of the examples of a profile of SDC's: PHQ-9,
Framingham, hunger, two subjects, weight."""
CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
RESOURCE = "http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource"
PEOPLE = {
    "resourceType": "Questionnaire", "url": "urn:test:journey:people", "version": "1", "title": "Who treats you",
    "status": "active", "item": [
        {"linkId": "who", "type": "reference", "text": "Whose patient are you?", "required": True,
         "extension": [{"url": RESOURCE, "valueCode": "Practitioner"}]},
        {"linkId": "payer", "type": "reference", "text": "Who pays?",
         "extension": [{"url": RESOURCE, "valueCode": "Organization"}]},
    ],
}  # fmt: skip
TYPED = {"reference": "Somebody", "string": "Something",
         "text": "Something", "integer": "3", "decimal": "3", "quantity": "3", "time": "10:00",
         "url": "https://example.org/", "dateTime": "2026-01-02T10:00"}  # fmt: skip


async def _begun(practices: Practices, written: str) -> tuple[Doctor, Someone, UUID]:
    """Import a form as staff do, and begin it before a visit."""
    manager = await practices.people.staff("manager")
    async with practices.database.act_as(manager.credential, "intake.choose_forms") as tx:
        await intake.import_form(tx, written)
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    [form_id] = await begun(practices, patient, visit.id, json.loads(written)["url"])
    return doctor, patient, form_id


def _named(key: str) -> str:
    """Return how the page calls the field of a key, as `named` in assets/form_parts.js."""
    return "q-" + "".join(one if re.match(r"[A-Za-z0-9]", one) else f"_{ord(one)}" for one in key)


async def _answer(walker: Walker, place: Place) -> Any:
    """Answer one question as a person would, and return the value by which to go on."""
    item, field = place.item, walker.page.locator(f'[id="{_named(place.key)}"]')
    if item.control == "drop-down":
        await field.select_option(index=1)
        return item.options[0].key
    if item.options or item.type == "boolean":
        await field.locator("label.choice").first.click()
        return item.options[0].key if item.options else True
    if item.type == "date":
        for part, typed in (("year", "2020"), ("month", "2"), ("day", "3")):
            await walker.page.locator(f'[id="{_named(place.key)}-{part}"]').fill(typed)
        return "2020-02-03"
    await field.fill(TYPED[item.type])  # of SDC's references none is to what can be chosen here
    if len(item.units) > 1:
        await walker.page.locator(f'[id="{_named(place.key)}-unit"] label.choice').first.click()
    return TYPED[item.type]


async def _fill_in(walker: Walker, form: intake.Questionnaire) -> None:
    given: dict[str, list[Any]] = {}
    while (place := next((one for one in Sheet(form, given).places() if one.key not in given), None)) is not None:
        asks = place.item.is_asked()
        given[place.key] = [await _answer(walker, place)] if asks else [1] if place.item.type == "group" else []


@pytest.mark.parametrize("name", DRAWN)
async def test_an_example_of_others_is_drawn_filled_in_and_sent(
    arrive: Arrive, practices: Practices, axe: str, name: str
) -> None:
    written = json.dumps(FORM) if name == AS_US_CORE else sdc_examples()[name]
    _doctor, patient, form_id = await _begun(practices, written)
    tablet = await arrive("en", TABLET)
    await tablet.let_in(patient)
    await tablet.open(f"/forms/{form_id}")
    await expect(tablet.button("Check your answers")).to_be_visible()
    assert await axe_findings(tablet.page, axe) == await overflow(tablet.page) == []

    await _fill_in(tablet, read_questionnaire(written))
    await tablet.button("Check your answers").click()
    await expect(tablet.heading("Check your answers before you send them")).to_be_visible()
    assert await axe_findings(tablet.page, axe) == await overflow(tablet.page) == []
    await tablet.button("Send my answers").click()
    await expect(tablet.heading("Sent")).to_be_focused()
    assert tablet.unexpected() == []


def _display(link_id: str, text: str, control: str = "") -> dict[str, Any]:
    return {"linkId": link_id, "type": "display", "text": text, "extension": [_control(control)] if control else []}


def _control(code: str) -> dict[str, Any]:
    return {"url": CONTROL, "valueCodeableConcept": {"coding": [{"system": "urn:any", "code": code}]}}


DRAWN_SO = {
    "resourceType": "Questionnaire", "url": "urn:test:journey:controls", "version": "1", "title": "As it is drawn",
    "status": "active", "item": [
        {"linkId": "where", "type": "choice", "text": "In which season?", "extension": [_control("drop-down")],
         "answerOption": [{"valueCoding": {"code": one, "display": one}} for one in ("Spring", "Summer", "Winter")],
         "item": [_display("help", "As you remember it", "help")]},
        {"linkId": "far", "type": "integer", "text": "How far do you walk?", "required": True,
         "item": [_display("unit", "blocks", "unit"), _display("plain", "On a good day")]},
    ],
}  # fmt: skip


async def test_a_list_a_unit_and_help_are_drawn_with_the_question_that_they_belong_to(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    _doctor, patient, form_id = await _begun(practices, json.dumps(DRAWN_SO))
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.open(f"/forms/{form_id}")
    await expect(phone.page.get_by_text("As you remember it")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.page.get_by_label("In which season?").select_option("Summer")
    await phone.button("Continue").click()
    await expect(phone.page.get_by_text("As you remember it")).to_have_count(0)
    await expect(phone.page.get_by_text("blocks", exact=True)).to_be_visible()
    await expect(phone.page.get_by_text("On a good day")).to_be_visible()
    await phone.page.get_by_label("How far do you walk?").fill("12")
    await phone.button("Continue").click()
    for words in ("Summer", "12"):
        await expect(phone.page.get_by_role("listitem").filter(has_text=words)).to_be_visible()
    await phone.button("Send my answers").click()
    await expect(phone.heading("Sent")).to_be_focused()
    assert phone.unexpected() == []


_IS_YOUNG = [{"question": "born", "operator": ">", "answerDate": "2010-01-01"}]
REVEALING = {
    "resourceType": "Questionnaire", "url": "urn:test:journey:revealing", "version": "1", "title": "What comes of it",
    "status": "active", "item": [
        {"linkId": "born", "type": "date", "text": "When were you born?"},
        {"linkId": "school", "type": "string", "text": "Which school is it?", "enableWhen": _IS_YOUNG},
        {"linkId": "young", "type": "display", "text": "Answer together, if you like. " * 9, "enableWhen": _IS_YOUNG},
        {"linkId": "eat", "type": "choice", "text": "How do you eat?",
         "answerOption": [{"valueCoding": {"code": one, "display": one}} for one in ("Plenty", "Little")]},
        {"linkId": "take", "type": "string", "text": "What do you take?", "repeats": True},
    ],
}  # fmt: skip
"""A date is told as its field is left: what it reveals comes, or goes, while the next thing is tapped."""


async def test_a_tap_is_never_lost_to_what_the_answer_before_it_reveals(arrive: Arrive, practices: Practices) -> None:
    _doctor, patient, form_id = await _begun(practices, json.dumps(REVEALING))
    tablet = await arrive("en", TABLET)
    await tablet.let_in(patient)
    await tablet.open(f"/forms/{form_id}")
    year, school = tablet.page.get_by_label("Year", exact=True), tablet.page.get_by_label("Which school is it?")
    for typed, choice, revealed in (("2012", "Plenty", 1), ("1990", "Little", 0), ("2013", "Plenty", 1)):
        await year.fill(typed)
        await tablet.page.locator("label.choice").filter(has_text=choice).click()
        await expect(tablet.page.get_by_label(choice, exact=True)).to_be_checked()
        await expect(school).to_have_count(revealed)

    # With keys one comes to what is revealed next
    await year.fill("1990")
    await year.press("Tab")
    await expect(school).to_have_count(0)
    await year.fill("2012")
    await year.press("Tab")
    await expect(school).to_be_focused()
    await school.fill("The one by the river")
    await tablet.page.get_by_label("What do you take?").fill("Aspirin")
    await tablet.button("Check your answers").click()
    await expect(tablet.heading("Check your answers before you send them")).to_be_visible()
    for words in ("2012", "The one by the river", "Plenty", "Aspirin"):
        await expect(tablet.page.get_by_role("listitem").filter(has_text=words)).to_be_visible()
    await tablet.button("Send my answers").click()
    await expect(tablet.heading("Sent")).to_be_focused()
    assert tablet.unexpected() == []


async def test_a_tap_is_not_lost_where_a_form_is_looked_at_before_it_is_kept(
    arrive: Arrive, practices: Practices
) -> None:
    desk = await arrive("en", TABLET)
    await desk.let_in(await practices.people.staff("manager"))
    await desk.open("/staff/settings/forms/import")
    await desk.page.locator("#form-text").fill(json.dumps(REVEALING))
    await desk.button("Check this form").press("Enter")
    shown = desk.page.locator("[data-preview=en]")
    for typed, choice, revealed in (("2012", "Plenty", 1), ("1990", "Little", 0)):
        await shown.get_by_label("Year", exact=True).fill(typed)
        await shown.locator("label.choice").filter(has_text=choice).click()
        await expect(shown.get_by_label(choice, exact=True)).to_be_checked()
        await expect(shown.get_by_label("Which school is it?")).to_have_count(revealed)
    assert desk.unexpected() == []


async def test_on_a_phone_the_first_tap_on_continue_goes_on(arrive: Arrive, practices: Practices) -> None:
    _doctor, patient, form_id = await _begun(practices, json.dumps(REVEALING))
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.open(f"/forms/{form_id}")
    await phone.page.get_by_label("Year", exact=True).fill("2012")
    await phone.button("Continue").click()
    await phone.page.get_by_label("Which school is it?").fill("The one by the river")
    await phone.button("Continue").click()
    await phone.page.locator("label.choice").filter(has_text="Plenty").click()
    await phone.button("Continue").click()
    # Once this is told, a button for another one stands above Continue
    await phone.page.get_by_label("What do you take?").fill("Aspirin")
    await phone.button("Continue").click()
    await expect(phone.heading("Check your answers before you send them")).to_be_visible()
    await expect(phone.page.get_by_role("listitem").filter(has_text="Aspirin")).to_be_visible()
    assert phone.unexpected() == []


async def test_whom_one_means_is_chosen_without_a_line_and_whom_nobody_knows_is_named(
    arrive: Arrive, practices: Practices, axe: str
) -> None:
    doctor, patient, form_id = await _begun(practices, json.dumps(PEOPLE))
    phone, desk = await arrive("en", PHONE), await arrive("en", DESK)
    await phone.let_in(patient)
    await desk.let_in(doctor.account)
    await phone.open(f"/forms/{form_id}")
    await expect(phone.page.get_by_text("Whose patient are you?")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # Chosen among those who can be seen, without a line; nobody to choose from for the other, so it is said in words
    await phone.context.set_offline(True)
    await phone.page.locator("label.choice").filter(has_text=doctor.name).click()
    await phone.button("Continue").click()
    await phone.page.get_by_label("Who pays?").fill("Mutual of Springfield")
    await phone.button("Continue").click()
    for words in (doctor.name, "Mutual of Springfield"):
        await expect(phone.page.get_by_role("listitem").filter(has_text=words)).to_be_visible()
    await phone.context.set_offline(False)
    await saved(phone)
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []
    await phone.button("Send my answers").click()
    await expect(phone.heading("Sent")).to_be_focused()

    # Then whoever treats the patient reads both
    await desk.open(f"/staff/forms/{form_id}")
    for words in (doctor.name, "Mutual of Springfield"):
        await expect(desk.page.get_by_role("definition").filter(has_text=words)).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    assert [one for one in phone.complaints if not one.startswith(AWAY)] == desk.unexpected() == []
