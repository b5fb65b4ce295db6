"""What a number means, reviewed and changed by clinicians: each version is a row of its own, and the old one stays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.vitals import policies
from portal_app.features.vitals.errors import RuleMovedOn
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.typed import typed_number
from portal_app.features.vitals.watching import watched_chart

SEVERITIES: Final = ("", "routine", "urgent", "critical")
PROTOCOL_CODES: Final = ("", "rest_repeat", "reseat", "treat_first", "ketones", "emergency")
"""What somebody is told to do; the words are the page's."""
OWN_SEVERITIES: Final = ("", "routine", "urgent")
REASON_MOST: Final = 300
_MOST: Final = Decimal(100_000)
_ALL: Final = """
select v.id, v.measure, v.unit, v.part, v.above, v.at_least, v.below, v.at_most, v.finding, v.severity,
  v.severity_again, v.condition, v.age_from, v.age_until, v.source, v.version, v.reason,
  v.reviewed_at is not null as is_reviewed, coalesce(r.name, '') as reviewed_by_name, v.protocol, v.days
from vital_rule v left join rule_reviewers() r on r.rule_id = v.id where v.retired_at is null
order by v.measure, v.condition, v.age_from, v.unit, v.part, v.id
"""
_REVIEW: Final = """
update vital_rule set reviewed_by = :person_id, reviewed_by_name = :name, reviewed_at = :now
where id = :id and retired_at is null and reviewed_at is null
"""
_RETIRE: Final = "update vital_rule set retired_at = :now where id = :id and retired_at is null"
_NEXT: Final = """
insert into vital_rule (measure, unit, part, above, at_least, below, at_most, days, finding, protocol, severity,
  severity_again, condition, age_from, age_until, source, version, reviewed_by, reviewed_by_name, reviewed_at, replaces,
  reason)
select measure, unit, part, case when above is not null then cast(:value as numeric) end,
  case when at_least is not null then cast(:value as numeric) end,
  case when below is not null then cast(:value as numeric) end,
  case when at_most is not null then cast(:value as numeric) end, days, finding, :protocol, :severity, :again,
  condition, age_from, age_until, source, version + 1, :person_id, :name, :now, id, :reason
from vital_rule where id = :id
returning id
"""
_OWN: Final = """
select id, measure, unit, low, high, pair_high, severity, reason, set_by_name, set_at from care_range
where patient_id = :patient_id and ended_at is null order by measure
"""
_END_OWN: Final = """
update care_range set ended_at = :now, ended_by = :person_id
where patient_id = :patient_id and measure = :measure and ended_at is null
"""
_SET_OWN: Final = """
insert into care_range (id, patient_id, confidentiality, measure, unit, low, high, pair_high, severity, reason, set_by,
  set_by_name, set_at, request_key)
values (:id, :patient_id, :confidentiality, :measure, :unit, :low, :high, :pair_high, :severity, :reason, :person_id,
  :name, :now, :key)
on conflict (request_key) do nothing
"""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as clinicians read it; `bound` is the side of `value` on which it holds."""

    id: int
    measure: str
    unit: str
    part: str
    bound: str
    value: Decimal
    finding: str
    severity: str
    severity_again: str
    condition: str
    age_from: int
    age_until: int
    source: str
    version: int
    reason: str
    is_reviewed: bool
    reviewed_by_name: str
    protocol: str
    days: int


@dataclass(frozen=True, slots=True)
class OwnRange:
    """The range of one person."""

    measure: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    pair_high: Decimal | None
    severity: str
    reason: str
    set_by_name: str
    set_at: datetime


async def rules_in_force(tx: Transaction) -> Sequence[RuleRow]:
    """Return every rule that holds now, by measure, condition and age."""
    policy.require(tx.actor, policies.REVIEW.name)
    order = list(MEASURES)
    found = [_rule(row) for row in await tx.all(_ALL)]
    return sorted(found, key=lambda one: order.index(one.measure))


async def approve_rules(tx: Transaction, measure: str, seen: Collection[int]) -> int:
    """Note that the actor has reviewed all rules of a measure for the practice; return how many were not before.

    Args:
        seen: the rules that the actor has read.

    Raises:
        NotFound: for what is no measure.
        RuleMovedOn: if there are others to be reviewed that a colleague has written meanwhile.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    if measure not in MEASURES:
        raise NotFound
    open_ids = [one.id for one in await rules_in_force(tx) if one.measure == measure and not one.is_reviewed]
    if not set(open_ids) <= set(seen):
        raise RuleMovedOn
    now = clock.now()
    for rule_id in open_ids:
        await tx.execute(_REVIEW, {**_reviewer(tx), "id": rule_id, "now": now})
    if open_ids:
        await recorded(tx, measure)
    return len(open_ids)


