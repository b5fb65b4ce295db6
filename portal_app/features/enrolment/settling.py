"""The first steps of somebody who has just opened their account: kept one by one, so that they may stop and go on."""

from portal_app.core import audit, clock
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.core.realtime import announce
from portal_app.features.enrolment import rules
from portal_app.features.enrolment.making import TOPIC
from portal_app.features.enrolment.views import ReachedBy
from portal_app.features.profile import service as profile

_LEFT = """
select done from onboarding
where person_id = :person_id and patient_id = :patient_id and finished_at is null
"""


async def steps_left(tx: Transaction) -> tuple[str, ...]:
    """Return the first steps still to be done by whoever acts for their own chart; none for older accounts."""
    done = await tx.scalar(_LEFT, {"person_id": tx.actor.person_id, "patient_id": tx.actor.patient_id})
    return rules.steps_left(done) if done is not None else ()


async def finish_step(tx: Transaction, step: str, reached_by: ReachedBy | None = None) -> tuple[str, ...]:
    """Note that a step is done, or left out, and return what is left; one that is done already is as wished.

    How to reach them is kept in their chart, where they change it later.

    Raises:
        InputRefused: if there is no such step, or no such way to reach somebody.
    """
    if step not in rules.STEPS:
        raise InputRefused("step", N_("Choose one from the list."))
    left = [one for one in await steps_left(tx) if one != step]
    changed = await tx.execute(
        "update onboarding set done = array_append(done, :step),"
        " finished_at = case when :is_last then cast(:now as timestamptz) end"
        " where person_id = :person_id and patient_id = :patient_id and finished_at is null and not :step = any (done)",
        {"step": step, "is_last": not left, "now": clock.now(),
         "person_id": tx.actor.person_id, "patient_id": tx.actor.patient_id},
    )  # fmt: skip
    if changed:
        if reached_by is not None:
            await profile.choose_reached_by(tx, reached_by)
        await audit.record(
            tx, "enrolment.first_step", patient_id=tx.actor.patient_id, entity="Person", entity_id=tx.actor.person_id,
            detail={"step": step},
        )  # fmt: skip
        await announce(tx, TOPIC)
    return tuple(left)
