"""Seeing what a patient sees: for the front desk, changing nothing, in the patient's trail."""

import pytest

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import LookQuery, Side
from portal_app.state.base import policy_of
from portal_app.state.seen_as import SeenAs
from tests.factories import Clinic

wiring.load_features("policies")
SEE = "privacy.see_as_patient"


async def test_the_patient_reads_that_somebody_saw_the_portal_as_they_do(database: Database, clinic: Clinic) -> None:
    maria, tom = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    async with database.act_as(tom.credential, SEE) as tx:
        assert maria.patient_id
        await privacy.see_as_patient(tx, maria.patient_id)
    async with database.act_as(maria.credential, "privacy.who_looked") as tx:
        (day,) = (await privacy.who_looked(tx, LookQuery(), is_repeated=True)).days
    assert [(one.action, one.person_name, one.side) for one in day.lines] == [(SEE, "Tom Ortiz", Side.staff)]


@pytest.mark.parametrize("role", ["nurse", "clinician", "billing", "manager", "caregiver"])
async def test_nobody_but_the_front_desk_may(database: Database, clinic: Clinic, role: str) -> None:
    someone = await clinic.staff(role)
    with pytest.raises(NotAllowed):
        async with database.act_as(someone.credential, SEE):
            pass


def test_no_event_of_the_page_has_a_policy_under_which_anything_changes() -> None:
    assert {policy_of(handler.fn) for handler in SeenAs.event_handlers.values() if policy_of(handler.fn)} == {SEE}
