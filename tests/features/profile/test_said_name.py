"""The name to be called by stands first wherever staff read whom they have before them, and the legal one beside it."""

from uuid import uuid4

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.features.booking import service as booking
from portal_app.features.callback import service as callback
from portal_app.features.patients import service as patients
from portal_app.features.tasks import service as tasks
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import Wish
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker, in_days

wiring.load_features("policies")
SAID = "Mari (Maria)"


async def test_staff_read_the_name_to_be_called_by_in_each_of_their_lists(database: Database, clinic: Clinic) -> None:
    practice = PracticeMaker(database)
    await practice.practice()
    place, maria, desk = await practice.place(), await clinic.patient(called="Mari"), await clinic.staff("front_desk")
    day = in_days(3)
    await practice.booked(maria, place.request(place.at(day, "09:00")))
    async with database.act_as(maria.credential, "waiting.ask") as tx:
        await waiting.ask_for_earlier(tx, Wish(place.visit_type_id, "in_person", uuid4()))
    async with database.act_as(maria.credential, "callback.ask") as tx:
        await callback.ask(tx, callback.CallBackRequest("bookings", "+1 212 555 0142", "", uuid4()))
    async with database.act_as(desk.credential, "booking.view_day") as tx:
        (visit,) = (await booking.days(tx, day, 1)).appointments
        (waits,) = await waiting.line(tx)
        (task,) = [one for one in await tasks.list_tasks(tx) if one.code == "call_back"]
        (call,) = await callback.open_ones(tx)
        assert maria.patient_id
        chart = await patients.patient(tx, maria.patient_id)
    assert {visit.given_name, waits.given_name, task.given_name, call.given_name} == {SAID}
    assert (chart.said_name, chart.given_name) == (f"{SAID} Alvarez", "Maria")


async def test_a_chart_without_one_is_known_by_its_own_name(database: Database, clinic: Clinic) -> None:
    async with database.act_as_system("test") as tx:
        for called in ("", "Maria"):
            assert await tx.scalar("select said_name('Maria', :called)", {"called": called}) == "Maria"
