"""Check the audit trail against its seals and say what was done to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, text

from portal_app.core.audit_seal import EVENT_COLUMNS, FIRST_MAC, AuditKey, Head, read_entries
from portal_app.core.db import Transaction


class Harm(StrEnum):
    """What can have been done to the trail."""

    changed = "changed"
    removed = "removed"
    inserted = "inserted"
    reordered = "reordered"
    seal_removed = "seal removed"
    seal_forged = "seal forged"
    end_cut = "end cut off"
    other_key = "sealed with another key"
    head_missing = "no note of the last seal"


@dataclass(frozen=True)
class Finding:
    """One harm: in which seal, and to which event where that can be told."""

    harm: Harm
    seal: int
    event_id: int | None = None


@dataclass
class AuditReport:
    """What a check found. `unsealed_since` is the time of the oldest event that no seal covers yet."""

    seals: int = 0
    sealed_events: int = 0
    unsealed_events: int = 0
    unsealed_since: datetime | None = None
    findings: list[Finding] = field(default_factory=list)


_SEALS: Final = text("select * from audit_seal where number > :after and number <= :last order by number limit 100")
_EVENTS: Final = text(f"""
    select {EVENT_COLUMNS} from audit_event
    where cluster = :cluster and tx >= :from_tx and tx < :to_tx order by tx, id
""")  # noqa: S608 — column names from a constant
_TAIL: Final = text("""
    with ends as (select cluster, max(to_tx) as to_tx from audit_seal group by cluster)
    select count(*) as events, min(e.at) as since
    from audit_event e left join ends on ends.cluster = e.cluster
    where e.tx >= coalesce(ends.to_tx, 0)
""")


async def check_trail(tx: Transaction, key: AuditKey, head: Head | None) -> AuditReport:
    """Walk every seal and every event it covers. Read `head` before opening `tx`: seals are made meanwhile."""
    report = AuditReport()
    tail = await tx.one(_TAIL)
    report.unsealed_events, report.unsealed_since = tail.events, tail.since
    walk = _Walk(key, report)
    async for seal in _seals(tx):
        walk.check_place(seal)
        if walk.check_mac(seal):
            bounds = {"cluster": seal.cluster, "from_tx": seal.from_tx, "to_tx": seal.to_tx}
            check_events(seal, await tx.all(_EVENTS, bounds), key, report)
        if head is not None and seal.number == head.number and seal.mac != head.mac:
            report.findings.append(Finding(Harm.seal_forged, seal.number))
    _check_end(walk.number, head, report)
    return report


async def _seals(tx: Transaction) -> AsyncIterator[Row[Any]]:
    last = await tx.scalar("select coalesce(max(number), 0) from audit_seal")
    after = 0
    while batch := await tx.all(_SEALS, {"after": after, "last": last}):
        for seal in batch:
            yield seal
        after = batch[-1].number


class _Walk:
    """Where the chain has been followed to."""

    def __init__(self, key: AuditKey, report: AuditReport) -> None:
        self.key, self.report = key, report
        self.number, self.mac = 0, FIRST_MAC
        self.sealed_to: dict[int, int] = {}

    def check_place(self, seal: Row[Any]) -> None:
        """Notice a seal that is missing before this one, or that this one does not continue."""
        missing = range(self.number + 1, seal.number)
        self.report.findings += [Finding(Harm.seal_removed, number) for number in missing]
        continues = seal.previous_mac == self.mac and seal.from_tx == self.sealed_to.get(seal.cluster, 0)
        if not missing and not continues:
            self.report.findings.append(Finding(Harm.seal_forged, seal.number))
        self.number, self.mac = seal.number, seal.mac
        self.sealed_to[seal.cluster] = seal.to_tx
        self.report.seals += 1

    def check_mac(self, seal: Row[Any]) -> bool:
        """Tell whether the seal's own MAC holds, so that what it says of events can be believed."""
        if seal.key_id != self.key.id:
            self.report.findings.append(Finding(Harm.other_key, seal.number))
            return False
        if seal.mac != self.key.seal_mac(seal):
            self.report.findings.append(Finding(Harm.seal_forged, seal.number))
            return False
        return True


def check_events(seal: Any, rows: "list[Row[Any]] | Any", key: AuditKey, report: AuditReport) -> None:
    """Compare the events found in a seal's stretch with those it was made over."""
    sealed = read_entries(seal.entries)
    found = {row.id: row for row in rows}
    harms = [(Harm.removed, event_id) for event_id in sealed.keys() - found.keys()]
    harms += [(Harm.inserted, event_id) for event_id in found.keys() - sealed.keys()]
    common = [event_id for event_id in found if event_id in sealed]
    harms += [(Harm.changed, event_id) for event_id in common if key.tag(found[event_id]) != sealed[event_id]]
    if common != [event_id for event_id in sealed if event_id in found]:
        harms.append((Harm.reordered, common[0]))
    report.findings += [Finding(harm, seal.number, event_id) for harm, event_id in sorted(harms, key=lambda h: h[1])]
    report.sealed_events += len(sealed)


def _check_end(last_number: int, head: Head | None, report: AuditReport) -> None:
    if head is None:
        if last_number:
            report.findings.append(Finding(Harm.head_missing, last_number))
    elif last_number < head.number:
        report.findings.append(Finding(Harm.end_cut, last_number + 1))
