"""A card or a link becomes an account, once, for whoever knows the name and the birth date, and for nobody else."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused
from portal_app.features.access.views import NewSession
from portal_app.features.enrolment import jobs, service
from portal_app.features.enrolment.errors import (
    ActivationCodeRefused,
    ActivationRefused,
    ActivationRunOut,
    ActivationWornOut,
    AddressInUse,
)
from portal_app.features.enrolment.rules import ACTIVATION_TRIES, CODE_TRIES
from portal_app.features.enrolment.views import Typed
from tests.factories import Clinic
from tests.features.enrolment.world import BORN, World, browser, by_code, by_link
from tests.statements import statements_asked


async def test_a_card_becomes_an_account_that_acts_for_its_own_chart(world: World, database: Database) -> None:
    patient_id, who = await world.chart(), browser()
    assert await world.claim(who, by_code(await world.issue(patient_id))) is None
    session = await world.finish(who, await world.ask(who, "Ines@Example.test"))
    async with database.act_as(Credential(session.secret), "booking.view") as tx:
        assert (tx.actor.patient_id, tx.actor.assurance, tx.actor.locale) == (patient_id, 2, "es")
        assert (await tx.one("select given_name from patient")).given_name == "Inés"
    assert await world.stage(patient_id) == "settling"
    trail = "select count(*) from audit_event where patient_id = :id and action in ('enrolment.activate')"
    assert await world.scalar(trail, id=patient_id) == 1


async def test_the_link_of_a_mail_proves_its_address_and_keeps_it(world: World) -> None:
    patient_id, who = await world.chart(), browser()
    activation_id = await world.issue(patient_id, "mail", "ines@example.test")
    await world.invite(activation_id)
    sent = await world.mail("enrolment_invitation")
    assert sent.content["to"] == "ines@example.test"
    link = sent.content["params"]["link"].partition("=")[2]
    assert await world.claim(who, Typed(link, "", "ortega inés", BORN)) is None
    async with world.database.act_as_system("test") as tx:
        assert (await service.progress(tx, who, link)).known_email == "i…s@example.test"
    assert isinstance(await world.finish(who, keeps=True), NewSession)


async def test_a_card_proves_no_address(world: World) -> None:
    who = browser()
    await world.claim(who, by_link(await world.issue(await world.chart())))
    assert await world.finish(who, keeps=True) is ActivationCodeRefused


async def test_an_activation_used_before_is_refused_as_one_that_never_was(world: World) -> None:
    activation_id, who = await world.issue(await world.chart()), browser()
    await world.claim(who, by_code(activation_id))
    code = await world.ask(who, "ines@example.test")
    assert isinstance(await world.finish(who, code), NewSession)
    assert await world.finish(who, code) is ActivationRunOut
    assert await world.claim(browser(), by_code(activation_id)) is ActivationRefused


async def test_of_two_people_with_one_activation_the_first_to_finish_is_in(world: World) -> None:
    activation_id, one, other = await world.issue(await world.chart()), browser(), browser()
    codes = []
    for who, email in ((one, "a@example.test"), (other, "b@example.test")):
        assert await world.claim(who, by_code(activation_id)) is None
        codes.append(await world.ask(who, email))
    ends = await asyncio.gather(world.finish(one, codes[0]), world.finish(other, codes[1]))
    assert sorted(isinstance(end, NewSession) for end in ends) == [False, True]
    assert ActivationRunOut in ends
    assert await world.scalar("select count(*) from access_grant where basis = 'self'") == 2  # two assurances of one


@pytest.mark.parametrize("wrong", ["code", "link", "name", "birth", "revoked", "old", "in use"])
async def test_whatever_is_wrong_the_answer_and_the_work_are_the_same(world: World, clinic: Clinic, wrong: str) -> None:
    patient_id = await world.chart()
    activation_id = await world.issue(patient_id)
    typed, later = by_code(activation_id), timedelta()
    if wrong in ("code", "link"):
        typed = by_code(uuid4()) if wrong == "code" else by_link(uuid4())
    elif wrong == "revoked":
        await world.revoke(patient_id)
    elif wrong == "old":
        later = timedelta(days=31)
    elif wrong == "in use":
        await world.scalar(
            "insert into access_grant (grantee, patient_id, sections, verbs, basis)"
            " values (:id, :patient, '{}', '{}', 'self') returning 1", id=uuid4(), patient=patient_id,
        )  # fmt: skip
    else:
        name, born = ("Ana Silva", BORN) if wrong == "name" else ("Inés Ortega", date(1950, 9, 4))
        typed = by_code(activation_id, name, born)
    never = await work_of(world, by_code(uuid4()))
    with clock.frozen_at(clock.now() + later):
        assert await work_of(world, typed) == never


async def work_of(world: World, typed: Typed) -> list[str]:
    """Return what the database is asked when this is typed, which must be refused."""
    with statements_asked() as asked:
        assert await world.claim(browser(), typed) is ActivationRefused
    return [sql for sql, _ in asked]


@pytest.mark.parametrize("exists", [True, False])
async def test_a_wrong_birth_date_from_many_addresses_wears_an_activation_out_whether_it_is_one_or_not(
    world: World, exists: bool
) -> None:
    activation_id = await world.issue(await world.chart()) if exists else uuid4()
    answers = [
        await world.claim(browser(f"198.51.100.{n}"), by_code(activation_id, born=BORN + timedelta(days=n + 1)))
        for n in range(ACTIVATION_TRIES + 1)
    ]
    assert answers == [ActivationRefused] * ACTIVATION_TRIES + [ActivationWornOut]
    assert await world.claim(browser(), by_code(activation_id)) is ActivationWornOut
    if exists:
        assert await world.claim(browser(), by_link(activation_id)) is ActivationWornOut


async def test_one_guess_a_day_each_from_another_network_wears_an_activation_out_all_the_same(world: World) -> None:
    activation_id, start, answers = await world.issue(await world.chart()), clock.now(), []
    for day in range(ACTIVATION_TRIES + 1):
        with clock.frozen_at(start + timedelta(days=3 * day)):
            wrong = by_code(activation_id, born=BORN + timedelta(days=day + 1))
            answers.append(await world.claim(browser(f"203.0.{day}.1"), wrong))
            async with world.database.act_as_system("enrolment.sweep") as tx:
                await jobs.remove_old(tx)  # what is swept away begins no count anew
    assert answers == [ActivationRefused] * ACTIVATION_TRIES + [ActivationWornOut]
    with clock.frozen_at(start + timedelta(days=29)):
        for right in (by_code(activation_id), by_link(activation_id)):
            assert await world.claim(browser(), right) is ActivationWornOut


async def test_who_gets_it_right_at_last_gets_in(world: World) -> None:
    activation_id, who = await world.issue(await world.chart()), browser()
    for _ in range(ACTIVATION_TRIES - 1):
        await world.claim(who, by_code(activation_id, "Somebody Else"))
    assert await world.claim(who, by_code(activation_id)) is None


async def test_withdrawn_while_the_page_is_open_it_lets_nobody_in(world: World) -> None:
    patient_id, who = await world.chart(), browser()
    await world.claim(who, by_code(await world.issue(patient_id)))
    code = await world.ask(who, "ines@example.test")
    await world.revoke(patient_id)
    assert await world.finish(who, code) is ActivationRunOut
    with pytest.raises(ActivationRunOut):
        await world.ask(who, "ines@example.test")


async def test_a_newer_one_replaces_an_older_one(world: World) -> None:
    patient_id = await world.chart()
    old, new = await world.issue(patient_id), await world.issue(patient_id)
    assert await world.claim(browser(), by_code(old)) is ActivationRefused
    assert await world.claim(browser(), by_code(new)) is None


async def test_another_browser_cannot_go_on_where_one_left_off(world: World) -> None:
    who = browser()
    await world.claim(who, by_code(await world.issue(await world.chart())))
    code = await world.ask(who, "ines@example.test")
    assert await world.finish(browser(), code) is ActivationRunOut


async def test_the_code_of_the_address_is_guessed_a_few_times_and_no_more(world: World) -> None:
    who = browser()
    await world.claim(who, by_code(await world.issue(await world.chart())))
    code = await world.ask(who, "ines@example.test")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(CODE_TRIES):
        assert await world.finish(who, wrong) is ActivationCodeRefused
    assert await world.finish(who, code) is ActivationCodeRefused
    assert isinstance(await world.finish(who, await world.ask(who, "ines@example.test")), NewSession)


async def test_an_address_that_signs_somebody_in_is_said_to_be_in_use_to_its_owner_alone(
    world: World, clinic: Clinic
) -> None:
    maria, who = await clinic.patient(), browser()
    await world.claim(who, by_code(await world.issue(await world.chart())))
    code = await world.ask(who, maria.email)
    assert await world.finish(who, code) is AddressInUse
    assert isinstance(await world.finish(who, await world.ask(who, "ines@example.test")), NewSession)


async def test_codes_are_not_sent_without_end(world: World) -> None:
    who = browser()
    await world.claim(who, by_code(await world.issue(await world.chart())))
    for number in range(5):
        await world.ask(who, f"other{number}@example.test")
    with pytest.raises(InputRefused):
        await world.ask(who, "one.more@example.test")


@pytest.mark.parametrize("name", ["", " ", "x" * 100_000, "\u202eseni agetrO", "\x00", "' or 1=1 --", "Inés " * 50])
async def test_garbage_is_nobodys_name(world: World, name: str) -> None:
    assert await world.claim(browser(), by_code(await world.issue(await world.chart()), name)) is ActivationRefused
