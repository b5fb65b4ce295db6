"""Background work of age: tell people ahead, tell open pages at midnight, and end what majority ends."""

from typing import Final

from portal_app.core import audit, clock
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.access import service as access
from portal_app.features.ages import rules
from portal_app.features.ages.messages import ACTING_FOR_PAGE, CAREGIVERS_PAGE, LESS_SOON, YOURS_SOON
from portal_app.features.notify import service as notify

_MINORS: Final = "c.birth_date > practice_day(now()) - interval '23 years'"
_GROWN: Final = f"""
select r.id, r.patient_id from related_person r join patient c on c.id = r.patient_id
where r.status in ('invited', 'active') and {_MINORS} and is_bound_by_age(r, c.birth_date, state_of(c.id))
  and birthday(c.birth_date, (age_rule_on(state_of(c.id), practice_day(now()))).majority) <= practice_day(now())
"""  # noqa: S608 - written here
_SOON: Final = f"""
select distinct r.id, r.person_id, r.patient_id, s.closes_on
from related_person r join patient c on c.id = r.patient_id cross join lateral closings(r, null) s
where r.status = 'active' and {_MINORS} and s.closes_on between practice_day(now()) + 1 and practice_day(now()) + :days
  and (r.valid_until is null or r.valid_until > practice_midnight(s.closes_on))
  and not is_limited(r, s.section)
"""  # noqa: S608 - written here


@job("ages.turn", policy="ages.turn", every="*/5 * * * *")
async def turn(tx: Transaction) -> None:
    """Bring open pages up to what age has closed or opened; what is closed was refused from midnight on."""
    await turn_ages(tx)


async def turn_ages(tx: Transaction) -> None:
    """Do it, and end the relations that majority ends: whoever is of age now invites whom they want."""
    await tx.execute("select turn_ages()")
    for row in await tx.all(_GROWN):
        await tx.execute(
            "update related_person set status = 'ended', ended_at = :now where id = :id",
            {"id": row.id, "now": clock.now()},
        )
        await audit.record(
            tx, "access.end_caregiver", patient_id=row.patient_id, entity="RelatedPerson", entity_id=row.id
        )


@job("ages.tell_ahead", policy="ages.turn", every="7 15 * * *")
async def tell_ahead(tx: Transaction) -> None:
    """Tell both sides some weeks before something closes by age."""
    await tell_of_closings(tx)


async def tell_of_closings(tx: Transaction) -> None:
    """Leave each of them one message for each day on which something closes; nothing about what a limit closes."""
    for row in await tx.all(_SOON, {"days": rules.TOLD_AHEAD.days}):
        owner = await access.person_of_chart(tx, row.patient_id)
        told = [(row.person_id, LESS_SOON.name, ACTING_FOR_PAGE)]
        told += [(owner, YOURS_SOON.name, f"{CAREGIVERS_PAGE}?about={row.id}")] if owner else []
        for person_id, template, link in told:
            key = f"{template}:{row.id}:{row.closes_on}:{person_id}"
            await notify.enqueue_message(tx, person_id, template, key, {"link": link})
