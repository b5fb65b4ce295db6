"""Taking in a file of readings: first what would be kept, then keeping it; the same file twice adds nothing."""

import json
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4, uuid5

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.features.vitals import course, entering, judging, keeping, looking, policies, rules, service, statements
from portal_app.features.vitals.file_moments import both_days
from portal_app.features.vitals.listed import Listed, ListTooLong, NotAList, decoded, read_list
from portal_app.features.vitals.ranges import rules_for
from portal_app.features.vitals.rules import Meaning
from portal_app.features.vitals.views import Chart, NewReading, ReadingView

__all__ = ["FRESH", "ListTooLong", "NotAList", "Preview", "Row", "decoded", "import_list", "preview"]
FRESH: Final = timedelta(hours=24)
"""What is older than this in a file alerts nobody at once: it is said, once, among what can wait."""
_DANGEROUS: Final = ("urgent", "critical")
_SYMPTOM: Final = Meaning("symptom", "emergency", "critical")

Standing = Literal["new", "there", "unusual", "fault"]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: the reading it is, and how it stands; `reasons` are codes."""

    line: int
    standing: Standing
    reading: NewReading | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a file, in its order.

    `asks` is a day of it that may be two, as it is written, with the day first and with the month first.
    """

    rows: tuple[Row, ...]
    asks: tuple[str, date, date] | None = None

    def count(self, standing: Standing) -> int:
        """Return how many lines stand so."""
        return sum(one.standing == standing for one in self.rows)


async def preview(tx: Transaction, content: str, order: str = "") -> Preview:
    """Say what would be kept of a file; nothing is.

    `order` is whether the day or the month comes first ("dmy", "mdy") where the file does not show it. Raises
    NotAList, ListTooLong, NotFound.
    """
    policy.require(tx.actor, policies.LOG.name)
    chart = await service.chart_of(tx)
    listed = read_list(content, chart.patient_id, chart.zone, order)
    found = await tx.all(statements.KEPT, {"patient_id": chart.patient_id})
    there = _There(found)
    rows: list[Row] = []
    last: dict[str, rules.Measured] = {}
    entered = deque(
        rules.Measured(one.measure, one.unit, one.value, one.pair, one.taken_at) for one in found if one.stands
    )
    now = clock.now()
    for one in sorted(listed, key=lambda one: (_moment(one, now), one.line)):
        while entered and entered[0].taken_at <= _moment(one, now):
            was = entered.popleft()
            last[was.measure] = was
        row = _judge(one, chart, now, last.get(one.reading.measure) if one.reading else None)
        if row.reading is not None and row.standing != "fault":
            new = row.reading
            if there.has(new):
                row = Row(row.line, "there", new)
            there.add(new, _at(new))
            last[new.measure] = _measured(new)
        rows.append(row)
    asked = next((both for one in listed if one.day and (both := both_days(one.day))), None)
    return Preview(tuple(sorted(rows, key=lambda row: row.line)), asked)


class _There:
    """What is there already. The same numbers of one minute are one reading where one of both says no seconds."""

    def __init__(self, found: Sequence[Any]) -> None:
        self._keys: set[UUID] = set()
        self._moments: dict[tuple[object, ...], list[datetime]] = defaultdict(list)
        for one in found:
            self.add(one, one.taken_at)

    def add(self, one: Any, at: datetime) -> None:
        self._keys.add(one.request_key)
        self._moments[_what(one, at)].append(at)

    def has(self, new: NewReading) -> bool:
        at = _at(new)
        others = self._moments.get(_what(new, at), ())
        return new.request_key in self._keys or any(one == at or not (one.second and at.second) for one in others)


def _what(one: Any, at: datetime) -> tuple[object, ...]:
    return one.measure, one.unit, one.value, one.pair, at.astimezone(UTC).replace(second=0, microsecond=0)


async def import_list(tx: Transaction, content: str, *, is_confirmed: bool, order: str = "") -> int:
    """Keep the readings of a file that are not there yet; those with unusual numbers only if they are said to be right.

    Returns how many were kept. What is dangerous and of the last day alerts, in one alert for each measure; what is
    older and was dangerous is told once, as something that can wait. What they make of this week of a plan is told as
    after a reading that was entered.
    """
    seen = await preview(tx, content, order)
    wanted = ("new", "unusual") if is_confirmed else ("new",)
    chart = await service.chart_of(tx)
    rows = [one.reading for one in seen.rows if one.standing in wanted and one.reading is not None]
    kept = await _keep(tx, rows, chart, is_confirmed=is_confirmed)
    await audit.record(tx, "vitals.import", patient_id=chart.patient_id, entity="Observation", entity_id=None)
    return kept


def _judge(one: Listed, chart: Chart, now: datetime, last: rules.Measured | None) -> Row:
    if one.reading is None:
        return Row(one.line, "fault", reasons=(one.fault,))
    try:
        new = entering.checked(one.reading, now, chart)
    except InputRefused:
        return Row(one.line, "fault", one.reading, ("time",))
    doubts = entering.doubts(new, last)
    return Row(one.line, "unusual" if doubts else "new", new, doubts if one.is_timed else (*doubts, "untimed"))


