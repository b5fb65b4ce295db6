"""A visit in two days with a form before it, a patient, and the front desk."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import DayAppointment
from portal_app.features.checkin import service as checkin
from portal_app.features.intake import service as intake
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker

PHQ = "urn:sala:form:phq-2"
ITEMS = ("44250-9", "44255-8")
FORM = f"form:{PHQ}"


@dataclass(frozen=True)
class Desk:
    """Whose visit it is, and what is done about its check-in."""

    database: Database
    place: Place
    id: UUID
    starts_at: datetime
    day: date
    maria: Someone
    clerk: Someone

    async def look(self, by: Someone | None = None) -> checkin.CheckInView:
        async with self.database.act_as((by or self.maria).credential, "checkin.see") as tx:
            return await checkin.check_in(tx, self.id)

    async def confirm(self, task: str, answer: str = "confirmed", by: Someone | None = None) -> checkin.CheckInView:
        async with self.database.act_as((by or self.maria).credential, "checkin.act") as tx:
            return await checkin.confirm(tx, self.id, task, answer)

    async def finish(self, by: Someone | None = None) -> checkin.CheckInView:
        async with self.database.act_as((by or self.maria).credential, "checkin.act") as tx:
            return await checkin.finish(tx, self.id)

    async def here(self, by: Someone | None = None) -> checkin.Here:
        async with self.database.act_as((by or self.maria).credential, "checkin.act") as tx:
            return await checkin.here(tx)

    async def on_day(self) -> DayAppointment:
        async with self.database.act_as(self.clerk.credential, "booking.view_day") as tx:
            seen = await booking.day(tx, self.day, practitioner_id=self.place.practitioner_id)
        return seen.appointments[0]

    async def send_form(self) -> None:
        async with self.database.act_as(self.maria.credential, "intake.fill_in") as tx:
            form_id = await intake.open_form(tx, self.id, PHQ)
            given = [intake.GivenAnswer(n, key, ("LA6568-5",), 0, clock.now()) for n, key in enumerate(ITEMS, 1)]
            await intake.save_answers(tx, form_id, uuid4(), given)
            await intake.submit_form(tx, form_id, len(ITEMS), "en")

    async def change(self, statement: str, **params: Any) -> None:
        async with self.database.act_as_system("test") as tx:
            await tx.execute(statement, params)

    async def scalar(self, statement: str) -> Any:
        async with self.database.act_as_system("test") as tx:
            return await tx.scalar(statement)

    async def rule(self, manager: Someone, days: int, *, marks_arrived: bool = False) -> None:
        async with self.database.act_as(manager.credential, "checkin.set_rule") as tx:
            await checkin.set_rule(tx, checkin.CheckInRule(days, marks_arrived))


@pytest.fixture
async def desk(database: Database, clinic: Clinic) -> Desk:
    maker = PracticeMaker(database)
    await maker.practice()
    place = await maker.place(notice_h=0)
    maria = await clinic.patient()
    day = date.today() + timedelta(days=2)  # noqa: DTZ011 - any day soon
    booked = await maker.booked(maria, place.request(place.at(day, "09:00")))
    async with database.act_as_system("test") as tx:
        await intake.add_rule(tx, PHQ)
    return Desk(database, place, booked.id, booked.starts_at, day, maria, await clinic.staff("front_desk"))
