"""A lost device: somebody else of the practice resets how a person of the staff signs in."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from portal_app.core import audit, clock
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.access import charts, factors, jobs, passkeys, rules
from portal_app.features.access.errors import OwnFactors
from portal_app.features.access.views import StaffMember

_STAFF = """
select p.id, p.display_name, array_agg(distinct r.role order by r.role) as roles,
  (select count(*) from passkey k where k.person_id = p.id and k.flagged_at is null) as passkeys,
  exists (select from authenticator_app a where a.person_id = p.id and a.confirmed_at is not null) as has_app,
  (select count(*) from recovery_code c where c.person_id = p.id and c.used_at is null) as codes_left,
  p.id in (select joined_colleagues()) as has_account
from person p join person_role r on r.person_id = p.id
where p.disabled_at is null and r.role not in ('patient', 'caregiver', 'system')
group by p.id order by p.display_name, p.id
"""
_REMOVED = (
    "delete from passkey where person_id = :id",
    "delete from authenticator_app where person_id = :id",
    "delete from recovery_code where person_id = :id",
)


async def list_staff(tx: Transaction) -> Sequence[StaffMember]:
    """Return everybody who works for the practice, by name, with what they sign in by."""
    return [
        StaffMember(row.id, row.display_name, tuple(row.roles), row.passkeys, row.has_app, row.codes_left,
                    row.id == tx.actor.person_id, row.has_account)
        for row in await tx.all(_STAFF)
    ]  # fmt: skip


async def reset_factors(tx: Transaction, person_id: UUID, reason: str) -> str:
    """Remove every second factor of a colleague, sign them out everywhere, and return their set-up code.

    The code is said once, to whoever resets, who gives it to the person they know; it counts for a day.

    Raises:
        StepUpNeeded: if the actor signed in too long ago.
        OwnFactors: if it is themself.
        InputRefused: if no reason was chosen.
        NotFound: if nobody of the staff has this id.
    """
    await passkeys.require_fresh(tx)
    if person_id == tx.actor.person_id:
        raise OwnFactors
    if reason not in rules.RESET_REASONS:
        raise InputRefused("reason", N_("Choose why the sign-in is reset."))
    if not await tx.scalar("select works_here(:id)", {"id": person_id}):
        raise NotFound
    await _remove(tx, person_id, reason)
    return await factors.invite(tx, person_id, rules.RESET_SET_UP_LIFE)


async def reset_for_operator(tx: Transaction, typed_email: str) -> str | None:
    """Do the same for anybody, patients too, for the command line; return the set-up code of somebody of the staff.

    Raises:
        NotFound: if nobody signs in with this address.
    """
    person_id = await charts.person_of_address(tx, rules.normalised_email(typed_email) or "")
    if person_id is None:
        raise NotFound
    await _remove(tx, person_id, "operator")
    if not await tx.scalar("select works_here(:id)", {"id": person_id}):
        return None
    return await factors.invite(tx, person_id, rules.RESET_SET_UP_LIFE)


async def _remove(tx: Transaction, person_id: UUID, reason: str) -> None:
    for statement in _REMOVED:
        await tx.execute(statement, {"id": person_id})
    await tx.execute(
        "update session set ended_at = :now where person_id = :id and ended_at is null",
        {"now": clock.now(), "id": person_id},
    )
    detail = {"reason": reason}
    await audit.record(tx, "access.reset_factors", patient_id=None, entity="Person", entity_id=person_id, detail=detail)
    is_staff = await tx.scalar("select works_here(:id)", {"id": person_id})
    await jobs.tell(tx, person_id, "factors_reset" if is_staff else "passkeys_reset", uuid4())


async def first_set_up_code(tx: Transaction, person_id: UUID) -> str | None:
    """Return a set-up code for somebody who has no second factor yet, None for anybody else; for the command line."""
    held = await tx.scalar(
        "select exists (select from passkey where person_id = :id)"
        " or exists (select from authenticator_app where person_id = :id and confirmed_at is not null)",
        {"id": person_id},
    )
    return None if held else await factors.invite(tx, person_id, rules.FIRST_SET_UP_LIFE)
