"""Makers of people, charts and sessions, written through the same roles as the portal's own."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert

from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.crypto import blind_index
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

    async def staff(self, *roles: str, location_id: UUID | None = None, name: str = "Ada Okafor") -> Someone:
        """Make a person who works for the practice, signed in with a second factor."""
        return await self._signed_in(await self._person(name, list(roles), location_id), None, assurance=2)

    async def unproven(self, *roles: str, name: str = "Ada Okafor") -> Someone:
        """Make a person who works for the practice, signed in by a code alone."""
        return await self._signed_in(await self._person(name, list(roles)), None)

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
