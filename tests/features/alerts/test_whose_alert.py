"""What the database refuses of an alert: taken, closed or handed back in the name of a colleague, or opened again."""

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.db import Database
from tests.factories import Clinic, Someone
from tests.features.alerts.test_service import close, listed, maria, nurse, raised, take

__all__ = ["maria", "nurse"]


@pytest.fixture
async def ben(clinic: Clinic) -> Someone:
    return await clinic.staff("clinician", name="Ben Ito")


async def refused(database: Database, by: Someone, changed: str, **params: object) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with database.act_as(by.credential, "alerts.handle") as tx:
            await tx.execute(f"update alert set {changed}", params)
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege), caught.value.orig


_TAKEN = "status = 'acknowledged', acknowledged_at = now(), owner_id = :who, owner_name = :name"
_CLOSED = "status = 'closed', closed_at = now(), due_at = null, outcome = 'called', closed_by = :who"


async def test_an_alert_is_taken_and_closed_in_ones_own_name(
    database: Database, maria: Someone, nurse: Someone, ben: Someone
) -> None:
    await raised(database, maria)
    await refused(database, nurse, _TAKEN, who=ben.person_id, name="Ben Ito")
    await refused(database, nurse, _CLOSED, who=ben.person_id)
    async with database.act_as(nurse.credential, "alerts.handle") as tx:
        await tx.execute(f"update alert set {_TAKEN}", {"who": nurse.person_id, "name": "Ben Ito"})
    assert [one.owner_name for one in await listed(database, ben)] == ["Noor Haddad"]


@pytest.mark.parametrize("changed", [
    "status = 'open', owner_id = null, owner_name = '', acknowledged_at = null", "owner_name = 'Nobody'", "level = 2",
    "status = 'closed', closed_at = now(), due_at = null, outcome = 'called', closed_by = :me",
])  # fmt: skip
async def test_what_a_colleague_has_is_taken_over_and_neither_handed_back_nor_closed(
    database: Database, maria: Someone, nurse: Someone, ben: Someone, changed: str
) -> None:
    alert_id = (await raised(database, maria)).alert_id
    await take(database, ben, alert_id)
    await refused(database, nurse, changed, **({"me": nurse.person_id} if ":me" in changed else {}))
    await take(database, nurse, alert_id, ben.person_id)


async def test_what_is_closed_stays_closed_and_as_it_was(database: Database, maria: Someone, nurse: Someone) -> None:
    await close(database, nurse, (await raised(database, maria)).alert_id)
    for changed in ("outcome = 'other'", "closed_at = null, status = 'open', due_at = now(), closed_by = null"):
        await refused(database, nurse, changed)


async def test_an_alert_stays_whose_it_is_and_its_clock_goes_on(
    database: Database, maria: Someone, nurse: Someone, ben: Someone
) -> None:
    alert_id = (await raised(database, maria, "routine")).alert_id
    for changed in ("due_at = 'infinity'", "due_at = due_at + interval '1 minute'"):
        await refused(database, nurse, changed)
    await take(database, ben, alert_id)
    await refused(database, nurse, "status = 'open'")
    await raised(database, maria, "critical")  # what is worse has to be taken anew, and bears his name until it is
    await refused(database, nurse, "status = 'acknowledged'")
    await take(database, nurse, alert_id)
    assert [one.owner_name for one in await listed(database, ben)] == ["Noor Haddad"]
