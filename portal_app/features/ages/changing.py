"""Versions of the rules by age: see them, look what a new one would do, date it, take it back before it counts."""

import hashlib
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.access import service as access
from portal_app.features.ages import policies, rules
from portal_app.features.ages.errors import PreviewStale, RuleChanged, RuleInEffect
from portal_app.features.ages.tables import AgeRule
from portal_app.features.ages.views import Change, Preview, RuleForm, RuleView

_TODAY: Final = "select practice_day(now())"
_PREVIEW: Final = (
    "select * from preview_age_rule(:state, :effective_from, :full_until, :limited_until, :majority,"
    " cast(:sections as text[]))"
)
_REASONS: Final = {
    "state": N_("Choose a state from the list."),
    "full_until": N_("Write the age in full years, such as 12."),
    "limited_until": N_("Write an age that is not below the one before."),
    "majority": N_("Write the age at which people are of age: 16 to 21, and not below the one before."),
    "own_from": N_("Write an age from 10 up to being of age."),
    "sections": N_("Choose from the list."),
    "source": N_("Say which law or paper this follows, in up to 300 letters."),
    "effective_from": N_("Choose a day from tomorrow on, at most two years ahead."),
}


async def rule_versions(tx: Transaction) -> Sequence[RuleView]:
    """Return every version that was not taken back: by state, the newest first."""
    policy.require(tx.actor, policies.CHANGE_RULES.name)
    today = await tx.scalar(_TODAY)
    table = AgeRule.__table__  # type: ignore[attr-defined]
    rows = await tx.all(
        select(*table.c).where(table.c.withdrawn_at.is_(None)).order_by(table.c.state, table.c.effective_from.desc())
    )
    found: list[RuleView] = []
    for _state, of_state in groupby(rows, key=lambda row: row.state):
        has_current = False
        for row in of_state:
            standing = "to come" if row.effective_from > today else "past" if has_current else "now"
            has_current = has_current or standing == "now"
            found.append(_view(row, standing))
    return found


async def preview_version(tx: Transaction, form: RuleForm, *, is_repeated: bool = False) -> Preview:
    """Return what a new version would change for the relations there are; that charts were named is recorded.

    Raises:
        InputRefused: if something in it cannot stand.
    """
    policy.require(tx.actor, policies.CHANGE_RULES.name)
    latest = await _checked(tx, form)
    rows: Sequence[Any] = await tx.all(_PREVIEW, _given(form))
    changes = tuple(change_of(list(of_one)) for _id, of_one in groupby(rows, key=lambda row: row.relation_id))
    if not is_repeated:
        await record_named(tx, changes)
    told = [f"{latest}", *sorted(f"{one.relation_id}{one.loses}{one.gains}{one.first_on}" for one in changes)]
    return Preview(changes, hashlib.sha256("\n".join(told).encode()).hexdigest(), latest)


async def date_version(tx: Transaction, form: RuleForm, seen: Preview, request_id: UUID) -> None:
    """Date the version that was looked at; the request's id makes two taps one.

    Raises:
        StepUpNeeded: if whoever dates it must sign in once more first.
        InputRefused: if something in it cannot stand.
        RuleChanged: if somebody else was first.
        PreviewStale: if it would do something else than was seen.
    """
    policy.require(tx.actor, policies.CHANGE_RULES.name)
    await access.require_fresh(tx)
    await tx.execute("select pg_advisory_xact_lock(hashtext('age_rule'))")
    if await tx.scalar("select exists (select from age_rule where id = :id)", {"id": request_id}):
        return
    if await _latest(tx, form.state) != seen.based_on:
        raise RuleChanged
    if (await preview_version(tx, form, is_repeated=True)).mark != seen.mark:
        raise PreviewStale
    values = _given(form) | {"source": form.source.strip(), "own_from": form.ages["own_from"]}
    now = clock.now()
    await tx.execute(
        insert(AgeRule).values(
            id=request_id, replaces=seen.based_on, made_by=tx.actor.person_id, made_at=now,
            reviewed_by=tx.actor.person_id, reviewed_at=now, **values,
        )
    )  # fmt: skip
    await _record(tx, "ages.date_rule", request_id, form.state)


