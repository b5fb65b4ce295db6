"""A patient at home who enters readings, and a nurse who reads alerts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.alerts import service as alerts
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import NewReading, ReadingView
from tests.factories import Clinic, Someone


@dataclass(frozen=True)
class AtHome:
    """Somebody who measures at home."""

    database: Database
    clinic: Clinic
    patient: Someone
    nurse: Someone

    async def log(
        self, measure: str, value: str, pair: str = "", *, unit: str = "", minutes: int = 0, **more: object
    ) -> ReadingView:
        """Enter a reading, so many minutes after (or before) now."""
        known: dict[str, Any] = {"request_key": uuid4(), "pair": Decimal(pair) if pair else None, **more}
        new = NewReading(measure, unit or vitals.MEASURES[measure].units[0].code, Decimal(value), **known)
        with clock.frozen_at(clock.now() + timedelta(minutes=minutes)):
            async with self.database.act_as(self.patient.credential, "vitals.log") as tx:
                return await vitals.log_reading(tx, new)

    async def kept(self, measure: str) -> list[ReadingView]:
        async with self.database.act_as(self.patient.credential, "vitals.see") as tx:
            return list(await vitals.readings(tx, measure, since=clock.now() - timedelta(days=30)))

    async def alerts(self) -> list[tuple[str, str, int]]:
        async with self.database.act_as(self.nurse.credential, "alerts.view") as tx:
            return [(one.problem, one.severity, one.times) for one in await alerts.list_alerts(tx)]

    async def note(self, condition: str) -> None:
        async with self.database.act_as_system("test") as tx:
            await tx.execute("select set_config('portal.roles', '{nurse,system}', true)")
            await tx.execute(
                "insert into vital_condition (patient_id, condition, noted_by) values (:id, :condition, :who)",
                {"id": self.patient.patient_id, "condition": condition, "who": tx.actor.person_id},
            )


async def at_home(database: Database, clinic: Clinic, **chart: object) -> AtHome:
    patient = await clinic.sign_in_again(await clinic.patient(**chart), assurance=2)  # type: ignore[arg-type]
    return AtHome(database, clinic, patient, await clinic.staff("nurse", name="Noor Haddad"))


@pytest.fixture
async def home(database: Database, clinic: Clinic) -> AtHome:
    return await at_home(database, clinic)


def known(someone: Someone) -> UUID:
    assert someone.patient_id
    return someone.patient_id


def pressure(at: datetime, said: str = "130/80") -> ReadingView:
    """Return a pressure that was taken at a moment, in whose zone it was."""
    value, _, pair = said.partition("/")
    return ReadingView(
        uuid4(), "blood_pressure", "mm[Hg]", Decimal(value), Decimal(pair), None, "", "", "", False, "", at,
        str(at.tzinfo), "", "", False, "", "final",
    )  # fmt: skip