async def change_rule(tx: Transaction, rule_id: int, said: dict[str, str]) -> None:
    """Put the next version of a rule in its place; what was judged by the old one keeps what it meant.

    `said` has `value`, `severity`, `again`, `protocol` and `reason` as they were typed; without `protocol` it stays.

    Raises:
        NotFound: if there is no such rule.
        RuleMovedOn: if a colleague has changed it meanwhile.
        InputRefused: at what cannot be read.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    rule = next((one for one in await rules_in_force(tx) if one.id == rule_id), None)
    if rule is None:
        was = await tx.scalar("select count(*) from vital_rule where id = :id", {"id": rule_id})
        raise RuleMovedOn if was else NotFound
    params = {
        "id": rule_id, "value": number_of(rule.measure, said.get("value", ""), "value", rule.unit),
        "severity": _one_of(said.get("severity", ""), SEVERITIES), "again": _one_of(said.get("again", ""), SEVERITIES),
        "protocol": _one_of(said.get("protocol", rule.protocol or "none"), PROTOCOL_CODES, "protocol"),
        "reason": reason_of(said.get("reason", "")), "now": clock.now(), **_reviewer(tx),
    }  # fmt: skip
    if not await tx.execute(_RETIRE, params):  # somebody else was faster by a moment
        raise RuleMovedOn
    await tx.execute(_NEXT, params)
    await recorded(tx, rule.measure)


async def own_ranges(tx: Transaction, patient_id: UUID) -> Sequence[OwnRange]:
    """Return the ranges of one person, in another use case's transaction and under its policy."""
    rows = await tx.all(_OWN, {"patient_id": patient_id})
    return [
        OwnRange(
            row.measure, row.unit, row.low, row.high, row.pair_high, row.severity, crypto.decrypt(row.reason),
            row.set_by_name, row.set_at,
        )
        for row in rows
    ]  # fmt: skip


async def set_own_range(tx: Transaction, patient_id: UUID, key: UUID, said: dict[str, str]) -> None:
    """Give one person a range of their own, with a reason; the one before ends. The same key changes nothing.

    `said` has `measure`, `unit`, `low`, `high`, `pair_high`, `severity` and `reason` as they were typed.

    Raises:
        NotFound: if the chart is not one of the actor's.
        InputRefused: at what cannot be read.
    """
    policy.require(tx.actor, policies.SET_RANGE.name)
    whose = await watched_chart(tx, patient_id)
    measure = said.get("measure", "")
    if measure not in MEASURES:
        raise InputRefused("measure", N_("Choose what to measure."))
    params: dict[str, Any] = {
        "id": uuid4(), "patient_id": patient_id, "confidentiality": whose.confidentiality, "measure": measure,
        "severity": _one_of(said.get("severity", ""), OWN_SEVERITIES), "person_id": tx.actor.person_id,
        "name": tx.actor.display_name, "now": clock.now(), "key": key, **_bounds(measure, said),
        "reason": crypto.encrypt(reason_of(said.get("reason", ""))),
    }  # fmt: skip
    # Two at once wait for each other here, so that the later range replaces the earlier and neither fails,
    # and so that the same key twice is seen.
    await tx.execute("select pg_advisory_xact_lock(hashtext('care_range'), hashtext(:id))", {"id": str(patient_id)})
    if await tx.scalar("select count(*) from care_range where request_key = :key", {"key": key}):
        return
    await tx.execute(_END_OWN, params)
    await tx.execute(_SET_OWN, params)
    await audit.record(
        tx, "vitals.set_range", patient_id=patient_id, entity="ObservationDefinition", entity_id=params["id"]
    )


