"""A teen of the tests, with a parent who was set or invited when they were a child."""

from collections.abc import Awaitable, Callable
from datetime import date

import psycopg
import pytest

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.db import Database, libpq_conninfo
from portal_app.features.ages.rules import birthday
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited

ALL = (
    "booking_act",
    "visits_act",
    "forms_act",
    "messages_act",
    "results_view",
    "notes_view",
    "vitals_act",
    "bills_act",
)
Family = Callable[..., Awaitable[tuple[Someone, Someone]]]


def born(age: int, days: int = 100) -> date:
    """Return the birth date of somebody who had their birthday some days ago."""
    today = clock.now().date()
    return birthday(date.fromordinal(today.toordinal() - days), -age)


@pytest.fixture
def family(database: Database, clinic: Clinic) -> Family:
    """Have a minor share everything with somebody, a parent if nothing else is said."""
    wiring.load_features("policies")

    async def family(age: int, *ticked: str, days: int = 100, **how: str) -> tuple[Someone, Someone]:
        child, parent = await clinic.patient("Maya", birth_date=born(age, days)), await clinic.patient("Ana")
        shared = {"relationship": "parent", "until": "open"} | how
        key = await invited(database, child, parent.email, *(ticked or ALL), **shared)
        await accept(database, parent, key)
        return child, parent

    return family


async def opened(database: Database, parent: Someone, child: Someone) -> set[str]:
    """Return what somebody reaches of a chart once they go there, with the strongest sign-in."""
    try:
        there = await acting_for(database, await Clinic(database).sign_in_again(parent), child)
    except Exception as error:  # noqa: BLE001 - told by its name
        return {type(error).__name__}
    async with database.act_as(there.credential, "access.who_am_i") as tx:
        await tx.execute("select set_config('portal.assurance', '2', true)")
        rows = await tx.all(
            "select s.section from unnest('{booking,visits,forms,messages,results,notes,vitals,bills}'::text[])"
            " s (section) where may('view', s.section, :id, 'N')",
            {"id": child.patient_id},
        )
    return {row.section for row in rows}


def grow(settings: Settings, child: Someone, age: int, days: int = 0) -> None:
    """Make somebody older as time does: nobody writes their grants anew."""
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url)) as connection:
        connection.execute("set portal.maintenance = 'test'")
        connection.execute("alter table patient disable trigger patient_age_grants")
        row = {"born": born(age, days), "id": child.patient_id}
        connection.execute("update patient set birth_date = %(born)s where id = %(id)s", row)
        connection.execute(
            "update related_person set invited_at = invited_at - interval '9 years' where patient_id = %(id)s", row
        )
        connection.execute("alter table patient enable trigger patient_age_grants")


async def let_run_out(database: Database, child: Someone, *sections: str) -> None:
    """Let the midnight pass that these sections were granted until."""
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "update access_grant set valid_until = now() - interval '1 second' where patient_id = :id"
            " and basis = 'caregiver' and sections && cast(:sections as text[])",
            {"id": child.patient_id, "sections": list(sections)},
        )
