"""How a visit was held, as far as the portal knows it when it ends."""

from datetime import datetime
from typing import Any, Final

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.notes import rules
from portal_app.features.notes.views import Facts, VisitAtWork

# The rows of the call itself, where there was one.
_HELD: Final = """
select v.id, v.modality, v.started_at, v.ended_at from visit v
where v.appointment_id = :id and v.started_at is not null
"""
_PEOPLE: Final = """
select p.name, p.role from visit_participant p
where p.visit_id = :id and (p.admitted_at is not null or p.state = 'in') order by p.admitted_at nulls first, p.id
"""


async def facts_of(tx: Transaction, visit: VisitAtWork, tapped: datetime | None) -> Facts:
    """Return how a visit was held; `tapped` is when its end was said. A video visit's place "" is still to be asked."""
    held: Any = await tx.first(_HELD, {"id": visit.appointment_id})
    if held is not None:
        people = tuple((one.name, one.role) for one in await tx.all(_PEOPLE, {"id": held.id}))
        modality = "audio" if held.modality in ("audio", "phone") else held.modality
        place = "clinic" if modality == "in_person" else ""
        ended_at = held.ended_at or clock.now()
        return Facts(modality, place, held.started_at, max(ended_at, held.started_at), people)
    ended_at = rules.ended_at(visit.starts_at, visit.ends_at, tapped)
    people = ((f"{visit.given_name} {visit.family_name}", "patient"), (visit.practitioner_name, "clinician"))
    place = "clinic" if visit.modality == "in_person" else ""
    return Facts(visit.modality, place, visit.starts_at, ended_at, people)