async def withdraw_version(tx: Transaction, rule_id: UUID) -> None:
    """Take a version back that does not count yet; one that was taken back is as wished.

    Raises:
        RuleInEffect: if it counts already.
        RuleChanged: if a later one was made from it.
        NotFound: if there is none.
    """
    policy.require(tx.actor, policies.CHANGE_RULES.name)
    await tx.execute("select pg_advisory_xact_lock(hashtext('age_rule'))")
    row = await tx.first(
        "select r.state, r.withdrawn_at, r.effective_from <= practice_day(now()) as counts,"
        " exists (select from age_rule n where n.replaces = r.id and n.withdrawn_at is null) as is_followed"
        " from age_rule r where r.id = :id",
        {"id": rule_id},
    )
    if row is None:
        raise NotFound
    if row.withdrawn_at is not None:
        return
    if row.counts:
        raise RuleInEffect
    if row.is_followed:
        raise RuleChanged
    own = update(AgeRule).where(col(AgeRule.id) == rule_id)
    await tx.execute(own.values(withdrawn_at=func.now(), withdrawn_by=tx.actor.person_id))
    await _record(tx, "ages.withdraw_rule", rule_id, row.state)


async def approve_version(tx: Transaction, rule_id: UUID) -> None:
    """Note that the practice has looked at an example and takes it for its own. Raises NotFound."""
    policy.require(tx.actor, policies.CHANGE_RULES.name)
    state = await tx.scalar("select state from age_rule where id = :id", {"id": rule_id})
    if state is None:
        raise NotFound
    own = update(AgeRule).where(col(AgeRule.id) == rule_id, col(AgeRule.reviewed_at).is_(None))
    if await tx.execute(own.values(reviewed_at=clock.now(), reviewed_by=tx.actor.person_id)):
        await _record(tx, "ages.approve_rule", rule_id, state)


async def _checked(tx: Transaction, form: RuleForm) -> UUID | None:
    """Return the newest version of the same state; the new one must be dated after it."""
    if form.state and form.state not in rules.STATES:
        raise InputRefused("state", _REASONS["state"])
    today = await tx.scalar(_TODAY)
    wrong = rules.what_is_wrong(form.ages, form.sections, form.source, form.effective_from, today)
    if wrong:
        raise InputRefused(wrong, _REASONS[wrong])
    latest = await _latest(tx, form.state)
    dated = await tx.scalar("select effective_from from age_rule where id = :id", {"id": latest})
    if dated is not None and form.effective_from is not None and form.effective_from <= dated:
        raise InputRefused("effective_from", N_("A later version is dated already. Choose a day after it."))
    return latest


async def _latest(tx: Transaction, state: str) -> UUID | None:
    found: UUID | None = await tx.scalar(
        "select id from age_rule where state = :state and withdrawn_at is null order by effective_from desc limit 1",
        {"state": state},
    )
    return found


def _given(form: RuleForm) -> dict[str, Any]:
    ages = {name: form.ages[name] for name in ("full_until", "limited_until", "majority")}
    return {"state": form.state, "effective_from": form.effective_from, "sections": list(form.sections), **ages}


async def record_named(tx: Transaction, changes: Sequence[Change]) -> None:
    """Write down whose names a preview shows."""
    named = [one.patient_id for one in changes if one.patient_id is not None and one.name][: rules.PREVIEWED_MOST]
    await audit.record_each(tx, "ages.preview", dict.fromkeys(named), entity="AgeRule")


def change_of(rows: list[Any]) -> Change:
    """Return what one relation loses or gains, of the rows about it: a section, and when it closes before and after."""
    loses = tuple(row.section for row in rows if row.after and (row.before is None or row.after < row.before))
    name = f"{rows[0].given_name} {rows[0].family_name}" if rows[0].patient_id else ""
    return Change(
        rows[0].relation_id, rows[0].patient_id, name, loses,
        tuple(row.section for row in rows if row.section not in loses),
        min(day for row in rows for day in (row.before, row.after) if day),
    )  # fmt: skip


def _view(row: Any, standing: str) -> RuleView:
    return RuleView(
        row.id, row.state, row.effective_from, row.full_until, row.limited_until, row.majority, row.own_from,
        tuple(section for section in rules.SECTIONS if section in row.sections), row.source,
        row.is_example and row.reviewed_at is None, row.reviewed_at, row.replaces, standing,
    )  # fmt: skip


async def _record(tx: Transaction, action: str, rule_id: UUID, state: str) -> None:
    await audit.record(tx, action, patient_id=None, entity="AgeRule", entity_id=rule_id, detail={"state": state})
