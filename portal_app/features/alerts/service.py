"""Raise alerts, take them, and close them with what came of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.alerts import jobs, policies, rules, statements
from portal_app.features.alerts.errors import AlertGrew, AlertMovedOn
from portal_app.features.alerts.rules import OUTCOMES, OnCall
from portal_app.features.alerts.views import AlertView, Called, NewAlert, PatientAlert, RaisedAlert, Reading, Severity
from portal_app.features.patients import service as patients
from portal_app.features.practice import service as practice
from portal_app.features.schedules import service as schedules

__all__ = [
    "OUTCOMES", "AlertGrew", "AlertMovedOn", "AlertView", "NewAlert", "OnCall", "PatientAlert", "RaisedAlert",
    "Reading", "Severity", "close_alert", "give_back", "list_alerts", "raise_alert", "reading_hours", "standing",
    "take_alert", "waiting_count", "withdraw",
]  # fmt: skip

CLOSED_SHOWN: Final = timedelta(days=7)
"""How long a closed alert stays on the list, and its outcome on the patient's page."""


async def raise_alert(tx: Transaction, wanted: NewAlert) -> RaisedAlert:
    """Have a person of the care team look at something; what is open about the same problem takes it in.

    Part of another use case's transaction and under its policy: the alert stands if and only if what raised it does,
    and so does the clock that escalates it. Only whoever may act in that section of the chart, and jobs.
    """
    now = clock.now()
    params = {
        "id": uuid4(), "patient_id": wanted.patient_id, "section": wanted.section, "problem": wanted.problem,
        "severity": wanted.severity, "confidentiality": wanted.confidentiality, "source_id": wanted.source_id,
        "facts": crypto.encrypt(json.dumps(dict(wanted.facts))) if wanted.facts else None, "now": now,
    }  # fmt: skip
    row: Any = await tx.one(statements.RAISE, params)
    if row.is_new or row.is_worse:
        await jobs.watch(tx, row.alert_id, row.level, row.due_at)
        if rules.is_written(wanted.severity, 0):
            await jobs.tell_later(tx, row.alert_id, row.level)
        await audit.record(tx, "alerts.raise", patient_id=wanted.patient_id, entity="Flag", entity_id=row.alert_id)
    return RaisedAlert(row.alert_id, row.is_new, row.due_at)


async def withdraw(tx: Transaction, source_id: UUID, outcome: str) -> None:
    """Say that what an alert came from was taken back; nothing where no open alert came from it.

    Part of another use case's transaction and under its policy. An alert that nobody has, and of which nothing else
    stands, is closed with the outcome. A critical one, and one that a colleague has, is marked and stays open: a
    person looks before it goes.
    """
    params = {"source_id": source_id, "outcome": outcome, "now": clock.now()}
    found = await tx.first(statements.WITHDRAW, params)
    if found is not None:
        await audit.record(
            tx, "alerts.withdraw", patient_id=found.patient_id, entity="Flag", entity_id=found.alert_id,
        )  # fmt: skip


async def list_alerts(tx: Transaction, *, is_repeated: bool = False) -> Sequence[AlertView]:
    """Return what is open, the worst first, then what was closed in the last week.

    That the names were seen is recorded, unless `is_repeated` says that an open page keeps itself up to date.
    """
    policy.require(tx.actor, policies.VIEW.name)
    rows: Sequence[Any] = await tx.all(statements.LIST, {"since": clock.now() - CLOSED_SHOWN})
    if not is_repeated:
        await audit.record_each(tx, "alerts.view", {row.patient_id for row in rows}, entity="Flag")
    country = await practice.country(tx)
    return [_view(row, country) for row in rows]


async def waiting_count(tx: Transaction) -> int:
    """Return how many alerts nobody has taken; 0 for whoever does not read them."""
    if not policies.VIEW.is_allowed(tx.actor):
        return 0
    return int((await tx.one(statements.WAITING)).open)


async def take_alert(tx: Transaction, alert_id: UUID, owner_id: UUID | None) -> None:
    """Take an alert, or take it over from `owner_id`, whom the page shows as its owner; taking one's own is nothing.

    Raises:
        NotFound: if there is no such alert.
        AlertMovedOn: if it is closed, or somebody else has it by now.
    """
    found = await _locked(tx, alert_id)
    if found.status == "acknowledged" and found.owner_id == tx.actor.person_id:
        return
    has_it = found.owner_id if found.status == "acknowledged" else None
    if found.closed_at is not None or has_it != owner_id:
        raise AlertMovedOn
    params = {"id": alert_id, "now": clock.now(), "person_id": tx.actor.person_id, "name": tx.actor.display_name}
    due_at = await tx.scalar(statements.TAKE, params)
    await _happened(tx, found, "taken", "alerts.take")
    await jobs.watch(tx, alert_id, 0, due_at)


