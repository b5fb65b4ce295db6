"""Read appointments as views."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from portal_app.core import audit, crypto, policy
from portal_app.core.actor import Actor, Role
from portal_app.core.db import Transaction
from portal_app.core.direct import fetch
from portal_app.core.errors import NotFound
from portal_app.features.booking import policies, rules, statements
from portal_app.features.booking.views import AppointmentView, PastVisit

_CLINICAL = frozenset({Role.nurse, Role.clinician})


def shows_reasons(actor: Actor) -> bool:
    """Tell whether the actor may read what a visit is about: the patient's side and clinical staff at their work."""
    return not (actor.is_staff() or actor.is_onlooker()) or bool(actor.roles & _CLINICAL)


def as_view(columns: dict[str, Any]) -> AppointmentView:
    """Return a row of `appointment_seen`, its reason readable, as screens take it."""
    notice_h = columns.pop("notice_h")
    columns["reason"] = columns["reason"] or ""
    return AppointmentView(**columns, cancel_until=rules.cancel_until(columns["starts_at"], notice_h))


async def past_visits(tx: Transaction, patient_id: UUID, span: tuple[datetime, datetime]) -> Sequence[PastVisit]:
    """Return the visits of a chart that took place in a time, the oldest first; none that the actor may not see.

    Part of looking at what stands beside them, which is recorded there.
    """
    policy.require(tx.actor, policies.VIEW.name)
    params = {"patient_id": patient_id, "since": span[0], "until": span[1]}
    return [PastVisit(**row._asdict()) for row in await tx.all(statements.PAST_VISITS, params)]


async def appointment(tx: Transaction, appointment_id: UUID, *, is_repeated: bool = False) -> AppointmentView:
    """Return one appointment, for the front desk without its reason; that somebody else looked at it is recorded.

    `is_repeated` says that an open page keeps itself up to date, or that what else is recorded tells it as well.

    Raises:
        NotFound: if the actor has no such appointment, whoever else may.
    """
    policy.require(tx.actor, policies.VIEW.name)
    rows = await fetch(tx, statements.ONE_APPOINTMENT, {"id": appointment_id}, dict_row)
    if not rows:
        raise NotFound
    (row,) = rows
    if not is_repeated:
        await audit.record_view(
            tx, "booking.view", patient_id=row["patient_id"], entity="Appointment", entity_id=appointment_id
        )
    sealed = row["reason"] if shows_reasons(tx.actor) else None
    return as_view(row | {"reason": sealed and crypto.decrypt(sealed)})
