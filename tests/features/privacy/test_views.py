"""What somebody else sees of a chart stands in its trail as theirs; what patients see of their own does not."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core.db import Database, Transaction
from portal_app.features.access.rules import SHARES
from portal_app.features.booking import service as booking
from portal_app.features.callback import service as callback
from portal_app.features.checkin import service as checkin
from portal_app.features.intake import service as intake
from portal_app.features.privacy.service import Side
from portal_app.features.tasks import service as tasks
from portal_app.features.visits import service as visits
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import Wish
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, acting_for, share
from tests.features.checkin.conftest import Desk, desk
from tests.features.privacy.test_seeing import looking
from tests.features.privacy.test_who_looked import lines

__all__ = ["desk", "share"]
Look = Callable[[Transaction, UUID], Awaitable[Any]]
LOOKS: dict[str, tuple[str, Look]] = {
    "booking.view": ("booking.view", booking.appointment),
    "booking.view_list": ("booking.view", lambda tx, _visit: booking.my_appointments(tx)),
    "checkin.view": ("checkin.see", checkin.check_in),
    "waiting.view": ("waiting.view", lambda tx, _visit: waiting.my_waiting(tx)),
    "visits.view": ("visits.view", visits.my_visit),
    "intake.view_asked": ("intake.fill_in", lambda tx, _visit: intake.asked_forms(tx)),
    "callback.view": ("callback.view", lambda tx, _visit: callback.last_one(tx)),
}
"""By what it leaves in the trail: under which policy something is looked at, and how."""


async def look(desk: Desk, who: Someone, action: str) -> None:
    policy, see = LOOKS[action]
    async with desk.database.act_as(who.credential, policy) as tx:
        await see(tx, desk.id)


async def told(desk: Desk, *actions: str) -> list[tuple[str, str, Side, int]]:
    """Return what of these Maria reads in her trail."""
    proved = await Clinic(desk.database).sign_in_again(desk.maria, assurance=2)
    found = await lines(desk.database, proved.credential)
    return [(one.action, one.person_name, one.side, one.times) for one in found if one.action in actions]


async def wants_call(desk: Desk) -> None:
    wish = callback.CallBackRequest("bookings", "+12125550123", "", uuid4())
    async with desk.database.act_as(desk.maria.credential, "callback.ask") as tx:
        await callback.ask(tx, wish)


async def waits(desk: Desk) -> None:
    wish = Wish(desk.place.visit_type_id, "in_person", uuid4())
    async with desk.database.act_as(desk.maria.credential, "waiting.ask") as tx:
        await waiting.ask_for_earlier(tx, wish)


@pytest.mark.parametrize("action", LOOKS)
async def test_what_a_caregiver_opens_is_in_the_trail_as_theirs(desk: Desk, share: Share, action: str) -> None:
    await wants_call(desk)
    ana = await share(desk.maria, *SHARES)
    await look(desk, ana, action)
    await look(desk, desk.maria, action)
    assert await told(desk, action) == [(action, "Ana Moreno", Side.caregiver, 1)]


@pytest.mark.parametrize("action", ["booking.view", "booking.view_list"])
async def test_what_support_opens_is_in_the_trail_as_theirs(desk: Desk, action: str) -> None:
    onlooker = await looking(desk.database, desk.clerk, desk.maria.patient_id)
    await look(desk, onlooker, action)
    assert await told(desk, action) == [(action, "Ada Okafor", Side.staff, 1)]


async def test_in_one_transaction_it_is_there_once(desk: Desk, share: Share) -> None:
    ana = await share(desk.maria, *SHARES)
    async with desk.database.act_as(ana.credential, "waiting.view") as tx:
        await waiting.my_offers(tx)
        await waiting.my_waiting(tx)
        await waiting.my_requests(tx)
    assert await told(desk, "waiting.view") == [("waiting.view", "Ana Moreno", Side.caregiver, 1)]


async def test_an_open_page_that_looks_again_adds_nothing(desk: Desk, share: Share) -> None:
    ana = await share(desk.maria, *SHARES)
    async with desk.database.act_as(ana.credential, "booking.view") as tx:
        await booking.my_appointments(tx, is_repeated=True)
        await booking.appointment(tx, desk.id, is_repeated=True)
    assert await told(desk, "booking.view", "booking.view_list") == []


async def test_a_caregiver_in_their_own_chart_leaves_nothing_and_in_the_other_s_again_does(
    desk: Desk, clinic: Clinic, share: Share
) -> None:
    ana = await clinic.patient("Ana", "Moreno")
    await share(desk.maria, "booking_view", who=ana)
    own = await clinic.sign_in_again(ana)
    async with desk.database.act_as(own.credential, "booking.view") as tx:
        await booking.my_appointments(tx)
    assert [
        one.action
        for one in await lines(desk.database, (await Clinic(desk.database).sign_in_again(own, assurance=2)).credential)
    ] == []
    await look(desk, await acting_for(desk.database, own, desk.maria), "booking.view_list")
    assert len(await told(desk, "booking.view_list")) == 1


LISTS: dict[str, tuple[str, Callable[[Transaction], Awaitable[Any]]]] = {
    "waiting.view_line": ("waiting.view_line", waiting.line),
    "tasks.view": ("tasks.view", tasks.list_tasks),
}


@pytest.mark.parametrize("action", LISTS)
async def test_whoever_stands_on_a_list_of_the_staff_reads_who_saw_it(
    desk: Desk, clinic: Clinic, database: Database, action: str
) -> None:
    other = await clinic.proven("Sam")
    await waits(desk)
    await wants_call(desk)
    policy, see = LISTS[action]
    async with database.act_as(desk.clerk.credential, policy) as tx:
        await see(tx)
        await see(tx, is_repeated=True)  # type: ignore[call-arg]
    assert await told(desk, action) == [(action, "Ada Okafor", Side.staff, 1)]
    assert await lines(database, other.credential) == []
