"""Staff invite people to their own chart; what opens it is kept as hashes."""

from datetime import timedelta
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.enrolment import jobs, service
from portal_app.features.enrolment.errors import AlreadyEnrolled, TooYoung
from portal_app.features.enrolment.rules import ACTIVATION_TRIES
from portal_app.features.enrolment.secret import code_of, link_of
from tests.factories import Clinic
from tests.features.ages.conftest import born
from tests.features.enrolment.world import World, browser, by_code, by_link


async def test_neither_the_link_nor_the_code_is_in_the_database(world: World) -> None:
    id_ = await world.issue(await world.chart(), "mail", "ines@example.test")
    card = await world.issue(await world.chart("Ana", "Silva"))
    async with world.database.act_as_system("test") as tx:
        stored = str(await tx.all("select * from activation"))
    for secret in (link_of(id_), link_of(card), code_of(card), "ines@example.test"):
        assert secret not in stored


async def test_two_taps_make_one_activation(world: World) -> None:
    patient_id, key = await world.chart(), uuid4()
    assert await world.issue(patient_id, key=key) == await world.issue(patient_id, key=key)


async def test_a_card_says_its_code_and_its_link_and_is_recorded(world: World, database: Database) -> None:
    patient_id = await world.chart()
    id_ = await world.issue(patient_id)
    async with database.act_as(world.desk.credential, "enrolment.issue") as tx:
        card = await service.card(tx, id_)
    assert (card.name, card.locale, card.code.replace("-", "")) == ("Inés Ortega Ruiz", "es", code_of(id_))
    assert card.path == f"/activate?key={link_of(id_)}"
    printed = "select count(*) from audit_event where patient_id = :id and action = 'enrolment.print_card'"
    assert await world.scalar(printed, id=patient_id) == 1


async def test_a_card_that_is_replaced_or_withdrawn_cannot_be_printed(world: World, database: Database) -> None:
    patient_id = await world.chart()
    replaced = await world.issue(patient_id)
    withdrawn = await world.issue(patient_id)
    await world.revoke(patient_id)
    for id_ in (replaced, withdrawn):
        with pytest.raises(NotFound):
            async with database.act_as(world.desk.credential, "enrolment.issue") as tx:
                await service.card(tx, id_)


async def test_whoever_is_in_is_not_invited(world: World, clinic: Clinic) -> None:
    maria = await clinic.patient()
    with pytest.raises(AlreadyEnrolled):
        await world.issue(maria.patient_id or uuid4())


async def test_whoever_is_too_young_by_the_rule_of_age_is_not_invited(world: World) -> None:
    with pytest.raises(TooYoung):
        await world.issue(await world.chart(birth_date=born(12)))
    grown = await world.chart(birth_date=born(13))
    await world.issue(grown)
    assert await world.stage(grown) == "invited"


async def test_a_mail_needs_an_address(world: World) -> None:
    with pytest.raises(InputRefused):
        await world.issue(await world.chart(), "mail", "nobody")


async def test_the_stages_are_told_one_after_the_other(world: World) -> None:
    patient_id = await world.chart()
    stages = [await world.stage(patient_id)]
    id_ = await world.issue(patient_id)
    stages.append(await world.stage(patient_id))
    async with world.database.act_as_system("test") as tx:
        await service.note_opened(tx, link_of(id_))
    stages.append(await world.stage(patient_id))
    for _ in range(ACTIVATION_TRIES + 1):
        await world.claim(browser(), by_link(id_, "Somebody Else"))
    stages.append(await world.stage(patient_id))
    assert stages == ["none", "invited", "opened", "worn_out"]


async def test_only_who_attends_to_a_chart_invites_to_it(world: World, clinic: Clinic, database: Database) -> None:
    patient_id = await world.chart()
    for who in (await clinic.patient(), await clinic.staff("manager"), await clinic.staff("billing")):
        with pytest.raises(NotAllowed):
            async with database.act_as(who.credential, "enrolment.issue"):
                pass
        async with database.act_as(who.credential, "practice.view") as tx:
            await world.issue(patient_id)
            assert await tx.scalar("select count(*) from activation") == 0
    with pytest.raises(NotFound):  # a nurse elsewhere
        async with database.act_as((await clinic.staff("nurse")).credential, "enrolment.issue") as tx:
            await service.issue_activation(tx, patient_id, "card", uuid4())


async def test_a_mail_that_was_overtaken_is_not_sent(world: World) -> None:
    patient_id = await world.chart()
    id_ = await world.issue(patient_id, "mail", "ines@example.test")
    async with world.database.act_as_system("test") as tx:
        assert await jobs.is_still_out(tx, f"invitation:{id_}")
    await world.issue(patient_id)
    await world.invite(id_)
    assert await world.scalar("select count(*) from outbox_message") == 0


async def test_what_is_too_old_is_swept(world: World) -> None:
    id_, who = await world.issue(await world.chart()), browser()
    await world.claim(who, by_code(id_))
    await world.claim(browser(), by_code(uuid4()))
    with clock.frozen_at(clock.now() + timedelta(days=40)):
        async with world.database.act_as_system("test") as tx:
            await jobs.remove_old(tx)
    left = "select (select count(*) from activation_claim) + (select count(*) from activation_try)"
    assert await world.scalar(left) == 0
