"""Somebody who may see bills, a caregiver, and the desks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from portal_app.core.contents import cleaned
from portal_app.core.db import Database
from portal_app.features.access.tables import AccessGrant
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.service import CoverageForm, CoverageView
from portal_app.settings import Settings
from tests.factories import Clinic, Someone

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def typed(**changes: Any) -> CoverageForm:
    """Return a form as somebody fills it in."""
    said: dict[str, Any] = {
        "payer": "other", "payer_name": "Northwind Health", "plan_name": "Silver", "member_id": "nw 123 456",
        "group_number": "G-77", "precedence": "1", "relation": "self",
    }  # fmt: skip
    return CoverageForm(**(said | changes))


async def sent(content: bytes) -> AsyncIterator[bytes]:
    yield content


@dataclass(frozen=True)
class Insured:
    """A patient with a strong sign-in, and what they do with their insurance."""

    database: Database
    settings: Settings
    people: Clinic
    maria: Someone

    async def add(self, by: Someone | None = None, key: UUID | None = None, **changes: Any) -> UUID:
        async with self.database.act_as((by or self.maria).credential, "coverage.change") as tx:
            return await coverages.add_coverage(tx, typed(**changes), key or uuid4())

    async def change(self, coverage_id: UUID, sequence: int, by: Someone | None = None, **changes: Any) -> None:
        async with self.database.act_as((by or self.maria).credential, "coverage.change") as tx:
            await coverages.change_coverage(tx, coverage_id, sequence, typed(**changes), uuid4())

    async def end(self, coverage_id: UUID, sequence: int, by: Someone | None = None) -> None:
        async with self.database.act_as((by or self.maria).credential, "coverage.change") as tx:
            await coverages.end_coverage(tx, coverage_id, sequence)

    async def send(self, coverage_id: UUID, content: bytes, by: Someone | None = None) -> UUID:
        clean = await cleaned(sent(content), coverages.CARD)
        async with self.database.act_as((by or self.maria).credential, "coverage.change") as tx:
            return await coverages.send_card(tx, self.settings, coverage_id, "front", clean)

    async def listed(self, by: Someone | None = None) -> list[CoverageView]:
        async with self.database.act_as((by or self.maria).credential, "coverage.see") as tx:
            return list(await coverages.my_coverages(tx))

    async def one(self, coverage_id: UUID, by: Someone | None = None) -> CoverageView:
        async with self.database.act_as((by or self.maria).credential, "coverage.see") as tx:
            return (await coverages.coverage(tx, coverage_id))[0]

    async def carer(self, *sections: str) -> Someone:
        """Return somebody who acts for the same chart in these sections only."""
        helper = await self.people.patient("Omar", "Diaz")
        async with self.database.act_as_system("test") as tx:
            await tx.execute(insert(AccessGrant).values(
                id=uuid4(), grantee=helper.person_id, patient_id=self.maria.patient_id, sections=list(sections),
                verbs=["view", "act"], up_to="N", min_assurance=1, basis="caregiver",
            ))  # fmt: skip
        acting = Someone(helper.person_id, self.maria.patient_id, helper.credential, helper.email)
        return await self.people.sign_in_again(acting, assurance=2)


@pytest.fixture
async def insured(database: Database, settings: Settings, clinic: Clinic) -> Insured:
    maria = await clinic.sign_in_again(await clinic.patient(), assurance=2)
    return Insured(database, settings, clinic, maria)
