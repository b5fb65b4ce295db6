"""One reading with its history, and what it was typed as, so that it can be put right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.vitals import policies, statements
from portal_app.features.vitals.entering import typed_reading
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.views import NewReading, ReadingView

ENDED_MOST: Final = 100
"""So many of what was deleted or changed are shown, the newest."""
_MOST: Final = 50
"""So many corrections of one reading are looked up."""


@dataclass(frozen=True, slots=True)
class Version:
    """A reading as it was entered, by whom, and since when it counts for nothing, if it does.

    A name is "" for somebody else who acts for the patient, whom the actor does not learn of. `successor` is the
    reading that was put in its place; without one it was taken back.
    """

    reading: ReadingView
    entered_at: datetime
    entered_name: str
    is_mine: bool
    ended_at: datetime | None
    ended_name: str
    is_ended_by_me: bool
    successor: UUID | None


@dataclass(frozen=True, slots=True)
class Story:
    """A reading and what it was before, the newest first; `may_change` is off for whoever only looks."""

    now: Version
    before: Sequence[Version]
    may_change: bool


async def story(tx: Transaction, reading_id: UUID, *, is_repeated: bool = False) -> Story:
    """Return a reading of the chart acted for, with what it was before it was put right. Raises NotFound."""
    policy.require(tx.actor, policies.SEE.name)
    params = {"patient_id": tx.actor.patient_id, "id": reading_id, "most": _MOST}
    rows: Sequence[Any] = await tx.all(statements.CHAIN, params)
    if not rows:
        raise NotFound
    found = await versions(tx, tx.actor.patient_id, [ReadingView.of(row) for row in rows])
    if not is_repeated:
        await audit.record(tx, "vitals.see", patient_id=tx.actor.patient_id, entity="Observation", entity_id=reading_id)
    may_change = policies.LOG.is_allowed(tx.actor) and bool(await tx.scalar(statements.MAY_LOG))
    return Story(found[0], found[1:], may_change)


async def ended_readings(tx: Transaction, measure: str, *, since: datetime) -> Sequence[Version]:
    """Return what was deleted or changed of a measure since a moment, of the chart acted for, the newest first.

    Part of a look at its readings, which is recorded.
    """
    policy.require(tx.actor, policies.SEE.name)
    return await _ended(tx, tx.actor.patient_id, (measure,), since)


async def watched_ended(tx: Transaction, patient_id: UUID, *, since: datetime) -> Sequence[Version]:
    """Return what was deleted or changed of all measures of a patient, for the care team; as `ended_readings`."""
    policy.require(tx.actor, policies.WATCH.name)
    return await _ended(tx, patient_id, tuple(MEASURES), since)


async def _ended(
    tx: Transaction, patient_id: UUID | None, measures: Sequence[str], since: datetime
) -> Sequence[Version]:
    params = {"patient_id": patient_id, "measures": list(measures), "since": since, "most": ENDED_MOST}
    rows: Sequence[Any] = await tx.all(statements.ENDED, params)
    return await versions(tx, patient_id, [ReadingView.of(row) for row in rows])


async def versions(tx: Transaction, patient_id: UUID | None, found: Sequence[ReadingView]) -> list[Version]:
    """Return readings with who entered them, and who took them back, in their order."""
    params = {"patient_id": patient_id, "ids": [one.id for one in found]}
    people = {row.id: row for row in await tx.all(statements.PEOPLE, params)} if found else {}
    return [_version(one, people[one.id]) for one in found if one.id in people]


def _version(one: ReadingView, row: Any) -> Version:
    return Version(
        one, row.entered_at, row.entered_name, row.entered_mine, row.ended_at, row.ended_name or "",
        bool(row.ended_mine), row.successor,
    )  # fmt: skip


def as_typed(one: ReadingView) -> dict[str, str]:
    """Return what would be typed to enter a reading as it is."""
    numbers = {"value": one.value, "pair": one.pair, "pulse": one.pulse}
    return {
        **{name: f"{number:f}" if number is not None else "" for name, number in numbers.items()},
        "unit": one.unit, "context": one.context, "arm": one.arm, "posture": one.posture,
        "symptom": "yes" if one.has_symptom else "", "note": one.note, "at": _local(one),
    }  # fmt: skip


def corrected(said: Mapping[str, str], key: UUID, one: ReadingView) -> NewReading:
    """Return what was typed in place of a reading; its moment stays to the second where it was left alone.

    Raises InputRefused at the field that cannot be read.
    """
    new = typed_reading(MEASURES[one.measure], said, key, one.zone)
    is_same_time = said.get("at", "") in ("", _local(one))
    return replace(new, instead=one.id, zone=one.zone, taken_at=one.taken_at if is_same_time else new.taken_at)


def _local(one: ReadingView) -> str:
    return f"{one.taken_at.astimezone(ZoneInfo(one.zone)):%Y-%m-%dT%H:%M}"
