"""A chart nobody signs in to, a desk that invites, and browsers that answer."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, text

from portal_app.core.crypto import EncryptedJSON
from portal_app.core.db import Database
from portal_app.features.access.tables import Patient
from portal_app.features.enrolment import jobs, service
from portal_app.features.enrolment.secret import code_of, link_of
from portal_app.features.enrolment.views import Channel, Typed, Visitor
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker

BORN = date(1950, 4, 9)
_MAIL = text("select content from outbox_message where template = :template order by created_at desc limit 1").columns(
    content=EncryptedJSON
)


def browser(address: str = "192.0.2.9", secret: str | None = None) -> Visitor:
    return Visitor(secret or f"anon-{uuid4().hex}", "", address, address, "Mozilla/5.0 (iPhone) Safari/604")


@dataclass
class World:
    """What a test of enrolment needs."""

    database: Database
    clinic: Clinic
    desk: Someone

    async def chart(self, given: str = "Inés", family: str = "Ortega Ruiz", **more: object) -> UUID:
        patient_id = uuid4()
        values = {"birth_date": BORN, "language": "es", **more}
        async with self.database.act_as_system("test") as tx:
            await tx.execute(insert(Patient).values(id=patient_id, given_name=given, family_name=family, **values))
        return patient_id

    async def issue(
        self, patient_id: UUID, channel: Channel = "card", email: str = "", key: UUID | None = None
    ) -> UUID:
        async with self.database.act_as(self.desk.credential, "enrolment.issue") as tx:
            return await service.issue_activation(tx, patient_id, channel, key or uuid4(), email)

    async def revoke(self, patient_id: UUID) -> None:
        async with self.database.act_as(self.desk.credential, "enrolment.issue") as tx:
            await service.revoke_activation(tx, patient_id)

    async def stage(self, patient_id: UUID) -> str:
        async with self.database.act_as(self.desk.credential, "enrolment.issue") as tx:
            return (await service.enrolment_of(tx, patient_id)).stage

    async def claim(self, who: Visitor, typed: Typed) -> type[Exception] | None:
        async with self.database.act_as_system("enrolment.activate") as tx:
            return await service.claim_activation(tx, who, typed)

    async def ask(self, who: Visitor, email: str) -> str:
        """Have a code sent and return it."""
        async with self.database.act_as_system("enrolment.activate") as tx:
            await service.send_address_code(tx, who, email, "es")
        code: str = (await self.mail("enrolment_code")).content["params"]["code"]
        return code

    async def finish(self, who: Visitor, code: str = "", *, keeps: bool = False) -> Any:
        async with self.database.act_as_system("enrolment.activate") as tx:
            return await service.complete_activation(tx, who, code, "es", keeps_known=keeps)

    async def mail(self, template: str) -> Any:
        async with self.database.act_as_system("test") as tx:
            return await tx.one(_MAIL, {"template": template})

    async def invite(self, activation_id: UUID) -> None:
        async with self.database.act_as_system("test") as tx:
            await jobs.mail_invitation(tx, activation_id)

    async def scalar(self, question: str, **given: object) -> Any:
        async with self.database.act_as_system("test") as tx:
            return await tx.scalar(question, given)


async def open_world(database: Database, clinic: Clinic) -> World:
    await PracticeMaker(database).practice()
    return World(database, clinic, await clinic.staff("front_desk"))


def by_code(activation_id: UUID, name: str = "Ines Ortega", born: date = BORN) -> Typed:
    return Typed("", code_of(activation_id), name, born)


def by_link(activation_id: UUID, name: str = "Inés Ortega Ruiz", born: date = BORN) -> Typed:
    return Typed(link_of(activation_id), "", name, born)
