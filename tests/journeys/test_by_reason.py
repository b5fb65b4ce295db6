"""By reason, in plain words: from what hurts to a booked visit with somebody who sees people for it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.features.practice import service as practice
from tests.journeys.clinic import Doctor, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import PHONE, TABLET

pytestmark = pytest.mark.asyncio(loop_scope="session")
TYPED = {"en": "my knee hurts", "es": "me duele la RODILLA", "ar": "ركبتي"}


async def _sees(practices: Practices, doctor: Doctor, *codes: str, accepts_new: bool = True) -> None:
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(
            "update practitioner set specialty_codes = :codes, accepts_new = :accepts_new,"
            """ biography = '{"en": "I run.", "es": "Yo corro.", "ar": "أنا أركض."}' where id = :id""",
            {"codes": list(codes), "accepts_new": accepts_new, "id": doctor.practitioner_id},
        )


@pytest_asyncio.fixture(loop_scope="session")
async def own(practices: Practices) -> Doctor:
    return await practices.doctor()


@pytest_asyncio.fixture(loop_scope="session")
async def for_bones(practices: Practices, own: Doctor) -> AsyncIterator[Doctor]:
    """Give somebody who sees knees, which the patient's own clinician does not."""
    doctor = await practices.doctor()
    await _sees(practices, own, "heart")
    await _sees(practices, doctor, "bones")
    yield doctor
    await _sees(practices, own)
    await _sees(practices, doctor)


@pytest.mark.parametrize("locale", list(TYPED))
async def test_from_plain_words_to_a_booked_visit_with_somebody_who_sees_people_for_it(
    arrive: Arrive, practices: Practices, own: Doctor, for_bones: Doctor, locale: str
) -> None:
    # Given a patient whose own clinician does not see knees
    patient = await practices.patient(own, locale=locale)
    phone = await arrive(locale, PHONE)
    await phone.let_in(patient)
    await phone.open("/")
    await phone.tap(phone.link("Book a visit").first)
    await expect(phone.page.get_by_text(own.name).first).to_be_visible()

    # When they say in their own words what it is about and take the first time
    await phone.page.locator("#about").press_sequentially(TYPED[locale])
    knee = practice.reason_of("knee")
    assert knee is not None
    await phone.tap(phone.page.get_by_role("button", name=knee.names[locale], exact=True))
    await expect(phone.heading("Whoever is free first")).to_be_visible()
    await phone.tap(phone.times.first)
    await expect(phone.heading_named(for_bones.name)).to_be_visible()
    await phone.tap(phone.book)

    # Then they are booked with somebody who does
    await expect(phone.heading("Your visit is booked")).to_be_visible()
    (booked,) = await practices.appointments(patient)
    assert (booked.practitioner_id, booked.reason) == (for_bones.practitioner_id, "")
    assert TYPED[locale] not in phone.page.url
    assert phone.taps == 4
    assert phone.unexpected() == []


async def test_a_clinicians_page_is_read_before_choosing_them_and_leads_to_their_times(
    arrive: Arrive, practices: Practices, own: Doctor, for_bones: Doctor
) -> None:
    tablet = await arrive("es", TABLET)
    await tablet.let_in(await practices.patient(own, locale="es"))
    await tablet.open(f"/clinicians/{for_bones.practitioner_id}")
    await expect(tablet.page.get_by_text("Yo corro.")).to_be_visible()
    await tablet.page.get_by_role("link", name=for_bones.name).click()
    await tablet.at("/book")
    await expect(tablet.heading_named(for_bones.name)).to_be_visible()
    await expect(tablet.times.first).to_be_visible()


async def test_the_list_of_people_says_when_each_is_free_next(
    arrive: Arrive, practices: Practices, own: Doctor, for_bones: Doctor
) -> None:
    phone = await arrive()
    await phone.let_in(await practices.patient(own))
    await phone.open("/book")
    await expect(phone.times.first).to_be_visible()
    await phone.page.locator("summary", has_text=phone.say("Someone else, or sooner")).press("Enter")
    row = phone.page.locator(".choices label").filter(has_text=for_bones.name)
    await expect(row).to_contain_text("Next free:")
    assert phone.unexpected() == []


async def test_who_takes_no_new_patients_is_not_offered_and_their_page_says_so(
    arrive: Arrive, practices: Practices, own: Doctor, for_bones: Doctor
) -> None:
    await _sees(practices, for_bones, "bones", accepts_new=False)
    phone = await arrive()
    await phone.let_in(await practices.patient(own))
    await phone.open(f"/book?who={for_bones.practitioner_id}")
    await expect(phone.times.first).to_be_visible()
    await expect(phone.heading_named(for_bones.name)).to_have_count(0)
    await phone.open(f"/clinicians/{for_bones.practitioner_id}")
    await expect(phone.page.get_by_text(phone.say("Not now")).first).to_be_visible()
    await expect(phone.link("Find someone else")).to_be_visible()


async def test_what_cannot_wait_is_said_with_the_number_to_call(
    arrive: Arrive, practices: Practices, own: Doctor
) -> None:
    phone = await arrive()
    await phone.let_in(await practices.patient(own))
    await phone.open("/book")
    await phone.page.locator("#about").press_sequentially("chest pain")
    await phone.page.get_by_role("button", name="Chest pain", exact=True).click()
    await expect(phone.page.get_by_role("alert").get_by_role("link", name="911")).to_be_visible()
    await phone.button("Something else").click()
    await expect(phone.page.locator("#about")).to_be_visible()
