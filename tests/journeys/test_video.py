"""Two people see each other: directly, through the hub, and again after whatever broke."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal_app.core import i18n
from tests.journeys.clinic import ZONE, Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import House
from tests.journeys.meeting import BLOCK, Meeting, both_move, meet
from tests.journeys.walker import PHONE

pytestmark = pytest.mark.asyncio(loop_scope="session")

FAST = """(() => {
  const Right = Date;
  const now = () => Right.now() + 7_200_000;
  window.Date = class extends Right {
    constructor(...given) { super(...(given.length ? given : [now()])); }
    static now() { return now(); }
  };
})()"""
"""A phone whose clock is two hours ahead: by it the visit is over."""


@pytest_asyncio.fixture(loop_scope="session")
async def meeting(practices: Practices) -> Meeting:
    return await meet(practices)


async def test_two_see_each_other_directly_after_a_reload_and_while_the_portal_is_killed(
    arrive: Arrive, meeting: Meeting, house: House
) -> None:
    phone, desk = await arrive("en", PHONE), await arrive("en", PHONE)
    await phone.page.add_init_script(FAST)
    await meeting.begin(phone, desk)
    await both_move("direct", phone, desk)

    await phone.page.reload()
    await phone.answers()
    await both_move("direct", phone, desk)

    # What goes on between two browsers goes on without the portal, and the rest once it is back
    for name in ("web", "worker"):
        house.kill(name)
    await both_move("direct", phone, desk)
    house.start("web", "worker")
    await house.ready()
    await expect(phone.page.get_by_text("You are offline")).to_be_hidden()
    await phone.page.locator("#words").fill("Is my knee in the picture?")
    await phone.button("Send").click()
    await expect(desk.page.get_by_role("log").get_by_text("Is my knee in the picture?")).to_be_visible()
    await both_move("direct", phone, desk)


async def test_the_hub_carries_two_who_cannot_reach_each_other_and_comes_back_when_killed(
    arrive: Arrive, meeting: Meeting, house: House, practices: Practices
) -> None:
    phone, desk = await arrive("en", PHONE), await arrive("en", PHONE)
    for one in (phone, desk):
        await one.page.add_init_script(BLOCK)
    await phone.page.add_init_script(FAST)
    (visit,) = await practices.appointments(meeting.patient)
    await phone.let_in(meeting.patient)
    await phone.open(f"/appointments/{visit.id}")
    begins = phone.page.get_by_role("main").get_by_text(i18n.format_clock(visit.starts_at, ZONE)).first
    await expect(begins).to_be_visible()
    await meeting.begin(phone, desk)
    await both_move("hub", phone, desk)

    # A hub that is killed forgets everything; what its supervisor starts lets everybody in again by itself.
    house.kill("media")
    house.start("media")

    await both_move("hub", phone, desk)
