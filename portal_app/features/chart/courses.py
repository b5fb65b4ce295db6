"""How medicines went: when each was started, changed and stopped, out of the versions of its entry."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.features.chart import policies, statements
from portal_app.features.chart.reading import record
from portal_app.features.chart.views import MedicineStep

_NOON = time(12)


async def medicine_steps(
    tx: Transaction, patient_id: UUID, zone: str, span: tuple[datetime, datetime], *, is_repeated: bool = False
) -> Sequence[MedicineStep]:
    """Return what happened to somebody's medicines in a time, the oldest first; nothing of what the actor may not see.

    For whoever looks at the chart acted for, and for the care team. Recorded as a look at the lists, where there is
    something to be seen and no open page looks again.
    """
    is_own = tx.actor.patient_id == patient_id
    policy.require(tx.actor, (policies.SEE if is_own else policies.READ).name)
    versions = await tx.all(statements.MEDICINE_VERSIONS, {"patient_id": patient_id})
    found = [one for one in steps(versions, zone) if span[0] <= one.at <= span[1]]
    if found and not is_repeated:
        await record(tx, "chart.see" if is_own else "chart.read", patient_id)
    return sorted(found, key=lambda one: one.at)


def steps(versions: Iterable[Any], zone: str) -> Iterator[MedicineStep]:
    """Yield what happened to each medicine, out of all versions of its entry, in their order.

    A version in which neither the medicine nor how it is taken is another changed nothing.
    """
    for entry_id, some in groupby(versions, lambda one: one.entry_id):
        own = list(some)
        first, since = own[0], own[-1].since_on
        if since is None:
            yield _step(entry_id, "listed", first, first.written_at)
        else:
            yield _step(entry_id, "started", first, _begun(since, ZoneInfo(zone)))
        for before, after in pairwise(own):
            if after.status == "stopped" and before.status == "active":
                yield _step(entry_id, "stopped", after, after.written_at)
            elif _taken(before) != _taken(after):
                yield _step(entry_id, "changed", after, after.written_at)


def _begun(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment that stands for a day: its noon, or now while that is still to come today."""
    noon, now = datetime.combine(day, _NOON, zone), clock.now()
    return now if now < noon and now.astimezone(zone).date() == day else noon


def _step(entry_id: UUID, what: Any, version: Any, at: datetime) -> MedicineStep:
    return MedicineStep(entry_id, what, at, *_taken(version))


def _taken(version: Any) -> tuple[str, str]:
    return version.content.get("name", ""), version.content.get("how", "")
