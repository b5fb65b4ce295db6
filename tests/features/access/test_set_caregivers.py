"""Caregivers that staff set with a document."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
import sqlalchemy.exc

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.contents import CleanContent
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotFound, OutOfScope, StepUpNeeded
from portal_app.core.files import open_file
from portal_app.features.access import acting, caregivers, invitations, questions, set_caregivers
from portal_app.features.access.errors import SetByPractice
from portal_app.features.access.rules import FRESH_LIFE, SHARES
from portal_app.features.access.views import CaregiverView
from portal_app.features.tasks import service as tasks
from portal_app.pages import staff_caregivers
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, accept, acting_for, form, invited, key_of
from tests.features.ages.conftest import born
from tests.sent_files import paper

wiring.load_features("policies")
PDF = CleanContent("application/pdf", paper())


async def kept(database: Database, settings: Settings, desk: Someone, patient: Someone) -> UUID:
    assert patient.patient_id
    async with database.act_as(desk.credential, "access.set_caregiver") as tx:
        return await set_caregivers.keep_document(tx, settings, patient.patient_id, PDF, "order.pdf")


async def set_one(
    database: Database, desk: Someone, patient: Someone, email: str, document_id: UUID, kind: str = "court_order",
    relationship: str = "child", name: str = "Ana Moreno",
) -> UUID:  # fmt: skip
    assert patient.patient_id
    relation_id = uuid4()
    async with database.act_as(desk.credential, "access.set_caregiver") as tx:
        await set_caregivers.set_caregiver(
            tx, patient.patient_id, replace(form(email, relationship=relationship), name=name), relation_id,
            document_id=document_id, kind=kind, note="Seen in the original",
        )  # fmt: skip
    return relation_id


async def acts_by_document(
    database: Database, settings: Settings, patient: Someone, who: Someone, kind: str, name: str = "Ana Moreno"
) -> tuple[UUID, Someone]:
    """Have the desk set somebody with a document of this kind, and return the relation and them in the chart."""
    desk = await Clinic(database).staff("front_desk", name="Tom Ortiz")
    document_id = await kept(database, settings, desk, patient)
    relation_id = await set_one(database, desk, patient, who.email, document_id, kind, name=name)
    await accept(database, who, await key_of(database, relation_id))
    return relation_id, await acting_for(database, who, patient)


async def ends(database: Database, patient: Someone, relation_id: UUID) -> None:
    async with database.act_as(patient.credential, "access.share_chart") as tx:
        await caregivers.end_caregiver(tx, relation_id)


async def asks(database: Database, patient: Someone, relation_id: UUID) -> None:
    async with database.act_as(patient.credential, "access.share_chart") as tx:
        await caregivers.ask_about_caregiver(tx, relation_id)


async def listed(database: Database, patient: Someone) -> dict[UUID, CaregiverView]:
    async with database.act_as(patient.credential, "access.share_chart") as tx:
        return {one.id: one for one in await caregivers.list_caregivers(tx)}


async def given_to(database: Database, who: Someone) -> list[tuple[str, UUID, bool]]:
    async with database.act_as(who.credential, "tasks.view") as tx:
        return [(one.code, one.focus_id, one.closed_at is None) for one in await tasks.list_tasks(tx)]


async def trail(database: Database, patient: Someone) -> list[str]:
    own = {"id": patient.patient_id}
    async with database.act_as_system("test") as tx:
        rows = await tx.all("select action from audit_event where patient_id = :id order by id", own)
    return [row.action for row in rows]


async def test_staff_set_one_with_a_document_which_the_patient_sees_and_cannot_end_alone(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    document_id = await kept(database, settings, desk, maria)
    relation_id = await set_one(database, desk, maria, "ana@example.test", document_id)
    async with database.act_as(maria.credential, "access.share_chart") as tx:
        (one,) = await caregivers.list_caregivers(tx)
        assert (one.document_kind, one.note, one.status) == ("court_order", "Seen in the original", "invited")
        with pytest.raises(SetByPractice):
            await caregivers.end_caregiver(tx, relation_id)
    assert maria.patient_id
    async with database.act_as(desk.credential, "access.set_caregiver") as tx:
        await set_caregivers.end_set_caregiver(tx, maria.patient_id, relation_id)
    async with database.act_as_system("test") as tx:
        actions = [row.action for row in await tx.all("select action from audit_event where patient_id is not null")]
    assert {"access.keep_document", "access.invite_caregiver", "access.end_caregiver"} <= set(actions)


@pytest.mark.parametrize("kind", ["consent", "power_of_attorney"])
async def test_what_an_adult_signed_they_end_in_one_tap_and_staff_are_given_the_paper_to_check(
    database: Database, clinic: Clinic, settings: Settings, kind: str
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    document_id = await kept(database, settings, desk, maria)
    relation_id = await set_one(database, desk, maria, "ana@example.test", document_id, kind)
    assert (await listed(database, maria))[relation_id].is_own_will
    with pytest.raises(NotFound):
        await asks(database, maria, relation_id)
    for _ in range(2):
        await ends(database, maria, relation_id)
    assert not (await listed(database, maria))[relation_id].is_open
    assert await given_to(database, desk) == [("caregiver_ended", relation_id, True)]
    assert await given_to(database, await clinic.staff("billing", name="Bea Roth")) == []
    said = await trail(database, maria)
    assert [one for one in said if one in ("access.end_caregiver", "tasks.open")] == [
        "access.end_caregiver", "tasks.open"
    ]  # fmt: skip


async def test_what_a_document_says_that_is_not_found_is_not_taken_for_the_patients_own_will(
    database: Database, clinic: Clinic, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    document_id = await kept(database, settings, desk, maria)
    relation_id = await set_one(database, desk, maria, "ana@example.test", document_id, "consent")
    monkeypatch.setattr(caregivers, "_DOCUMENTED", f"{caregivers._DOCUMENTED} and false")
    assert not (await listed(database, maria))[relation_id].is_own_will
    with pytest.raises(SetByPractice):
        await ends(database, maria, relation_id)


async def test_what_rests_on_law_or_a_court_is_asked_about_once_and_answered_by_ending_it(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    assert maria.patient_id
    document_id = await kept(database, settings, desk, maria)
    order = await set_one(database, desk, maria, "ana@example.test", document_id)
    for _ in range(2):
        await asks(database, maria, order)
    (one,) = (await listed(database, maria)).values()
    assert (one.is_own_will, one.is_asked, one.is_open) == (False, True, True)
    assert await given_to(database, desk) == [("caregiver_question", order, True)]
    assert (await trail(database, maria)).count("access.ask_about_caregiver") == 1
    async with database.act_as(desk.credential, "access.set_caregiver") as tx:
        assert await set_caregivers.chart_of_caregiver(tx, order) == maria.patient_id
        await set_caregivers.end_set_caregiver(tx, maria.patient_id, order)
    assert await given_to(database, desk) == [("caregiver_question", order, False)]
    with pytest.raises(NotFound):
        await asks(database, maria, order)


@pytest.mark.parametrize("how", ["declined", "lapsed", "expired", "of age"])
async def test_what_was_asked_about_somebody_who_does_not_act_any_more_is_nobodys_task(
    database: Database, clinic: Clinic, settings: Settings, how: str
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    ana = await clinic.patient("Ana")
    document_id = await kept(database, settings, desk, maria)
    order = await set_one(database, desk, maria, ana.email, document_id)
    other = await set_one(database, desk, maria, "leo@example.test", document_id)
    key = await key_of(database, order)
    for relation_id in (order, other):
        await asks(database, maria, relation_id)
    if how == "declined":
        async with database.act_as(ana.credential, "access.act_for") as tx:
            await acting.answer_invitation(tx, key, is_accepted=False)
        async with database.act_as_system("test") as tx:
            await invitations.mail_answer(tx, order)
    else:
        gone = {
            "lapsed": "answer_by = now()", "expired": "valid_until = now()",
            "of age": "status = 'ended', ended_at = now()",
        }  # fmt: skip
        if how == "expired":
            await accept(database, ana, key)
        async with database.act_as_system("access.sweep") as tx:
            await tx.execute(f"update related_person set {gone[how]} where id = :id", {"id": order})
            await questions.close_settled(tx)
    assert sorted(await given_to(database, desk)) == sorted(
        [("caregiver_question", order, False), ("caregiver_question", other, True)]
    )


async def test_a_minor_ends_no_paper_that_somebody_else_signed_and_nobody_a_guardian_s(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    teen, maria = await clinic.patient("Lia", birth_date=born(16)), await clinic.patient()
    desk = await clinic.staff("front_desk", name="Tom Ortiz")
    of_teen, of_maria = await kept(database, settings, desk, teen), await kept(database, settings, desk, maria)
    for kind in ("consent", "power_of_attorney"):
        email = f"{kind}@example.test"
        theirs = await set_one(database, desk, teen, email, of_teen, kind, "parent")
        guardian = await set_one(database, desk, maria, email, of_maria, kind, "guardian")
        for who, relation_id in ((teen, theirs), (maria, guardian)):
            with pytest.raises(SetByPractice):
                await ends(database, who, relation_id)
            assert (await listed(database, who))[relation_id].is_open


async def test_for_whom_a_court_put_somebody_in_place_a_power_of_attorney_stays_with_the_practice(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    assert maria.patient_id
    document_id = await kept(database, settings, desk, maria)
    power = await set_one(database, desk, maria, "ana@example.test", document_id, "power_of_attorney")
    order = await set_one(database, desk, maria, "leo@example.test", document_id)
    with pytest.raises(SetByPractice):
        await ends(database, maria, power)
    async with database.act_as(desk.credential, "access.set_caregiver") as tx:
        await set_caregivers.end_set_caregiver(tx, maria.patient_id, order)
    await ends(database, maria, power)
    assert not (await listed(database, maria))[power].is_open


async def test_nobody_else_ends_it_or_asks_not_even_whoever_acts_for_the_patient(
    database: Database, clinic: Clinic, settings: Settings, share: Share
) -> None:
    maria, eve = await clinic.patient(), await clinic.patient("Eve")
    desk = await clinic.staff("front_desk", name="Tom Ortiz")
    document_id = await kept(database, settings, desk, maria)
    consent = await set_one(database, desk, maria, "leo@example.test", document_id, "consent")
    order = await set_one(database, desk, maria, "tea@example.test", document_id)
    ana = await share(maria, *SHARES)
    for attempt in (ends, asks):
        for relation_id in (consent, order):
            with pytest.raises(NotFound):
                await attempt(database, eve, relation_id)
            with pytest.raises(OutOfScope):
                await attempt(database, ana, relation_id)
    assert {one.is_open for one in (await listed(database, maria)).values()} == {True}
    assert await given_to(database, desk) == []


async def test_what_staff_set_the_patient_ends_and_does_not_change(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    consent = await set_one(
        database, desk, maria, "ana@example.test", await kept(database, settings, desk, maria), "consent"
    )
    proved = await clinic.sign_in_again(maria, assurance=2)
    with pytest.raises(SetByPractice):
        async with database.act_as(proved.credential, "access.share_chart") as tx:
            await caregivers.change_shares(tx, consent, ["bills_act"], "open")


PUT_AWAY = "status = 'ended', ended_at = now()"
REWRITTEN = (
    "view_sections = '{booking}', act_sections = '{}'", "valid_until = now()", "answer_by = now() + interval '1 year'",
    "person_id = actor_person()", "secret_hash = 'mine'", "accepted_at = now()", "used_at = now()",
)  # fmt: skip


async def takes(database: Database, who: Someone, relation_id: UUID, change: str) -> bool:
    """Change a relation past the service, take that back, and tell whether the database took it."""
    statement = f"update related_person set {change} where id = :id returning 1 / (status is null)::int"
    with pytest.raises(sqlalchemy.exc.DBAPIError) as refused:
        async with database.act_as(who.credential, "access.who_am_i") as tx:
            await tx.execute(statement, {"id": relation_id})
    assert re.search("the practice|division by zero", str(refused.value))
    return "division by zero" in str(refused.value)


async def test_in_the_database_too_a_patient_ends_what_the_service_lets_them_end_and_nothing_else(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    adult, placed = await clinic.proven(), await clinic.proven("Omar")
    teen, desk = await clinic.proven("Lia", birth_date=born(16)), await clinic.staff("front_desk", name="Tom Ortiz")
    found = []
    for who in (adult, placed, teen):
        document_id = await kept(database, settings, desk, who)
        kinds = ("consent", "power_of_attorney", *(["court_order"] if who is placed else []))
        for kind, relationship in product(kinds, ("child", "parent", "guardian")):
            await set_one(database, desk, who, f"{kind}-{relationship}@example.test", document_id, kind, relationship)
        for one in (await listed(database, who)).values():
            assert await takes(database, who, one.id, PUT_AWAY) is one.is_own_will
            found.append(one.is_own_will)
    assert (found.count(True), found.count(False)) == (6, 15)


@pytest.mark.parametrize("kind", ["consent", "court_order"])
async def test_in_the_database_too_a_patient_rewrites_nothing_that_staff_set_and_staff_end_it(
    database: Database, clinic: Clinic, settings: Settings, kind: str
) -> None:
    maria, desk = await clinic.proven(), await clinic.staff("front_desk", name="Tom Ortiz")
    relation_id = await set_one(
        database, desk, maria, "ana@example.test", await kept(database, settings, desk, maria), kind
    )
    assert [change for change in REWRITTEN if await takes(database, maria, relation_id, change)] == []
    assert await takes(database, desk, relation_id, PUT_AWAY)


async def test_what_a_court_ordered_and_nobody_answered_makes_room_for_the_patients_own_invitation(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    maria, desk = await clinic.proven(), await clinic.staff("front_desk", name="Tom Ortiz")
    order = await set_one(database, desk, maria, "ana@example.test", await kept(database, settings, desk, maria))
    async with database.act_as_system("test") as tx:
        await tx.execute("update related_person set answer_by = now() where id = :id", {"id": order})
    own = await invited(database, maria, "ana@example.test", "booking_view")
    found = await listed(database, maria)
    assert (found[order].status, sum(one.is_open for one in found.values()), bool(own)) == ("ended", 1, True)


async def test_setting_one_wants_a_fresh_sign_in_and_ending_does_not(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    assert maria.patient_id
    document_id = await kept(database, settings, desk, maria)
    relation_id = await set_one(database, desk, maria, "ana@example.test", document_id)
    with clock.frozen_at(clock.now() + FRESH_LIFE + timedelta(minutes=1)):
        with pytest.raises(StepUpNeeded):
            await set_one(database, desk, maria, "leo@example.test", document_id)
        async with database.act_as(desk.credential, "access.set_caregiver") as tx:
            await set_caregivers.end_set_caregiver(tx, maria.patient_id, relation_id)
    async with database.act_as(desk.credential, "access.set_caregiver") as tx:
        (one,) = await caregivers.list_caregivers(tx, maria.patient_id)
    assert (one.id, one.is_open) == (relation_id, False)
    assert staff_caregivers.PAGE.steps_up


async def test_without_a_document_of_this_chart_staff_set_nobody(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    maria, leo = await clinic.patient(), await clinic.patient("Leo")
    desk = await clinic.staff("front_desk", name="Tom Ortiz")
    for document_id in (uuid4(), await kept(database, settings, desk, leo)):
        with pytest.raises(InputRefused):
            await set_one(database, desk, maria, "ana@example.test", document_id)
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match="row-level security"):
        async with database.act_as(desk.credential, "access.set_caregiver") as tx:
            await tx.execute(
                "insert into related_person (id, patient_id, name, email, email_index, relationship, view_sections,"
                " act_sections, answer_by, invited_by, invited_at) values (gen_random_uuid(), :id, '', '', '', 'child',"
                " '{booking}', '{}', now(), :me, now())",
                {"id": maria.patient_id, "me": desk.person_id},
            )


async def test_no_caregiver_opens_the_document(
    database: Database, clinic: Clinic, settings: Settings, share: Share
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk", name="Tom Ortiz")
    document_id = await kept(database, settings, desk, maria)
    carer = await clinic.sign_in_again(await clinic.patient("Ana", "Moreno"), assurance=2)
    ana = await share(maria, "booking_act", "results_view", "bills_act", who=carer)
    async with database.act_as(ana.credential, "files.download") as tx:
        with pytest.raises(NotFound):
            await open_file(tx, settings, document_id)
    assert (await acting_for(database, ana, maria)).patient_id == maria.patient_id
