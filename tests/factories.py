"""Makers of people, charts and sessions, written through the same roles as the portal's own."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert

from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.crypto import blind_index, encrypt
from portal_app.core.db import Database, secret_hash
from portal_app.features.access.tables import AccessGrant, Patient, Person, PersonRole, Session

SELF_SECTIONS = {
    1: ["booking", "forms", "visits", "profile"],
    2: ["vitals", "messages", "results", "notes", "bills"],
}


@dataclass(frozen=True)
class Someone:
    """A person with a live session; `patient_id` is their own chart, if they have one."""

    person_id: UUID
    patient_id: UUID | None
    credential: Credential
    email: str


async def open_practice(database: Database) -> None:
    """Give the installation its practice: a name, a mark, whom to call."""
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "insert into practice (id, name, initial, accent, phone, emergency_phone)"
            " values (gen_random_uuid(), 'Riverside', 'R', '#0b6b62', '+1 555 0100', '911')"
        )


class Clinic:
    """Makes what a test needs, one call each."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def patient(self, given: str = "Maria", family: str = "Alvarez", **chart: object) -> Someone:
        """Make a person with a chart of their own, signed in by code."""
        someone = await self._person(f"{given} {family}", ["patient"])
        patient_id = uuid4()
        async with self.database.act_as_system("test") as tx:
            values = {"birth_date": date(1964, 5, 1), "zone": "America/New_York", **chart}
            await tx.execute(insert(Patient).values(id=patient_id, given_name=given, family_name=family, **values))
            for assurance, sections in SELF_SECTIONS.items():
                await tx.execute(
                    insert(AccessGrant).values(
                        id=uuid4(),
                        grantee=someone.person_id,
                        patient_id=patient_id,
                        sections=sections,
                        verbs=["view", "act"],
                        up_to="V",
                        min_assurance=assurance,
                        basis="self",
                    )
                )
        return await self._signed_in(someone, patient_id)

    async def proven(self, given: str = "Maria", family: str = "Alvarez", **chart: object) -> Someone:
        """Make a patient, signed in by more than a code."""
        return await self.sign_in_again(await self.patient(given, family, **chart), assurance=2)

    async def staff(self, *roles: str, location_id: UUID | None = None, name: str = "Ada Okafor") -> Someone:
        """Make a person who works for the practice, signed in with a second factor."""
        return await self._signed_in(await self._person(name, list(roles), location_id), None, assurance=2)

    async def unproven(self, *roles: str, name: str = "Ada Okafor") -> Someone:
        """Make a person who works for the practice, signed in by a code alone."""
        return await self._signed_in(await self._person(name, list(roles)), None)

    async def held_back(self, given: str = "Rosa", family: str = "Diaz", **chart: object) -> Someone:
        """Make a patient who owns a passkey, signed in by a code alone."""
        someone = await self.patient(given, family, **chart)
        await self.passkey(someone)
        return someone

    async def passkey(self, someone: Someone, *, is_vouched: bool = True) -> UUID:
        """Give a person a passkey that no device holds; vouched for, it is as strong as one can be."""
        passkey_id = uuid4()
        stronger = await self._signed_in(someone, someone.patient_id, assurance=2)
        async with self.database.act_as(stronger.credential, "access.add_passkey") as tx:
            await tx.execute(
                "insert into passkey (id, person_id, external_id, public_key, name, vouched_at)"
                " values (:id, :who, cast(:id as text), '', 'x', case when :is_vouched then now() end)",
                {"id": passkey_id, "who": someone.person_id, "is_vouched": is_vouched},
            )
        return passkey_id

    async def prove_number(self, someone: Someone, number: str) -> None:
        """Have a person prove a telephone, as with a code that came there."""
        index = blind_index(number, purpose="phone")
        async with self.database.act_as_system("test") as tx:
            await tx.execute("select set_config('portal.person_id', :id, true)", {"id": str(someone.person_id)})
            code_id = await tx.scalar(
                "insert into contact_code (id, person_id, session_id, purpose, address, address_index, code_hash,"
                " locale, expires_at, used_at) select gen_random_uuid(), s.person_id, s.id, 'phone', :number, :index,"
                " 'x', 'en', now(), now() from session s where s.person_id = :who limit 1 returning id",
                {"who": someone.person_id, "number": encrypt(number), "index": index},
            )
            await tx.execute("select use_contact_code(:id)", {"id": code_id})

    async def sign_in_again(
        self, someone: Someone, life: timedelta = timedelta(hours=1), assurance: int | None = None
    ) -> Someone:
        """Give the same person another session, as on a second device."""
        assurance = assurance or (1 if someone.patient_id else 2)
        return await self._signed_in(someone, someone.patient_id, life, assurance)

    async def code_alone(self, someone: Someone) -> Someone:
        """Give the same person a session by a code alone."""
        return await self._signed_in(someone, someone.patient_id)

    async def _person(self, name: str, roles: list[str], location_id: UUID | None = None) -> Someone:
        person_id, email = uuid4(), f"{uuid4().hex[:10]}@example.test"
        async with self.database.act_as_system("test") as tx:
            await tx.execute(
                insert(Person).values(
                    id=person_id, display_name=name, email=email, email_index=blind_index(email, purpose="email")
                )
            )
            for role in roles:
                await tx.execute(
                    insert(PersonRole).values(id=uuid4(), person_id=person_id, role=role, location_id=location_id)
                )
        return Someone(person_id, None, Credential(""), email)

    async def _signed_in(
        self, someone: Someone, patient_id: UUID | None, life: timedelta = timedelta(hours=1), assurance: int = 1
    ) -> Someone:
        secret = uuid4().hex
        async with self.database.act_as_system("test") as tx:
            await tx.execute("select set_config('portal.person_id', :id, true)", {"id": str(someone.person_id)})
            await tx.execute(
                insert(Session).values(
                    id=uuid4(),
                    secret_hash=secret_hash(secret),
                    person_id=someone.person_id,
                    patient_id=patient_id,
                    assurance=assurance,
                    expires_at=clock.now() + life,
                )
            )
        return Someone(someone.person_id, patient_id, Credential(secret, "192.0.2.7"), someone.email)
