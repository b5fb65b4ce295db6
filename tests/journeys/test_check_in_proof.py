"""A fresh proof in the middle of check-in: not now, and back at the list; or proved, and at the page tapped."""

import re
from typing import Final
from uuid import UUID

import pyotp
import pytest
from playwright.async_api import expect
from sqlalchemy import insert

from portal_app.core import clock
from portal_app.features.access.tables import AuthenticatorApp
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.test_passkeys import add_passkey, with_passkeys
from tests.journeys.test_step_up import signed_in_long_ago
from tests.journeys.walker import PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEY: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def _owner_of_an_app(practices: Practices, someone: Someone) -> pyotp.TOTP:
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("select set_config('portal.person_id', :id, true)", {"id": str(someone.person_id)})
        row = {"person_id": someone.person_id, "secret": KEY, "confirmed_at": clock.now()}
        await tx.execute(insert(AuthenticatorApp).values(**row))
    return pyotp.TOTP(KEY)


async def _patient_with_a_visit(practices: Practices) -> tuple[Someone, UUID]:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    return patient, visit.id


async def _opens_whom_to_call(phone: Walker, visit_id: UUID) -> None:
    """Go from the list over the card of the contact details to whom to call in an emergency."""
    await phone.at("/check-in", more=rf"\?id={visit_id}$")
    await phone.page.locator("main a.row[href*='/check-in/contact']").click()
    await phone.link("Change whom we call in an emergency").click()
    await expect(phone.page.locator("#step-up")).to_be_visible()


async def test_who_signed_in_long_ago_is_asked_for_the_passkey_and_may_go_back_to_the_list(
    arrive: Arrive, practices: Practices, house: House
) -> None:
    patient, visit_id = await _patient_with_a_visit(practices)
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await with_passkeys(phone)
    await add_passkey(phone)
    signed_in_long_ago(house, patient)
    await phone.open(f"/check-in?id={visit_id}")
    await _opens_whom_to_call(phone, visit_id)
    await phone.button("Not now").click()
    await _opens_whom_to_call(phone, visit_id)
    await phone.button("Use your passkey").click()
    await phone.page.locator("#name").fill("Rosa Alvarez")
    await phone.page.locator("#phone").fill("(555) 014-7788")
    await phone.button("Save").click()
    await phone.at("/check-in", more=rf"\?id={visit_id}$")
    assert phone.unexpected() == []


async def test_who_has_an_app_types_its_digits_there_or_goes_back_to_the_list(
    arrive: Arrive, practices: Practices, house: House
) -> None:
    patient, visit_id = await _patient_with_a_visit(practices)
    app = await _owner_of_an_app(practices, patient)
    phone = await arrive("en", PHONE)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    signed_in_long_ago(house, patient)
    await phone.open(f"/check-in?id={visit_id}")
    await _opens_whom_to_call(phone, visit_id)
    await phone.button("Not now").click()
    await _opens_whom_to_call(phone, visit_id)
    await phone.page.locator("#digits").fill(app.now())
    await phone.button("Go on").click()
    await expect(phone.page.locator("#name")).to_be_visible()
    await expect(phone.page.locator("#step-up")).to_be_hidden()
    assert phone.unexpected() == []


async def test_who_has_an_app_and_came_in_by_a_code_alone_is_not_asked_for_digits_that_would_not_do(
    arrive: Arrive, practices: Practices
) -> None:
    patient, visit_id = await _patient_with_a_visit(practices)
    await _owner_of_an_app(practices, patient)
    phone = await arrive("en", PHONE)
    await phone.let_in(patient)
    await phone.open(f"/check-in?id={visit_id}")
    await phone.page.locator("main a.row[href*='/check-in/insurance']").click()
    await expect(phone.page).to_have_url(re.compile("/sign-in.*step-up=1"))
    assert phone.unexpected() == []
