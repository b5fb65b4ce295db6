"""In which states each clinician may treat by video: kept by the manager, with first and last day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.practice import service as practice
from portal_app.features.visits import policies
from portal_app.features.visits.regions import regions_of
from portal_app.features.visits.rules import Licence
from portal_app.features.visits.views import LicenceView

_ALL: Final = """
select k.id, k.practitioner_id, trim(p.title || ' ' || p.name) as practitioner_name, k.region, k.valid_from,
  k.valid_until, coalesce(w.display_name, '') as set_by, k.set_at
from practitioner_licence k join practitioner p on p.id = k.practitioner_id left join person w on w.id = k.set_by
where p.is_active order by p.name, p.id, k.region
"""
_KNOWN: Final = "select k.practitioner_id, k.region, k.valid_from, k.valid_until from practitioner_licence k"
_SET: Final = """
insert into practitioner_licence (id, practitioner_id, region, valid_from, valid_until, set_by, set_at)
select :id, p.id, :region, :valid_from, :valid_until, actor_person(), :now from practitioner p
where p.id = :practitioner_id and p.is_active
on conflict (practitioner_id, region) do update set valid_from = excluded.valid_from,
  valid_until = excluded.valid_until, set_by = excluded.set_by, set_at = excluded.set_at
"""
_DAY: Final = "select practice_day(:now)"
_WRONG_DAYS: Final = N_("The last day cannot be before the first.")


@dataclass(frozen=True, slots=True)
class LicenceForm:
    """A state in which somebody is licensed, with its first and last day, each included; None: without."""

    practitioner_id: UUID
    region: str
    valid_from: date | None = None
    valid_until: date | None = None


async def licences(tx: Transaction) -> Sequence[LicenceView]:
    """Return every licence that is written down, by clinician and state, those that have run out too."""
    policy.require(tx.actor, policies.SET_UP.name)
    today = await tx.scalar(_DAY, {"now": clock.now()})
    return [LicenceView(**row._asdict(), standing=_standing(row, today)) for row in await tx.all(_ALL)]


async def set_licence(tx: Transaction, form: LicenceForm) -> None:
    """Write down that somebody is licensed in a state, or change its days.

    Raises:
        InputRefused: if there is no such state, or its last day is before its first.
        NotFound: if there is no such clinician.
    """
    policy.require(tx.actor, policies.SET_UP.name)
    if form.region not in regions_of(await practice.country(tx)):
        raise InputRefused("region", N_("Choose a state."))
    if form.valid_from and form.valid_until and form.valid_until < form.valid_from:
        raise InputRefused("until", _WRONG_DAYS)
    days = {"valid_from": form.valid_from, "valid_until": form.valid_until}
    params = {"id": uuid4(), "practitioner_id": form.practitioner_id, "region": form.region, "now": clock.now()}
    if not await tx.execute(_SET, params | days):
        raise NotFound
    detail = {name: day.isoformat() for name, day in days.items() if day}
    await _record(tx, "visits.set_licence", form.practitioner_id, region=form.region, **detail)


async def drop_licence(tx: Transaction, licence_id: UUID) -> None:
    """Take out a licence that was written down by mistake; one that is gone is as wished.

    What has ended keeps its last day instead, so that a visit there goes on being warned of.
    """
    policy.require(tx.actor, policies.SET_UP.name)
    row: Any = await tx.first(
        "delete from practitioner_licence where id = :id returning practitioner_id, region", {"id": licence_id}
    )
    if row is not None:
        await _record(tx, "visits.drop_licence", row.practitioner_id, region=row.region)


async def licensed_in(tx: Transaction) -> dict[UUID, list[Licence]]:
    """Return what is written down for each clinician who has a licence at all, for whoever hosts a visit today."""
    today = await tx.scalar(_DAY, {"now": clock.now()})
    found: dict[UUID, list[Licence]] = {}
    for row in await tx.all(_KNOWN):
        found.setdefault(row.practitioner_id, []).append(Licence(row.region, is_valid=_standing(row, today) == "now"))
    return found


def _standing(row: Any, today: date) -> str:
    if row.valid_until is not None and row.valid_until < today:
        return "past"
    return "to come" if row.valid_from is not None and row.valid_from > today else "now"


async def _record(tx: Transaction, action: str, practitioner_id: UUID, **detail: str) -> None:
    await audit.record(tx, action, patient_id=None, entity="Practitioner", entity_id=practitioner_id, detail=detail)
