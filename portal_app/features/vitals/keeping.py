"""Keep a reading once, judged by the rules of that moment, and alert about it in the same transaction; take it back."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4, uuid5

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.service import NewAlert
from portal_app.features.vitals import course, entering, judging, looking, policies, rules, statements
from portal_app.features.vitals.errors import ReadingCounted, ReadingDoubted, ReadingMovedOn, TooManyReadings
from portal_app.features.vitals.looking import Before
from portal_app.features.vitals.measures import MEASURES, PER_MINUTE
from portal_app.features.vitals.ranges import rules_for
from portal_app.features.vitals.rules import Meaning, Rule
from portal_app.features.vitals.views import Chart, NewReading, ReadingView

HOURLY_MOST: Final = 30
"""So many readings of one measure are kept in an hour; a broken device sends more, which are counted."""
TAKEN_BACK: Final = "taken_back"
"""How an alert ends whose readings were all taken back."""
LOOKED_BACK: Final = timedelta(days=8)
LATELY: Final = timedelta(hours=1)
LATER_MOST: Final = 50
"""So many later readings are judged again at most for one that comes late, or for a file."""


def problem_of(measure: str) -> str:
    """Return under which problem the care team is alerted about a measure."""
    return f"vitals.{measure}"


def told_under(view: ReadingView) -> str:
    """Return under which problem a reading is told: that of the number which decided."""
    return problem_of(judging.PULSE if view.finding.startswith(judging.OF_PULSE) else view.measure)


async def log_reading(tx: Transaction, new: NewReading) -> ReadingView:
    """Keep a reading, say what it means, and alert the care team if it is dangerous; a second tap changes nothing.

    Raises:
        InputRefused: if it cannot have been taken then.
        ReadingDoubted: if numbers are unusual and nobody has said that they are right; nothing is kept.
        ReadingCounted: if it is one of more than anybody takes in an hour: it is counted if the transaction goes on.
            What is dangerous is kept and told all the same.
        TooManyReadings: if more came in an hour than are kept, though taken apart: this one may come later.
        ReadingMovedOn: if the one that it corrects was corrected or taken back in the meantime.
        NotFound: if the key has made a reading of another chart, or the one that it corrects is of another.
    """
    policy.require(tx.actor, policies.LOG.name)
    known, kept = await looking.before(tx, new.measure, new.request_key, clock.now() - LATELY)
    if kept is None and new.instead is not None:
        kept = await _hold(tx, new, new.instead)
    if kept is not None:
        return kept
    new = entering.checked(new, clock.now(), known.chart)
    since = (new.taken_at or clock.now()) - LOOKED_BACK
    found = await looking.since(tx, known.patient_id, new.measure, since)
    before = [one for one in found if one.id != new.instead]  # a mistake that it corrects was no measurement
    meaning = await _meaning(tx, new, known.chart, before)
    if not new.is_confirmed and (doubts := entering.doubts(new, before[0].measured if before else None)):
        raise ReadingDoubted(doubts, meaning.severity)
    if not meaning.severity and new.instead is None:  # one that is put right makes them no more
        await _limit(tx, new, known, before)
    view = await _add(tx, new, meaning, known)
    if view is None:  # the same key came twice at once: the other one's stands
        return await _of_key(tx, new.request_key)
    if meaning.severity:
        await _alert(tx, view, known.confidentiality, is_reviewed=meaning.is_reviewed)
    if new.instead is not None:  # what is alerted now joins its alert, whose clock goes on
        await take_back(tx, new.instead)
    await _tell_later(tx, view, known, found, new.instead)
    await course.follow(tx, view, known)
    await audit.record(tx, "vitals.log", patient_id=tx.actor.patient_id, entity="Observation", entity_id=view.id)
    return view


async def _hold(tx: Transaction, new: NewReading, instead: UUID) -> ReadingView | None:
    """Hold the reading that is to be corrected until this is done; return what the same tap has made of it already."""
    of = {"patient_id": tx.actor.patient_id}
    if await tx.scalar(statements.HOLD, {**of, "id": instead, "measure": new.measure}):
        return None
    row = await tx.first(statements.BY_KEY, {**of, "key": new.request_key})
    if row is None and await tx.first(statements.ONE, {**of, "id": instead}) is None:
        raise NotFound
    if row is None:
        raise ReadingMovedOn
    return ReadingView.of(row)


async def _limit(tx: Transaction, new: NewReading, known: Before, before: Sequence[ReadingView]) -> None:
    """Turn away what is beyond the limit: counted where it was taken with so many others, and for later where not."""
    if known.is_counted:
        raise ReadingCounted
    if known.lately < HOURLY_MOST:
        return
    at = new.taken_at or clock.now()
    if sum(abs(one.taken_at - at) < LATELY for one in before) < HOURLY_MOST:
        raise TooManyReadings
    values = {
        "patient_id": tx.actor.patient_id, "confidentiality": known.confidentiality, "measure": new.measure,
        "unit": new.unit, "value": new.value, "pair": new.pair, "taken_at": at, "request_key": new.request_key,
    }  # fmt: skip
    if await looking.count(tx, values):
        await audit.record(tx, "vitals.count", patient_id=known.patient_id, entity="Observation", entity_id=None)
    raise ReadingCounted


async def tell(tx: Transaction, view: ReadingView, *, is_reviewed: bool, source: UUID | None = None) -> None:
    """Alert the care team about a reading that is kept, with the severity it has in the view.

    `source` is what the alert comes from, where it is not the reading itself.
    """
    confidentiality = (await looking.chart_row(tx)).confidentiality
    await _alert(tx, view, confidentiality, is_reviewed=is_reviewed, source=source)


async def take_back(tx: Transaction, reading_id: UUID) -> bool:
    """Take a reading back that was a mistake: it is in the history and counts for nothing. Twice changes nothing.

    The care team is told where it was alerted. Tell whether it was taken back now.
    """
    policy.require(tx.actor, policies.LOG.name)
    if await tx.first(statements.TAKE_BACK, {"patient_id": tx.actor.patient_id, "id": reading_id}) is None:
        return False
    await audit.record(
        tx, "vitals.take_back", patient_id=tx.actor.patient_id, entity="Observation", entity_id=reading_id
    )
    await alerts.withdraw(tx, reading_id, TAKEN_BACK)
    return True


async def _meaning(tx: Transaction, new: NewReading, chart: Chart, before: Sequence[ReadingView]) -> Meaning:
    if new.has_symptom:
        return Meaning("symptom", "emergency", "critical")
    taken_at = new.taken_at or clock.now()
    known = await rules_for(tx, new.measure, chart)
    earlier = list(before)
    if new.pulse is not None:
        known += await rules_for(tx, judging.PULSE, chart)
    if new.pulse is not None or new.measure == judging.PULSE:
        other = judging.related(new.measure)
        earlier += await looking.since(tx, chart.patient_id, other, taken_at - rules.AGAIN_WITHIN)
    whose = chart.whose(taken_at)
    measured = rules.Measured(new.measure, new.unit, new.value, new.pair, taken_at, new.pulse)
    return judging.meaning(known, whose, measured, [(one.measured, one.severity) for one in earlier])


async def _tell_later(
    tx: Transaction, view: ReadingView, known: Before, was: Sequence[ReadingView], instead: UUID | None
) -> None:
    """Tell what a reading that comes late makes of those after it; `instead` is the one that it corrects."""
    later = [one for one in was if view.taken_at < one.taken_at <= view.taken_at + LOOKED_BACK and one.id != instead]
    if not later:
        return
    now = [view, *(one for one in was if one.id != instead)]
    worst = worst_of_later(await rules_for(tx, view.measure, known.chart), known.chart, later, was, now)
    if worst is not None:
        # Not this reading itself: were it taken back, another one may still make the later one what it is.
        source = uuid5(view.id, str(worst[0].id))
        await _alert(tx, worst[0], known.confidentiality, is_reviewed=worst[1].is_reviewed, source=source)


class _Line:
    """Readings of a measure in the order of time."""

    def __init__(self, some: Sequence[ReadingView]) -> None:
        """Make of each what rules reckon with, once."""
        self._some = [(one.id, one.measured, one.severity) for one in sorted(some, key=lambda one: one.taken_at)]
        self._times = [measured.taken_at for _, measured, _ in self._some]

    def before(self, one: ReadingView, reach: timedelta) -> list[tuple[rules.Measured, str]]:
        """Return what came so shortly before a reading, the newest first."""
        first, end = bisect_left(self._times, one.taken_at - reach), bisect_right(self._times, one.taken_at)
        return [(measured, severity) for key, measured, severity in self._some[first:end][::-1] if key != one.id]


def worst_of_later(
    known: Sequence[Rule], chart: Chart, later: Sequence[ReadingView], was: Sequence[ReadingView],
    now: Sequence[ReadingView],
) -> tuple[ReadingView, Meaning] | None:  # fmt: skip
    """Return which of the later readings what came before them makes worst, where it makes any more urgent.

    They stay in the chart as they were judged when they were entered; the one returned is as it is judged now. Its
    pulse was judged when it was entered.

    Args:
        later: the newest first; of very many the newest are looked at.
        was: the readings of the measure as they were, and `now` as they are.
    """
    reach = max([rules.AGAIN_WITHIN, *(timedelta(days=one.days) + rules.LATER for one in known if one.part == "gain")])
    lines, worst = (_Line(was), _Line(now)), None
    for one in later[:LATER_MOST]:
        measured, whose = replace(one.measured, pulse=None), chart.whose(one.taken_at)
        before, after = (judging.meaning(known, whose, measured, line.before(one, reach)) for line in lines)
        is_more = rules.worse(before, after) and rules.RANKS.index(after.severity) > rules.RANKS.index(one.severity)
        if is_more and (worst is None or rules.worse(worst[1], after)):
            told = one._replace(finding=after.finding, severity=after.severity, is_again=after.is_again)
            worst = told, after
    return worst


async def _of_key(tx: Transaction, key: UUID) -> ReadingView:
    row = await tx.first(statements.BY_KEY, {"patient_id": tx.actor.patient_id, "key": key})
    if row is None:
        raise NotFound
    return ReadingView.of(row)


async def _add(tx: Transaction, new: NewReading, meaning: Meaning, known: Before) -> ReadingView | None:
    values = {
        "id": uuid4(), "patient_id": tx.actor.patient_id, "confidentiality": known.confidentiality,
        "measure": new.measure, "unit": new.unit, "value": new.value, "pair": new.pair, "pulse": new.pulse,
        "context": new.context, "arm": new.arm, "posture": new.posture, "has_symptom": new.has_symptom,
        "note": crypto.encrypt(new.note) if new.note else None, "taken_at": new.taken_at,
        "zone": new.zone or known.zone, "person_id": tx.actor.person_id, "now": clock.now(),
        "request_key": new.request_key,
        "is_confirmed": new.is_confirmed, "finding": meaning.finding, "protocol": meaning.protocol,
        "is_again": meaning.is_again, "severity": meaning.severity, "rule_id": meaning.rule_id,
        "rule_version": meaning.rule_version, "range_id": meaning.range_id,
        "instead": new.instead,
    }  # fmt: skip
    return await looking.add(tx, values)


async def _alert(
    tx: Transaction, view: ReadingView, confidentiality: str, *, is_reviewed: bool, source: UUID | None = None
) -> None:
    facts = {
        **_numbers(view),
        "again": "yes" if view.is_again else "",
        "unreviewed": "" if is_reviewed else "yes",
    }
    assert tx.actor.patient_id  # noqa: S101 - whoever may log acts for a chart
    await alerts.raise_alert(
        tx,
        NewAlert(
            tx.actor.patient_id, "vitals", told_under(view), course.severity_of(view.severity),
            source or view.id,
            confidentiality, facts,
        ),
    )  # fmt: skip


def _numbers(view: ReadingView) -> dict[str, str]:
    """Return the number that decided and what it means, and beside it the other one that was typed with it."""
    value = f"{view.value}/{view.pair}" if view.pair is not None else f"{view.value}"
    unit = MEASURES[view.measure].unit(view.unit).shown
    if view.finding.startswith(judging.OF_PULSE):
        finding = view.finding.removeprefix(judging.OF_PULSE)
        return {"value": f"{view.pulse}", "unit": PER_MINUTE.shown, "finding": finding, "pressure": f"{value} {unit}"}
    pulse = {"pulse": f"{view.pulse}"} if view.pulse is not None else {}
    return {"value": value, "unit": unit, "finding": view.finding, **pulse}
