"""What is asked once for the chart somebody acts for is what asking for each row would say."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert

from portal_app.core import clock
from portal_app.core.db import Database, Transaction
from portal_app.features.access.tables import AccessGrant
from portal_app.features.booking import service
from tests.factories import Clinic, Someone

SAME = """
select coalesce(bool_and((position(c in 'NRV') <= own_limit(v, s)) = may(v, s, actor_patient(), c)), true)
from unnest(array['N', 'R', 'V']) c, unnest(array['view', 'act']) v, unnest(array['booking', 'results', 'bills']) s
"""
SAME_OF_ROLES = """
select bool_and((position(c in 'NRV') <= role_limit(v, s)) = may(v, s, :patient_id, c))
from unnest(array['N', 'R', 'V']) c, unnest(array['view', 'act']) v, unnest(array['booking', 'results', 'bills']) s
"""
GRANT = {"sections": ["booking"], "verbs": ["view"], "up_to": "V", "min_assurance": 1, "basis": "self"}


async def grant_only(database: Database, maria: Someone, values: dict[str, object]) -> None:
    async with database.act_as_system("test") as tx:
        await tx.execute("delete from access_grant where grantee = :who", {"who": maria.person_id})
        whose = {"id": uuid4(), "grantee": maria.person_id, "patient_id": maria.patient_id}
        await tx.execute(insert(AccessGrant).values({**GRANT, **whose, **values}))


async def limit(tx: Transaction) -> int:
    number: int = await tx.scalar("select own_limit('view', 'booking')")
    return number


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, 3),
        ({"up_to": "R"}, 2),
        ({"up_to": "N"}, 1),
        ({"sections": ["bills"]}, 0),
        ({"verbs": ["act"]}, 0),
        ({"basis": "caregiver"}, 3),
        ({"min_assurance": 2}, 0),
        ({"valid_until": clock.now() - timedelta(days=1)}, 0),
    ],
)
async def test_the_one_answer_is_that_of_each_row(
    database: Database, clinic: Clinic, values: dict[str, object], expected: int
) -> None:
    maria = await clinic.patient()
    await grant_only(database, maria, values)
    async with database.act_as(maria.credential, "booking.view") as tx:
        assert await limit(tx) == expected
        assert await tx.scalar(SAME)
        assert not await service.my_appointments(tx)


async def test_staff_have_no_chart_of_their_own(database: Database, clinic: Clinic) -> None:
    nurse = await clinic.staff("nurse")
    async with database.act_as(nurse.credential, "booking.view_day") as tx:
        assert await limit(tx) == 0


@pytest.mark.parametrize(("role", "policy"), [("billing", "billing.keep_books"), ("nurse", "booking.view_day")])
async def test_what_roles_open_in_every_chart_is_that_of_each_row(
    database: Database, clinic: Clinic, role: str, policy: str
) -> None:
    maria, someone = await clinic.patient(), await clinic.staff(role)
    async with database.act_as(someone.credential, policy) as tx:
        assert await tx.scalar(SAME_OF_ROLES, {"patient_id": maria.patient_id})
        assert bool(await tx.scalar("select role_limit('view', 'bills')")) is (role == "billing")
