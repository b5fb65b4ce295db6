"""Let people of the demo do something themselves, with the services that they would use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from portal_app.core.actor import Role
from portal_app.core.db import Transaction

_WHO: Final = """
select p.id, p.display_name, p.locale from access_grant g join person p on p.id = g.grantee
where g.patient_id = :id and g.basis = 'self' limit 1
"""
_SETTINGS: Final = ("person_id", "patient_id", "roles", "grantees", "assurance")
_BE: Final = "select " + ", ".join(f"set_config('portal.{name}', :{name}, true)" for name in _SETTINGS)
_BEFORE: Final = "select " + ", ".join(
    f"coalesce(current_setting('portal.{name}', true), '') as {name}" for name in _SETTINGS
)

_SIGN: Final = "select set_config('portal.person_id', :id, true)"


@asynccontextmanager
async def as_patient(tx: Transaction, patient_id: UUID) -> AsyncIterator[Any]:
    """Act as whoever a chart is about, who has proved more than a code; then as the system again."""
    who, system = await tx.one(_WHO, {"id": patient_id}), tx.actor
    await tx.flush()
    before = await tx.one(_BEFORE)
    patient = {"person_id": str(who.id), "patient_id": str(patient_id), "roles": "{patient}",
               "grantees": f"{{{who.id}}}", "assurance": "2"}  # fmt: skip
    await tx.execute(_BE, patient)
    tx.actor = replace(system, person_id=who.id, patient_id=patient_id, roles=frozenset({Role.patient}),
                       assurance=2, display_name=who.display_name, locale=who.locale)  # fmt: skip
    yield who
    await tx.flush()
    await tx.execute(_BE, before._asdict())
    tx.actor = system


@asynccontextmanager
async def signed_by(tx: Transaction, person_id: UUID) -> AsyncIterator[None]:
    """Write as the system what somebody of the staff is to have written."""
    before = await tx.scalar("select coalesce(current_setting('portal.person_id', true), '')")
    await tx.execute(_SIGN, {"id": str(person_id)})
    yield
    await tx.execute(_SIGN, {"id": before})
