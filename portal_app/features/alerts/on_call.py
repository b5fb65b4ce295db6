"""The roster of who is on call: who of the care team, from when until when, first or second."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.alerts import policies, rules, statements
from portal_app.features.alerts.errors import TurnMovedOn
from portal_app.features.alerts.views import NewTurn, Roster, StaffView, TurnView
from portal_app.features.patients import service as patients
from portal_app.features.practice import service as practice


async def roster(tx: Transaction) -> Roster:
    """Return the turns that run and those to come, and the gaps of the next days."""
    policy.require(tx.actor, policies.VIEW_ROSTER.name)
    now, country = clock.now(), await practice.country(tx)
    rows: Sequence[Any] = await tx.all(statements.ROSTER, {"now": now})
    turns = [_view(row, country) for row in rows]
    counting = [(one.starts_at, one.ends_at) for one in turns if one.is_fit]
    gaps = rules.gaps(counting, now, now + rules.GAPS_AHEAD)
    return Roster(turns, gaps, now, await practice.home_zone(tx))


async def staff_to_call(tx: Transaction) -> Sequence[StaffView]:
    """Return the nurses and clinicians who can be on call, by name."""
    policy.require(tx.actor, policies.KEEP_ROSTER.name)
    rows: Sequence[Any] = await tx.all(statements.STAFF)
    return [StaffView(**row._asdict()) for row in rows]


async def add_turn(tx: Transaction, wanted: NewTurn) -> None:
    """Put somebody on call; the same turn twice is one.

    Raises:
        InputRefused: if it ends before it begins, is over, is too long, overlaps another of that rank or the same
            person's, if the person reads no alerts, or nobody could be called under the number.
    """
    policy.require(tx.actor, policies.KEEP_ROSTER.name)
    now = clock.now()
    _check_times(wanted, now)
    if wanted.person_id not in {one.person_id for one in await staff_to_call(tx)}:
        raise InputRefused("person", N_("Choose one from the list."))
    phone = await _number(tx, wanted.phone)
    await tx.execute(statements.LOCK_ROSTER)
    params = {
        "id": wanted.id, "person_id": wanted.person_id, "rank": wanted.rank, "starts_at": wanted.starts_at,
        "ends_at": wanted.ends_at, "phone": phone and crypto.encrypt(phone), "added_by": tx.actor.person_id, "now": now,
    }  # fmt: skip
    if (other := await tx.first(statements.CLASHES, params)) is not None:
        raise InputRefused("from-day", _taken(is_theirs=other.person_id == wanted.person_id))
    if await tx.execute(statements.ADD_TURN, params):
        await _record(tx, "alerts.add_turn", wanted.id, wanted)


async def remove_turn(tx: Transaction, turn_id: UUID) -> None:
    """Take a turn away; one that runs ends now, and stays written down as far as it went.

    Raises:
        TurnMovedOn: if it is over, or a colleague has removed it.
    """
    policy.require(tx.actor, policies.KEEP_ROSTER.name)
    params = {"id": turn_id, "now": clock.now()}
    was = await tx.first(statements.REMOVE_TURN, params) or await tx.first(statements.END_TURN, params)
    if was is None:
        raise TurnMovedOn
    await _record(tx, "alerts.remove_turn", turn_id, was)


def _check_times(wanted: NewTurn, now: Any) -> None:
    if wanted.rank not in (1, 2):
        raise InputRefused("rank", N_("Choose one from the list."))
    if wanted.ends_at <= wanted.starts_at:
        raise InputRefused("until-day", N_("The end has to come after the beginning."))
    if wanted.ends_at <= now:
        raise InputRefused("until-day", N_("That time is over already. Write when it ends."))
    if wanted.ends_at - wanted.starts_at > rules.MAX_TURN or wanted.ends_at - now > rules.FURTHEST:
        raise InputRefused("until-day", N_("A turn is at most 31 days long and ends within a year. Look at the year."))


def _taken(*, is_theirs: bool) -> str:
    if is_theirs:
        return N_("They are on call at that time already. The list shows when.")
    return N_("Somebody else has that place at that time. The list shows who.")


async def _number(tx: Transaction, typed: str) -> str | None:
    if not typed.strip():
        return None
    number = patients.normalised_number(typed, await practice.country(tx))
    if number is None:
        raise InputRefused("phone", N_("Type a phone number with its area code, like (718) 555-0120."))
    return number


def _view(row: Any, country: str) -> TurnView:
    phone = patients.written_number(row.phone, country) if row.phone else ""
    return TurnView(**row._asdict() | {"phone": phone})


async def _record(tx: Transaction, action: str, turn_id: UUID, turn: Any) -> None:
    """Record what became of a turn, as it was planned: once it is removed, this is all that says whose it was."""
    detail = {
        "person": str(turn.person_id), "rank": str(turn.rank), "from": turn.starts_at.astimezone(UTC).isoformat(),
        "until": turn.ends_at.astimezone(UTC).isoformat(),
    }  # fmt: skip
    await audit.record(tx, action, patient_id=None, entity="PractitionerRole", entity_id=turn_id, detail=detail)
