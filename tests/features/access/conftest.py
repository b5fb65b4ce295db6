"""Caregivers for the tests of sharing: invited, accepted, signed in."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col

from portal_app import wiring
from portal_app.core.actor import Credential
from portal_app.core.db import Database, secret_hash
from portal_app.features.access import acting, caregivers, invitations
from portal_app.features.access.tables import RelatedPerson
from portal_app.features.access.views import ShareForm
from tests.factories import Clinic, Someone

Share = Callable[..., Awaitable[Someone]]


def form(email: str, *ticked: str, until: str = "year", relationship: str = "child") -> ShareForm:
    return ShareForm("Ana Moreno", email, relationship, ticked or ("booking_act",), until)


async def invited(
    database: Database, patient: Someone, email: str, *ticked: str, name: str = "Ana Moreno",
    relationship: str = "child", until: str = "year",
) -> str:  # fmt: skip
    """Invite somebody, after two proofs, and return the key in the link that was mailed."""
    relation_id = uuid4()
    proved = await Clinic(database).sign_in_again(patient, assurance=2)
    async with database.act_as(proved.credential, "access.share_chart") as tx:
        wanted = replace(form(email, *ticked, relationship=relationship, until=until), name=name)
        await caregivers.invite_caregiver(tx, wanted, relation_id)
    return await key_of(database, relation_id)


async def key_of(database: Database, relation_id: UUID) -> str:
    """Mail an invitation, and return the key of another link to it."""
    key = uuid4().hex
    async with database.act_as_system("test") as tx:
        await invitations.mail_invitation(tx, relation_id)
        own = update(RelatedPerson).where(col(RelatedPerson.id) == relation_id)
        await tx.execute(own.values(secret_hash=secret_hash(key)))
    return key


async def accept(database: Database, who: Someone, key: str) -> None:
    async with database.act_as(who.credential, "access.act_for") as tx:
        await acting.answer_invitation(tx, key, is_accepted=True)


async def acting_for(database: Database, who: Someone, patient: Someone) -> Someone:
    """Go to a patient's chart."""
    async with database.act_as(who.credential, "access.act_for") as tx:
        session = await acting.act_for(tx, patient.patient_id)
    return replace(who, patient_id=patient.patient_id, credential=Credential(session.secret, "192.0.2.8"))


@pytest.fixture
def share(database: Database, clinic: Clinic) -> Share:
    """Have a patient share boxes with somebody, and return them acting for that chart."""
    wiring.load_features("policies")

    async def share(patient: Someone, *ticked: str, who: Someone | None = None) -> Someone:
        who = who or await clinic.patient("Ana", "Moreno")
        await accept(database, who, await invited(database, patient, who.email, *ticked))
        return await acting_for(database, who, patient)

    return share
