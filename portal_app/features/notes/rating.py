"""One question after a visit: how it was. Once, changeable for a day; managers see sums."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.notes import policies
from portal_app.features.notes.views import RatingRow

STARS: Final = (5, 4, 3, 2, 1)
OVER: Final = timedelta(days=366)
SMALL: Final = 5
"""Fewer people than this are not shown by themselves."""
_RATED: Final = """
select e.patient_id, r.stars, (r.stars is null or r.rated_at > now() - interval '1 day')
    and public.may('act', 'visits', e.patient_id, e.confidentiality) as is_open
from encounter e left join visit_rating r on r.appointment_id = e.appointment_id
where e.appointment_id = :id and e.patient_id = :patient_id
"""
_RATE: Final = """
insert into visit_rating (appointment_id, patient_id, confidentiality, stars, rated_by, rated_at, changed_at)
select e.appointment_id, e.patient_id, e.confidentiality, :stars, :person_id, now(), now()
from encounter e where e.appointment_id = :id and e.patient_id = :patient_id
on conflict do nothing
"""
_CHANGE: Final = "update visit_rating set stars = :stars, changed_at = now() where appointment_id = :id"


async def my_rating(tx: Transaction, appointment_id: UUID) -> tuple[int, bool]:
    """Return what the actor said of a visit (0: nothing yet), and whether they may still say it, or otherwise.

    Raises:
        NotFound: if the actor has no such visit, or it is not signed.
    """
    policy.require(tx.actor, policies.SEE_ENDED.name)
    row: Any = await tx.first(_RATED, {"id": appointment_id, "patient_id": tx.actor.patient_id})
    if row is None:
        raise NotFound
    return row.stars or 0, bool(row.is_open)


async def rate_visit(tx: Transaction, appointment_id: UUID, stars: int) -> None:
    """Say how a visit was, one to five, or within a day say it otherwise.

    Raises:
        NotFound: if the actor has no such visit.
        InputRefused: if it is no such number, or the day is over.
    """
    policy.require(tx.actor, policies.RATE.name)
    if stars not in STARS:
        raise InputRefused("stars", N_("Choose one of the five answers."))
    said, is_open = await my_rating(tx, appointment_id)
    params = {"id": appointment_id, "patient_id": tx.actor.patient_id, "stars": stars,
              "person_id": tx.actor.person_id}  # fmt: skip
    if not is_open or not await tx.execute(_CHANGE if said else _RATE, params):
        raise InputRefused("stars", N_("Your answer from then counts. It cannot be changed any more."))
    await audit.record(tx, "notes.rate", patient_id=tx.actor.patient_id, entity="Appointment", entity_id=appointment_id)


async def rating_report(tx: Transaction) -> Sequence[RatingRow]:
    """Return what patients said of visits, by month that is over, clinician and modality; no patient is named.

    What fewer than five people said stands together in one row of its month, or not at all. There are no sums beside
    it, and nothing of the month that goes on, from which one person's answer could be worked out.
    """
    policy.require(tx.actor, policies.SEE_RATINGS.name)
    rows = await tx.all("select * from visit_rating_report(:since, :few)", {"since": clock.now() - OVER, "few": SMALL})
    await audit.record(tx, "notes.see_ratings", patient_id=None, entity="MeasureReport", entity_id=None)
    return [RatingRow(**row._asdict()) for row in rows]
