"""What a patient is told of who hears of an alert while the practice is closed: what the clock of alerts does."""

from datetime import timedelta
from uuid import uuid4

import pytest

from portal_app.core import clock, i18n
from portal_app.core.db import Database
from portal_app.features.alerts import service
from portal_app.features.alerts.service import NewAlert, OnCall, PatientAlert, Reading, Severity
from portal_app.state.vital_words import alert_words, told_words
from tests.factories import Clinic, Someone
from tests.features.alerts.test_on_call import NIGHT, add, tell, turn
from tests.features.vitals.conftest import pressure

PROBLEM = "vitals.blood_pressure"
LATER = timedelta(minutes=10), timedelta(minutes=60)


class AtNight:
    """A patient about whom an alert is raised at night, and who is on call."""

    def __init__(self, database: Database, patient: Someone, staff: dict[str, Someone]) -> None:
        self.database, self.patient, self.staff = database, patient, staff

    async def raises(self, severity: Severity) -> None:
        assert self.patient.patient_id
        new = NewAlert(self.patient.patient_id, "vitals", PROBLEM, severity, uuid4())
        with clock.frozen_at(NIGHT):
            async with self.database.act_as(self.patient.credential, "vitals.log") as tx:
                await service.raise_alert(tx, new)

    async def stands(self, minutes: int = 0) -> PatientAlert:
        assert self.patient.patient_id
        with clock.frozen_at(NIGHT + timedelta(minutes=minutes)):
            async with self.database.act_as(self.patient.credential, "vitals.see") as tx:
                (found,) = await service.standing(tx, self.patient.patient_id, PROBLEM)
                return found

    async def is_on_call(self, rank: int = 1, **span: object) -> None:
        await add(self.database, self.staff["manager"], turn(self.staff["nurse"], rank, **span))  # type: ignore[arg-type]


@pytest.fixture
async def night(database: Database, clinic: Clinic) -> AtNight:
    patient = await clinic.sign_in_again(await clinic.patient(), assurance=2)
    staff = {role: await clinic.staff(role, name=f"A {role}") for role in ("manager", "nurse")}
    return AtNight(database, patient, staff)


async def test_what_is_critical_is_told_at_once_and_then_says_when(night: AtNight) -> None:
    await night.is_on_call()
    await night.raises("critical")
    assert (await night.stands()).on_call == OnCall(None, NIGHT + LATER[0], is_sure=True)
    await tell(night.database, (await night.stands()).id, 0, 1)
    assert (await night.stands(2)).on_call == OnCall(NIGHT + timedelta(minutes=1), NIGHT + LATER[0], is_sure=True)


async def test_what_is_urgent_is_told_when_nobody_has_looked(night: AtNight) -> None:
    await night.is_on_call()
    await night.raises("urgent")
    due_at = NIGHT + LATER[1]
    assert (await night.stands()).on_call == OnCall(due_at, due_at + LATER[1], is_sure=False)
    await tell(night.database, (await night.stands()).id, 1, 61)
    found = (await night.stands(62)).on_call
    assert found
    assert (found.at, found.is_sure) == (NIGHT + timedelta(minutes=61), True)


@pytest.mark.parametrize("severity", ["critical", "urgent", "routine"])
async def test_nobody_is_promised_who_is_not_there(night: AtNight, severity: Severity) -> None:
    await night.raises(severity)
    assert (await night.stands()).on_call is None
    await tell(night.database, (await night.stands()).id, 0)
    assert (await night.stands()).on_call is None


async def test_a_turn_that_ends_before_the_clock_has_run_out_promises_nothing(night: AtNight) -> None:
    await night.is_on_call(until=NIGHT + timedelta(minutes=59))
    await night.raises("urgent")
    assert (await night.stands()).on_call is None


async def test_what_is_routine_and_what_was_handed_back_calls_nobody_now(night: AtNight) -> None:
    await night.is_on_call()
    await night.raises("critical")
    nurse = night.staff["nurse"]
    alert_id = (await night.stands()).id
    with clock.frozen_at(NIGHT + timedelta(minutes=1)):
        async with night.database.act_as(nurse.credential, "alerts.handle") as tx:
            await service.take_alert(tx, alert_id, None)
        assert (await night.stands(1)).on_call is None
        async with night.database.act_as(nurse.credential, "alerts.handle") as tx:
            await service.give_back(tx, alert_id)
    due_at = NIGHT + timedelta(minutes=11)
    assert (await night.stands(1)).on_call == OnCall(due_at, due_at + LATER[0], is_sure=False)


async def test_nobody_else_learns_who_is_there(night: AtNight, clinic: Clinic) -> None:
    await night.is_on_call()
    await night.raises("critical")
    alert_id = (await night.stands()).id
    other = await clinic.sign_in_again(await clinic.patient("Sam"), assurance=2)
    asked = "select count(*) from alert_on_call(:id, :now)"
    found = []
    for who in (night.patient, other):
        async with night.database.act_as(who.credential, "vitals.see") as tx:
            found.append(await tx.scalar(asked, {"id": alert_id, "now": NIGHT}))
    assert found == [1, 0]


MORNING = NIGHT + timedelta(hours=5)


@pytest.mark.parametrize(
    ("on_call", "said"),
    [
        (None, "We are closed until"),
        (OnCall(None, NIGHT, is_sure=True), "Somebody on call is being told now."),
        (OnCall(NIGHT, NIGHT, is_sure=True), "Somebody on call was told:"),
        (OnCall(NIGHT, NIGHT + LATER[1], is_sure=False), "If nobody has looked by then, somebody on call is told:"),
        (OnCall(MORNING, MORNING + LATER[1], is_sure=False), "We are closed until"),
    ],
)
def test_what_is_said_is_what_is_done(on_call: OnCall | None, said: str) -> None:
    reading = pressure(NIGHT)._replace(severity="critical")
    alert = PatientAlert(uuid4(), PROBLEM, "open", NIGHT, NIGHT, "", None, None, "", on_call)
    with i18n.use("en"):
        told = told_words(reading, alert, Reading(is_open=False, opens_at=MORNING, zone="UTC"))
        line, _tone = alert_words(alert, "UTC")
    assert said in told[1]
    assert ("They should look by:" in " ".join(told)) == ("on call" in told[1])
    assert line.startswith("Somebody on call was told:") == bool(on_call and on_call.is_sure and on_call.at)
