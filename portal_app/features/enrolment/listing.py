"""Who is in, who is on the way and who was never invited; and inviting many of them together."""

from collections.abc import Collection, Sequence
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from sqlalchemy import text

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.enrolment import jobs, policies
from portal_app.features.enrolment.issuing import stage_of
from portal_app.features.enrolment.views import BatchView, Enrolled, EnrolledPage

Show = Literal["all", "none", "out", "settling", "in"]
SHOWS: Final[tuple[Show, ...]] = ("none", "out", "settling", "in", "all")
PAGE_MOST: Final = 50
BATCH_MOST: Final = 200

# Read along the index of names, so that a page of a large practice costs what a page of a small one does.
_LIST: Final = text("""
select c.id, c.given_name, c.family_name, o.done, o.finished_at, o.person_id is not null as is_new,
  c.reached_by, s.has_sign_in, a.id as activation_id, a.channel, a.email, a.created_at, a.expires_at,
  a.opened_at, coalesce((select t.tries from activation_try t where t.subject = a.id::text), 0) as tries
from patient c
cross join lateral (select exists (
  select from access_grant g where g.patient_id = c.id and g.basis = 'self') as has_sign_in) s
left join onboarding o on o.patient_id = c.id
left join activation a on a.patient_id = c.id and a.used_at is null and a.revoked_at is null
where (c.family_name, c.given_name, c.id) > (:family, :given, cast(:after as uuid))
  and (not cast(:is_coming as boolean) or exists (
    select from appointment v where v.patient_id = c.id and v.status = 'booked' and v.starts_at > :now))
  and case :show when 'none' then not s.has_sign_in and a.id is null
    when 'out' then not s.has_sign_in and a.id is not null
    when 'settling' then s.has_sign_in and o.person_id is not null and o.finished_at is null
    when 'in' then s.has_sign_in and (o.person_id is null or o.finished_at is not null) else true end
order by c.family_name, c.given_name, c.id limit :most
""").columns(email=EncryptedText)

_ADD_ITEMS: Final = """
insert into activation_batch_item (batch_id, patient_id, confidentiality)
select :id, c.id, c.confidentiality from patient c where c.id = any (cast(:patients as uuid[]))
  and not exists (select from access_grant g where g.patient_id = c.id and g.basis = 'self')
"""
_BATCH: Final = """
select count(*) as total, count(done_at) as done, count(*) filter (where outcome = 'card') as cards,
  count(*) filter (where outcome = 'mail') as mails
from activation_batch_item where batch_id = :id
"""


async def enrolment_list(
    tx: Transaction, show: Show, *, is_coming: bool = False, after: tuple[str, str, UUID] | None = None
) -> EnrolledPage:
    """Return people by name and how far each is, `PAGE_MOST` of them after a name; each chart shown is recorded.

    `is_coming` leaves those who have a visit booked.
    """
    policy.require(tx.actor, policies.ISSUE.name)
    family, given, last = after or ("", "", UUID(int=0))
    params = {"family": family, "given": given, "after": last, "is_coming": is_coming, "show": show,
              "now": clock.now(), "most": PAGE_MOST + 1}  # fmt: skip
    rows: Sequence[Any] = await tx.all(_LIST, params)
    shown = rows[:PAGE_MOST]
    await audit.record_each(tx, "enrolment.list", [row.id for row in shown], entity="Patient")
    people = tuple(
        Enrolled(row.id, row.given_name, row.family_name, row.reached_by or "", stage_of(row)) for row in shown
    )
    return EnrolledPage(people, is_more=len(rows) > PAGE_MOST)


async def invite_batch(tx: Transaction, patient_ids: Collection[UUID], request_key: UUID) -> UUID:
    """Have many invited by a job: by mail where an address is known, by a card otherwise. Returns the batch's id.

    The same key makes one batch. Whoever is in, or may not be seen by the actor, is left out.

    Raises:
        InputRefused: if nobody was chosen, or too many.
    """
    policy.require(tx.actor, policies.ISSUE.name)
    if not 0 < len(patient_ids) <= BATCH_MOST:
        raise InputRefused("pick", N_("Choose between one and two hundred people."))
    batch_id = uuid4()
    values = {"id": batch_id, "key": request_key, "person_id": tx.actor.person_id, "now": clock.now()}
    added = await tx.execute(
        "insert into activation_batch (id, request_key, created_by, created_at) values (:id, :key, :person_id, :now)"
        " on conflict do nothing", values,
    )  # fmt: skip
    if not added:
        known: UUID = await tx.scalar("select id from activation_batch where request_key = :key", values)
        return known
    await tx.execute(_ADD_ITEMS, {"id": batch_id, "patients": list(patient_ids)})
    await audit.record(tx, "enrolment.invite_batch", patient_id=None, entity="Group", entity_id=batch_id)
    await enqueue(tx, jobs.invite_each, batch_id=batch_id)
    return batch_id


async def batch(tx: Transaction, batch_id: UUID) -> BatchView:
    """Return how far a batch is; what the actor may not see of it does not count."""
    policy.require(tx.actor, policies.ISSUE.name)
    row = await tx.one(_BATCH, {"id": batch_id})
    return BatchView(batch_id, row.total, row.done, row.cards, row.mails)
