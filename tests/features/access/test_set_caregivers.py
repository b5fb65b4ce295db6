"""Caregivers that staff set with a document."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy.exc

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotFound, StepUpNeeded
from portal_app.core.files import open_file
from portal_app.features.access import caregivers, set_caregivers
from portal_app.features.access.errors import SetByPractice
from portal_app.features.access.rules import FRESH_LIFE
from portal_app.pages import staff_caregivers
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, acting_for, form
from tests.sent_files import paper

wiring.load_features("policies")


async def _pdf() -> AsyncIterator[bytes]:
    yield paper()


async def kept(database: Database, settings: Settings, desk: Someone, patient: Someone) -> UUID:
    assert patient.patient_id
    async with database.act_as(desk.credential, "access.set_caregiver") as tx:
        return await set_caregivers.keep_document(tx, settings, patient.patient_id, _pdf(), "order.pdf")


async def set_one(database: Database, desk: Someone, patient: Someone, email: str, document_id: UUID) -> UUID:
    assert patient.patient_id
    relation_id = uuid4()
    async with database.act_as(desk.credential, "access.set_caregiver") as tx:
        await set_caregivers.set_caregiver(
            tx, patient.patient_id, form(email), relation_id, document_id=document_id, kind="court_order",
            note="Seen in the original",
        )  # fmt: skip
    return relation_id


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