async def _keep(tx: Transaction, rows: Sequence[NewReading], chart: Chart, *, is_confirmed: bool) -> int:
    by_measure: dict[str, list[NewReading]] = defaultdict(list)
    for new in rows:
        by_measure[new.measure].append(new)
    made = []
    for measure, found in by_measure.items():
        beside = [_measured(new) for new in rows if new.measure == judging.related(measure)]
        judged = await _judged(tx, measure, sorted(found, key=_at), chart, beside)
        was = await _lately(tx, measure, chart)
        added = await _add(tx, judged, chart, is_confirmed=is_confirmed)
        made.append((measure, judged, was, added))
    # Told at the end and in one order, as after a single reading: whoever logs one meanwhile waits for little.
    for measure, judged, was, _ in sorted(made, key=lambda one: one[0]):
        await _alert(tx, judged, chart)
        await _tell_later(tx, measure, chart, was)
    for measure, judged, _, added in made:
        if added:
            await course.follow_many(tx, measure, _at(judged[-1][0]))
    return sum(added for *_, added in made)


async def _judged(
    tx: Transaction, measure: str, found: Sequence[NewReading], chart: Chart, beside: Sequence[rules.Measured]
) -> list[tuple[NewReading, Meaning]]:
    """Say what each means, the oldest first; `beside` are those of the file that tell something of this measure."""
    known = await rules_for(tx, measure, chart)
    there = await looking.since(tx, chart.patient_id, measure, _at(found[0]) - keeping.LOOKED_BACK)
    if other := judging.related(measure):
        known += await rules_for(tx, judging.PULSE, chart) if measure != judging.PULSE else []
        there += await looking.since(tx, chart.patient_id, other, _at(found[0]) - rules.AGAIN_WITHIN)
    known_before = [(one.measured, one.severity) for one in there] + [(one, "") for one in beside]
    entered = deque(sorted(known_before, key=lambda one: one[0].taken_at))
    earlier: list[tuple[rules.Measured, str]] = []
    judged = []
    for new in found:
        at = _at(new)
        while entered and entered[0][0].taken_at <= at:
            earlier.insert(0, entered.popleft())
        while earlier and earlier[-1][0].taken_at < at - keeping.LOOKED_BACK:
            earlier.pop()
        whose = chart.whose(at)
        meaning = judging.meaning(known, whose, _measured(new), earlier) if not new.has_symptom else _SYMPTOM
        earlier.insert(0, (_measured(new), meaning.severity))
        judged.append((new, meaning))
    return judged


async def _add(
    tx: Transaction, judged: Sequence[tuple[NewReading, Meaning]], chart: Chart, *, is_confirmed: bool
) -> int:
    rows = [
        {
            "id": str(uuid4()), "measure": new.measure, "unit": new.unit, "value": str(new.value),
            "pair": _number(new.pair), "pulse": _number(new.pulse), "context": new.context, "arm": new.arm,
            "posture": new.posture, "has_symptom": new.has_symptom, "zone": new.zone,
            "note": crypto.encrypt(new.note) if new.note else None, "taken_at": _at(new).isoformat(),
            "request_key": str(new.request_key), "finding": meaning.finding, "protocol": meaning.protocol,
            "is_again": meaning.is_again, "severity": meaning.severity, "rule_id": meaning.rule_id,
            "rule_version": meaning.rule_version, "range_id": _number(meaning.range_id),
        }
        for new, meaning in judged
    ]  # fmt: skip
    params = {
        "rows": json.dumps(rows), "patient_id": chart.patient_id, "zone": chart.zone, "now": clock.now(),
        "person_id": tx.actor.person_id, "is_confirmed": is_confirmed,
    }  # fmt: skip
    return await tx.execute(statements.ADD_MANY, params)


async def _alert(tx: Transaction, judged: Sequence[tuple[NewReading, Meaning]], chart: Chart) -> None:
    since = clock.now() - FRESH
    fresh = [one for one in judged if one[1].severity and _at(one[0]) >= since]
    old = [one for one in judged if one[1].severity in _DANGEROUS and _at(one[0]) < since]
    # One alert takes them all in and stands while one of them does; the worst comes last, because the last is shown.
    fresh.sort(key=lambda one: (rules.RANKS.index(one[1].severity), _at(one[0])))
    is_known = any(meaning.severity in _DANGEROUS for _, meaning in fresh)
    for new, meaning in [*([] if is_known else old[-1:]), *fresh]:
        row: Any = await tx.first(statements.BY_KEY, {"key": new.request_key, "patient_id": chart.patient_id})
        if row is not None:
            view = ReadingView.of(row)._replace(severity=meaning.severity if _at(new) >= since else "routine")
            await keeping.tell(tx, view, is_reviewed=meaning.is_reviewed)


async def _lately(tx: Transaction, measure: str, chart: Chart) -> list[ReadingView]:
    return await looking.since(tx, chart.patient_id, measure, clock.now() - FRESH - keeping.LOOKED_BACK)


async def _tell_later(tx: Transaction, measure: str, chart: Chart, was: Sequence[ReadingView]) -> None:
    """Tell what a file makes of readings of the last day that were there before, and were taken after it."""
    later = [one for one in was if one.taken_at >= clock.now() - FRESH]
    now = await _lately(tx, measure, chart) if later else was
    worst = keeping.worst_of_later(await rules_for(tx, measure, chart), chart, later, was, now) if later else None
    if worst is not None:
        view, meaning = worst
        await keeping.tell(
            tx, view, is_reviewed=meaning.is_reviewed, source=uuid5(view.id, f"{meaning.severity} {len(now)}")
        )


def _moment(one: Listed, now: datetime) -> datetime:
    return one.reading.taken_at or now if one.reading else now


def _at(new: NewReading) -> datetime:
    return new.taken_at or clock.now()


def _measured(new: NewReading) -> rules.Measured:
    return rules.Measured(new.measure, new.unit, new.value, new.pair, _at(new), new.pulse)


def _number(value: object) -> str | None:
    return None if value is None else str(value)
