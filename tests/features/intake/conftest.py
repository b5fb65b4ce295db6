"""A visit next week with the forms of the library asked before it, a patient, and the clinician who reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.intake import service as intake
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker

PHQ = "urn:sala:form:phq-9"
REASON = "urn:sala:form:reason-for-visit"
CONSENT = "urn:sala:form:consent-treatment"
ITEM_NINE = "44260-8"
PHQ_ITEMS = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", ITEM_NINE)


def answer(sequence: int, key: str, *values: Any, base: int = 0) -> intake.GivenAnswer:
    return intake.GivenAnswer(sequence, key, values, base, clock.now())


@dataclass(frozen=True)
class Forms:
    """Whose visit it is, and what is done with its forms."""

    database: Database
    place: Place
    appointment_id: UUID
    doctor: Someone
    maria: Someone

    async def open(self, url: str = REASON, by: Someone | None = None) -> UUID:
        async with self.database.act_as((by or self.maria).credential, "intake.fill_in") as tx:
            return await intake.open_form(tx, self.appointment_id, url)

    async def save(
        self, form_id: UUID, *answers: intake.GivenAnswer, client: UUID | None = None, by: Someone | None = None
    ) -> intake.Saved:
        async with self.database.act_as((by or self.maria).credential, "intake.fill_in") as tx:
            return await intake.save_answers(tx, form_id, client or uuid4(), answers, "since")

    async def form(self, form_id: UUID, by: Someone | None = None) -> intake.FormView:
        async with self.database.act_as((by or self.maria).credential, "intake.fill_in") as tx:
            return await intake.form(tx, form_id)

    async def send(
        self, form_id: UUID, latest: int, *, name: str = "", drawn: str = "", by: Someone | None = None
    ) -> None:
        async with self.database.act_as((by or self.maria).credential, "intake.fill_in") as tx:
            await intake.submit_form(tx, form_id, latest, "en", name, drawn)

    async def read(self, form_id: UUID, by: Someone | None = None) -> intake.SentForm:
        async with self.database.act_as((by or self.doctor).credential, "intake.read") as tx:
            return await intake.sent_form(tx, form_id)

    async def due(self, by: Someone | None = None) -> Sequence[intake.FormDue]:
        async with self.database.act_as((by or self.maria).credential, "intake.fill_in") as tx:
            return await intake.forms_for_visit(tx, self.appointment_id)

    async def scalar(self, statement: str) -> Any:
        async with self.database.act_as_system("test") as tx:
            return await tx.scalar(statement)


@pytest.fixture
async def forms(database: Database, clinic: Clinic) -> Forms:
    maker = PracticeMaker(database)
    await maker.practice()
    place = await maker.place(notice_h=0)
    doctor = await clinic.staff("clinician", location_id=place.location_id)
    maria = await clinic.patient()
    day = date.today() + timedelta(days=3)  # noqa: DTZ011 - any day soon
    booked = await maker.booked(maria, place.request(place.at(day, "09:00")))
    async with database.act_as_system("test") as tx:
        for url in (PHQ, REASON, CONSENT):
            await intake.add_rule(tx, url)
    return Forms(database, place, booked.id, doctor, maria)
