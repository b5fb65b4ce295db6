"""The staff's inbox: take, hand back, close and open again, on two open pages at once, in every language."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Locator, expect

from portal_app.core import clock, i18n
from portal_app.features.tasks import service as tasks
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _asks(practices: Practices, someone: Someone, focus: UUID) -> None:
    async with practices.database.act_as_system("test") as tx:
        await tasks.open_task(
            tx, "registration", focus, patient_id=someone.patient_id, location_id=practices.location_id,
            due_at=clock.now() - timedelta(minutes=5),
        )  # fmt: skip


def _row(walker: Walker, name: str) -> Locator:
    return walker.page.get_by_role("row").filter(has_text=name)


async def _step(walker: Walker, name: str, message: str) -> None:
    await _row(walker, name).get_by_role("button", name=walker.say(message)).press("Enter")


async def _shelf(walker: Walker, message: str) -> None:
    await walker.page.locator("label.view-tab").filter(has_text=walker.say(message)).first.click()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_task_is_taken_handed_back_closed_and_opened_again(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    someone = await practices.patient(await practices.doctor())
    name = await practices.patient_name(someone)
    desk, phone = await arrive(locale, DESK), await arrive(locale, PHONE)
    for walker in (desk, phone):
        await walker.let_in(await practices.people.staff("front_desk", name="Tom Ortiz"))
        await walker.open("/staff/inbox")
    await _asks(practices, someone, uuid4())
    for walker in (desk, phone):
        await expect(_row(walker, name).get_by_text(walker.say("Late"), exact=True)).to_be_visible()
        assert await axe_findings(walker.page, axe) == []
        assert await overflow(walker.page) == []
    await _step(desk, name, "Take it")
    await expect(_row(phone, name)).to_have_count(0)
    await _shelf(desk, "Mine")
    await _step(desk, name, "Hand back")
    await _step(phone, name, "Take it")
    await _shelf(phone, "Mine")
    await _step(phone, name, "Mark as done")
    await _shelf(desk, "Done")
    await _step(desk, name, "Open again")
    await _shelf(desk, "With colleagues")
    await expect(_row(desk, name).get_by_text(desk.say("{name} has it", name="Tom Ortiz"))).to_be_visible()
    assert desk.unexpected() == phone.unexpected() == []


async def test_those_who_attend_nobody_begin_with_the_inbox(arrive: Arrive, practices: Practices) -> None:
    desk = await arrive("es", DESK)
    await desk.let_in(await practices.people.staff("billing"))
    await desk.page.goto(desk.house.origin)
    await desk.page.wait_for_url("**/staff/inbox")
    await desk.answers()
    for place, count in (("inbox", 1), ("bills", 1), ("schedule", 0), ("visits", 0), ("alerts", 0), ("patients", 0)):
        await expect(desk.page.locator(f".rail-item[href$='/staff/{place}']")).to_have_count(count)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_task_is_handed_to_a_colleague_with_keys_alone(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    someone = await practices.patient(await practices.doctor())
    name, colleague = await practices.patient_name(someone), f"Ana Paz{uuid4().hex[:6]}"
    desk, other = await arrive(locale, PHONE), await arrive(locale, DESK)
    await desk.let_in(await practices.people.staff("front_desk"))
    await other.let_in(await practices.people.staff("front_desk", name=colleague))
    await _asks(practices, someone, uuid4())
    for walker in (desk, other):
        await walker.open("/staff/inbox")

    await _step(desk, name, "Hand to a colleague")
    sheet = desk.page.get_by_role("dialog", name=desk.say("Hand it to a colleague"))
    await sheet.get_by_role("button", name=desk.say("Hand it over")).press("Enter")
    await expect(sheet.get_by_role("alert")).to_be_focused()
    assert await axe_findings(desk.page, axe) == []
    await sheet.get_by_role("radio", name=colleague).press("Space")
    await sheet.get_by_role("button", name=desk.say("Hand it over")).press("Enter")

    handed = desk.say("Handed over: it is in their inbox, under “Mine”.")
    await expect(desk.page.get_by_role("status").filter(has_text=handed)).to_be_visible()
    await _shelf(other, "Mine")
    await expect(_row(other, name).get_by_text(other.say("You have it"))).to_be_visible()
    assert desk.unexpected() == other.unexpected() == []
