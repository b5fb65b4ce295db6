"""How a visit was held, as far as the portal knows it when it ends."""

from datetime import datetime

from portal_app.core.db import Transaction
from portal_app.features.notes import rules
from portal_app.features.notes.views import Facts, VisitAtWork


async def facts_of(tx: Transaction, visit: VisitAtWork, tapped: datetime | None) -> Facts:
    """Return how a visit was held; `tapped` is when its end was said. A video visit's place "" is still to be asked."""
    del tx
    ended_at = rules.ended_at(visit.starts_at, visit.ends_at, tapped)
    people = ((f"{visit.given_name} {visit.family_name}", "patient"), (visit.practitioner_name, "clinician"))
    place = "clinic" if visit.modality == "in_person" else ""
    return Facts(visit.modality, place, visit.starts_at, ended_at, people)