async def end_own_range(tx: Transaction, patient_id: UUID, measure: str) -> None:
    """End a person's own range: the practice's hold again. Ending none changes nothing. Raises NotFound."""
    policy.require(tx.actor, policies.SET_RANGE.name)
    await watched_chart(tx, patient_id)
    params = {"patient_id": patient_id, "measure": measure, "person_id": tx.actor.person_id, "now": clock.now()}
    if await tx.execute(_END_OWN, params):
        await audit.record(
            tx, "vitals.end_range", patient_id=patient_id, entity="ObservationDefinition", entity_id=None
        )


def _bounds(measure: str, said: dict[str, str]) -> dict[str, object]:
    known = MEASURES[measure]
    unit = said.get("unit", "")
    unit = unit if unit in {one.code for one in known.units} else known.units[0].code
    low, high = (number_of(measure, said.get(name, ""), name, unit, is_needed=False) for name in ("low", "high"))
    pair = number_of(measure, said.get("pair_high", ""), "pair_high", unit, is_needed=False) if known.has_pair else None
    if low is None and high is None and pair is None:
        raise InputRefused("low", N_("Type at least one bound."))
    if low is not None and high is not None and low >= high:
        raise InputRefused("high", N_("The upper bound has to be above the lower one."))
    return {"unit": unit, "low": low, "high": high, "pair_high": pair}


def number_of(measure: str, words: str, field: str, unit: str, *, is_needed: bool = True) -> Decimal | None:
    """Return the number that was typed, None where none has to be. Raises InputRefused, also at another unit's."""
    if not words.strip() and not is_needed:
        return None
    typed = typed_number(words, MEASURES[measure])
    if typed is None or typed.value >= _MOST:
        raise InputRefused(field, N_("Type a number."))
    if typed.unit is not None and typed.unit.code != unit:
        raise InputRefused(field, N_("Type the number in the unit that stands beside it."))
    return typed.value


def reason_of(words: str) -> str:
    """Return the reason that was typed. Raises InputRefused."""
    said = words.strip()
    if not said or len(said) > REASON_MOST:
        raise InputRefused("reason", N_("Say why, in 300 characters or fewer."))
    return said


def _one_of(said: str, known: tuple[str, ...], field: str = "severity") -> str:
    said = {"none": "", "": "?"}.get(said, said)  # nothing is preselected: nothing chosen is no choice
    if said not in known:
        raise InputRefused(field, N_("Choose one from the list."))
    return said


def _reviewer(tx: Transaction) -> dict[str, object]:
    return {"person_id": tx.actor.person_id, "name": tx.actor.display_name}


def _rule(row: Any) -> RuleRow:
    bound = next(one for one in ("above", "at_least", "below", "at_most") if getattr(row, one) is not None)
    return RuleRow(
        row.id, row.measure, row.unit, row.part, bound, getattr(row, bound), row.finding, row.severity,
        row.severity_again, row.condition, row.age_from, row.age_until, row.source, row.version, row.reason,
        row.is_reviewed, row.reviewed_by_name, row.protocol, row.days,
    )  # fmt: skip


async def recorded(tx: Transaction, measure: str) -> None:
    """Record that what the numbers of a measure mean was reviewed or changed."""
    await audit.record(
        tx, "vitals.review", patient_id=None, entity="ObservationDefinition", entity_id=None,
        detail={"measure": measure},
    )  # fmt: skip
