"""Whose rules by age count here: what another state would change for everybody, and then that it counts."""

import hashlib
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.access import service as access
from portal_app.features.ages import policies, rules
from portal_app.features.ages.changing import change_of, record_named
from portal_app.features.ages.errors import PreviewStale
from portal_app.features.ages.views import CountingPreview


async def counting_state(tx: Transaction) -> str:
    """Return whose rules count for patients of whom nothing else is said: a state, "" for none chosen."""
    return await tx.scalar("select state from practice") or ""


async def preview_counting(tx: Transaction, state: str, *, is_repeated: bool = False) -> CountingPreview:
    """Return what another state would change for the relations there are; "" is the rule of all others.

    That charts were named is recorded.

    Raises:
        InputRefused: if there is no such state.
    """
    policy.require(tx.actor, policies.CHANGE_RULES.name)
    if state and state not in rules.STATES:
        raise InputRefused("counting", N_("Write a state in two letters, such as NY, or leave it empty."))
    rows: Sequence[Any] = await tx.all("select * from preview_practice_state(:state)", {"state": state})
    changes = tuple(change_of(list(of_one)) for _id, of_one in groupby(rows, key=lambda row: row.relation_id))
    if not is_repeated:
        await record_named(tx, changes)
    lines = sorted(f"{row.relation_id}{row.section}{row.before}{row.after}" for row in rows)
    told = [await counting_state(tx), state, *lines]
    return CountingPreview(changes, hashlib.sha256("\n".join(told).encode()).hexdigest(), None, state)


async def choose_state(tx: Transaction, seen: CountingPreview) -> None:
    """Let the state that was looked at count; what it closes closes at once. Doing it twice changes nothing more.

    Raises:
        StepUpNeeded: if whoever chooses must sign in once more first.
        PreviewStale: if it would do something else than was seen, or a colleague was first.
    """
    policy.require(tx.actor, policies.CHANGE_RULES.name)
    await access.require_fresh(tx)
    await tx.execute("select pg_advisory_xact_lock(hashtext('age_rule'))")
    if await counting_state(tx) == seen.state:
        return
    if (await preview_counting(tx, seen.state, is_repeated=True)).mark != seen.mark:
        raise PreviewStale
    if await tx.execute("update practice set state = :state", {"state": seen.state}):
        detail = {"state": seen.state}
        await audit.record(
            tx, "ages.choose_state", patient_id=None, entity="Organization", entity_id=None, detail=detail
        )