async def give_back(tx: Transaction, alert_id: UUID) -> None:
    """Hand one's own alert back for whoever is free; its clock starts again. Errors as `take_alert`."""
    found = await _locked(tx, alert_id)
    if found.status == "open":
        return
    if found.closed_at is not None or found.owner_id != tx.actor.person_id:
        raise AlertMovedOn
    due_at = await tx.scalar(statements.GIVE_BACK, {"id": alert_id, "now": clock.now()})
    await _happened(tx, found, "given_back", "alerts.give_back")
    await jobs.watch(tx, alert_id, found.level, due_at)


async def close_alert(tx: Transaction, alert_id: UUID, outcome: str, times: int) -> None:
    """Close an alert with what came of it, which the patient reads; closing what is closed changes nothing.

    `times` is how often it had been raised when it was looked at.

    Raises:
        NotFound: if there is no such alert.
        AlertMovedOn: if a colleague has it.
        AlertGrew: if something was added since it was looked at.
        InputRefused: if the outcome is none.
    """
    if outcome not in OUTCOMES:
        raise InputRefused("outcome", N_("Say what came of it."))
    found = await _locked(tx, alert_id)
    if found.closed_at is not None:
        return
    if found.status == "acknowledged" and found.owner_id != tx.actor.person_id:
        raise AlertMovedOn
    if found.times != times:
        raise AlertGrew
    params = {
        "id": alert_id, "now": clock.now(), "person_id": tx.actor.person_id, "name": tx.actor.display_name,
        "outcome": outcome,
    }  # fmt: skip
    await tx.execute(statements.CLOSE, params)
    await _happened(tx, found, "closed", "alerts.close")


async def standing(tx: Transaction, patient_id: UUID, *problems: str) -> Sequence[PatientAlert]:
    """Return how it stands with the problems of a chart that the actor may see: open, or closed in the last week.

    Part of another use case's transaction and under its policy.
    """
    now = clock.now()
    params = {"patient_id": patient_id, "problems": list(problems), "since": now - CLOSED_SHOWN, "now": now}
    return [_standing(row) for row in await tx.all(statements.STANDING, params)]


async def reading_hours(tx: Transaction) -> Reading:
    """Tell whether the practice reads alerts now, at whichever of its places, and when it opens next."""
    places, now = await practice.locations(tx), clock.now()
    opens: list[tuple[Any, str]] = []
    for facts in await practice.place_facts(tx, places):
        zone = facts.place.zone
        closed = frozenset(one.day for one in await schedules.closed_days(tx, facts.place.id))
        if rules.open_now(now, facts.hours, zone, closed):
            return Reading(is_open=True, opens_at=None, zone=zone)
        if (moment := rules.opens_next(now, facts.hours, zone, closed)) is not None:
            opens.append((moment, zone))
    first = min(opens, default=(None, places[0].zone if places else "UTC"))
    return Reading(is_open=False, opens_at=first[0], zone=first[1])


def _standing(row: Any) -> PatientAlert:
    heard = None
    if row.take_min is not None:
        waiting = rules.Open(
            row.severity, row.level, row.due_at, row.take_min, row.called_at, row.is_rung, row.was_given_back,
            row.has_now, row.has_then,
        )  # fmt: skip
        heard = rules.on_call(waiting)
    return PatientAlert(
        row.id, row.problem, row.status, row.opened_at, row.due_at, row.owner_name, row.acknowledged_at,
        row.closed_at, row.outcome, heard,
    )  # fmt: skip


def _view(row: Any, country: str) -> AlertView:
    facts: Mapping[str, str] = json.loads(row.facts) if row.facts else {}
    phone = patients.written_number(row.phone, country) if row.phone else ""
    called = [Called(**one) for one in row.called or ()]
    return AlertView(**row._asdict() | {"facts": facts, "phone": phone, "called": called})


async def _locked(tx: Transaction, alert_id: UUID) -> Any:
    policy.require(tx.actor, policies.HANDLE.name)
    found = await tx.first(statements.LOCK, {"id": alert_id})
    if found is None:
        raise NotFound
    return found


async def _happened(tx: Transaction, found: Any, kind: str, action: str) -> None:
    params = {
        "id": found.id, "patient_id": found.patient_id, "confidentiality": found.confidentiality, "kind": kind,
        "severity": found.severity, "now": clock.now(), "person_id": tx.actor.person_id,
        "name": tx.actor.display_name,
    }  # fmt: skip
    await tx.execute(statements.EVENT, params)
    await audit.record(tx, action, patient_id=found.patient_id, entity="Flag", entity_id=found.id)
