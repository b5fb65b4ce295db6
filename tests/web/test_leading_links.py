"""What a message names is found in its chart, for everything that a patient has, by whoever acts for several."""

from uuid import UUID

import psycopg
import pytest

from portal_app.features.access import leading
from portal_app.features.access.rules import SHARES
from tests.factories import Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.web.test_every_handler import world
from tests.web.victim import World

__all__ = ["world"]
TABLES = {
    "/appointments/{}": "appointment", "/visit?id={}": "appointment", "/check-in?id={}": "appointment",
    "/book?about={}": "appointment", "/bills/{}": "invoice", "/bills?about={}": "bill_question",
    "/pay/return?attempt={}": "payment_attempt", "/pay/plan?about={}": "payment_plan",
    "/forms/{}": "questionnaire_response", "/forms?about={}": "form_assignment", "/estimates/{}": "estimate",
    "/insurance/{}": "coverage", "/vitals?about={}": "care_plan",
}  # fmt: skip
OWN = {"/profile/caregivers?about={}": "related_person", "/profile/who-looked?about={}": "privacy_question"}
"""What is never shared: its link leads patients themselves back from the chart of somebody else."""
ELSEWHERE = {"TimeOffer", "TimeRequest", "WaitlistEntry"}
"""Kinds of which the patient of these tests has none; a request is proved in `test_acting.py`."""


def _id_in(world: World, table: str) -> UUID:
    with psycopg.connect(world.dsn) as connection:
        if table == "privacy_question":
            connection.execute(
                "insert into privacy_question (id, patient_id, event_id, asked_by, asked_at)"
                " values (gen_random_uuid(), %s, 1, %s, now())",
                [world.victim.patient_id, world.victim.person_id],
            )
        row = connection.execute(
            f"select id from {table} where patient_id = %s limit 1", [world.victim.patient_id]
        ).fetchone()
    assert row, table
    return UUID(str(row[0]))


async def _behind(world: World, who: Someone, target: str) -> UUID | None:
    async with world.people.database.act_as(who.credential, "access.act_for") as tx:
        return await leading.chart_behind(tx, target)


async def _shared_with(world: World, *ticked: str) -> Someone:
    """Share with somebody, who has their own chart open."""
    ana, database = await world.people.patient("Ana"), world.people.database
    await accept(database, ana, await invited(database, world.victim, ana.email, *ticked))
    return await acting_for(database, ana, ana)


def test_each_kind_that_an_address_can_name_is_tried() -> None:
    tried = {leading.named_in(one.format(UUID(int=0)))[0] for one in TABLES | OWN}  # type: ignore[index]
    assert tried | ELSEWHERE == {*leading._PAGES.values(), *leading._ASKED.values()}


async def test_everything_a_message_can_name_leads_to_its_chart_as_far_as_it_is_shared(world: World) -> None:
    all_of_it = await _shared_with(world, *(name for name, (verb, _part) in SHARES.items() if verb == "view"))
    nothing_of_it, stranger = await _shared_with(world, "messages_view"), await world.people.patient("Eve")
    for address, table in TABLES.items():
        target = address.format(_id_in(world, table))
        assert await _behind(world, all_of_it, target) == world.victim.patient_id, target
        assert await _behind(world, nothing_of_it, target) is None, target
        assert await _behind(world, stranger, target) is None, target


async def test_what_is_never_shared_leads_patients_back_to_their_own_chart_and_nobody_else(world: World) -> None:
    other, database = await world.people.patient("Maria"), world.people.database
    await accept(database, world.victim, await invited(database, other, world.victim.email, "booking_view"))
    away = await acting_for(database, world.victim, other)
    carer = await _shared_with(world, *SHARES)
    for address, table in OWN.items():
        target = address.format(_id_in(world, table))
        assert await _behind(world, away, target) == world.victim.patient_id, target
        assert await _behind(world, carer, target) is None, target


@pytest.mark.parametrize("address", TABLES)
async def test_an_id_of_another_kind_or_of_nothing_leads_nowhere(world: World, address: str) -> None:
    carer = await _shared_with(world, *SHARES)
    assert await _behind(world, carer, address.format(world.victim.patient_id)) is None
