"""Whose rule by age counts for one patient: the practice's state, or the one they live in, as the front desk writes it.

It is looked at before it counts, as a rule is: who would see less or more of the chart, and from which day.
"""

import hashlib
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.access import service as access
from portal_app.features.ages import policies, rules
from portal_app.features.ages.errors import PreviewStale
from portal_app.features.ages.views import ChartState, StateChange, StatePreview

_STATE = """
select coalesce(c.state, '') as own, coalesce((select p.state from practice p limit 1), '') as practice,
  c.birth_date > practice_day(now()) - interval '23 years' as is_young
from patient c where c.id = :id
"""


async def chart_state(tx: Transaction, patient_id: UUID) -> ChartState:
    """Return whose rule counts for a patient, and whether any can touch somebody of their age. Raises NotFound."""
    policy.require(tx.actor, policies.SET_STATE.name)
    row = await tx.first(_STATE, {"id": patient_id})
    if row is None:
        raise NotFound
    return ChartState(row.own, row.practice, row.is_young)


async def preview_state(tx: Transaction, patient_id: UUID, state: str) -> StatePreview:
    """Return what another state's rule would change for whoever acts for a patient; "" is the practice's state.

    Raises:
        InputRefused: if there is no such state.
        NotFound: if there is no such chart.
    """
    if state and state not in rules.STATES:
        raise InputRefused("patient-state", N_("Write a state in two letters, such as NY, or leave it empty."))
    now = await chart_state(tx, patient_id)
    rows: Sequence[Any] = await tx.all("select * from preview_state(:id, :state)", {"id": patient_id, "state": state})
    changes = tuple(
        _change(relation_id, list(of_one)) for relation_id, of_one in groupby(rows, key=lambda row: row.relation_id)
    )
    told = [now.own, state, *(f"{row.relation_id}{row.section}{row.before}{row.after}" for row in rows)]
    return StatePreview(state, changes, hashlib.sha256("\n".join(told).encode()).hexdigest())


async def set_state(tx: Transaction, patient_id: UUID, seen: StatePreview) -> None:
    """Let another state's rule count from now on, as it was looked at; doing it twice changes nothing more.

    Raises:
        StepUpNeeded: if whoever changes it must sign in once more first.
        PreviewStale: if it would do something else than was seen, or a colleague was first.
        NotFound: if there is no such chart.
    """
    await access.require_fresh(tx)
    if (await chart_state(tx, patient_id)).own == seen.state:
        return
    if (await preview_state(tx, patient_id, seen.state)).mark != seen.mark:
        raise PreviewStale
    own = {"id": patient_id, "state": seen.state or None}
    if not await tx.execute("update patient set state = :state where id = :id", own):
        raise NotFound
    await audit.record(tx, "ages.set_state", patient_id=patient_id, entity="Patient", entity_id=patient_id)


def _change(relation_id: UUID, rows: Sequence[Any]) -> StateChange:
    loses = tuple(row.section for row in rows if row.after and (row.before is None or row.after < row.before))
    gains = tuple(row.section for row in rows if row.section not in loses)
    return StateChange(relation_id, loses, gains, min(day for row in rows for day in (row.before, row.after) if day))
