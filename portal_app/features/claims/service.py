"""Prepare the claim of a charge as data."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import audit, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.claims import policies
from portal_app.features.claims.rules import Claim, missing
from portal_app.features.coverage import service as coverages

__all__ = ["Claim", "claim_of", "missing"]

# The insurance that counted on the day of the visit and pays first.
_CLAIM: Final = text("""
select c.patient_id, coalesce(c.service_code, '') as service_code, coalesce(c.modifier, '') as modifier,
  c.place_of_service, (c.served_at at time zone l.zone)::date as served_on, c.diagnoses,
  coalesce(i.npi, '') as provider_npi, coalesce(i.taxonomy, '') as provider_taxonomy,
  coalesce(v.kind, '') as kind, v.payer_name, coalesce(y.code, '') as payer_code, v.member_id, v.group_number,
  coalesce(v.relation, 'self') as relation, v.subscriber_given, v.subscriber_family, v.subscriber_born,
  v.reviewed_at is not null as is_reviewed, coalesce(k.outcome, '') as outcome,
  (covered_person(c.patient_id, c.confidentiality)).name as patient_name,
  (covered_person(c.patient_id, c.confidentiality)).born as patient_born,
  exists (select from coverage o where o.patient_id = c.patient_id and o.status = 'active' and o.id <> v.id
    and o.kind = 'insurance') as has_second, c.confidentiality <> 'N' as is_private
from charge_item c join location l on l.id = c.location_id
left join billing_identity i on i.practitioner_id = c.practitioner_id
left join lateral (
  select * from coverage v where v.patient_id = c.patient_id
    and (v.status = 'active' or v.valid_until >= (c.served_at at time zone l.zone)::date)
    and coalesce(v.valid_from <= (c.served_at at time zone l.zone)::date, true)
    and coalesce(v.valid_until >= (c.served_at at time zone l.zone)::date, true)
  order by v.status, v.precedence limit 1) v on true
left join payer y on y.id = v.payer_id
left join lateral (
  select k.outcome from eligibility_check k where k.coverage_id = v.id and k.coverage_sequence = v.sequence
    and k.status = 'answered' order by k.asked_at desc limit 1) k on true
where c.id = :id
""").columns(payer_name=EncryptedText, member_id=EncryptedText, group_number=EncryptedText,
             subscriber_given=EncryptedText, subscriber_family=EncryptedText,
             subscriber_born=EncryptedText)  # fmt: skip


async def claim_of(tx: Transaction, charge_id: UUID, *, is_repeated: bool = False) -> Claim:
    """Return what a charge would be claimed by.

    Raises:
        NotFound: if the actor sees no such charge.
    """
    policy.require(tx.actor, policies.PREPARE.name)
    row: Any = await tx.first(_CLAIM, {"id": charge_id})
    if row is None:
        raise NotFound
    us = await coverages.practice_identity(tx)
    if not is_repeated:
        await audit.record(tx, "claims.view", patient_id=row.patient_id, entity="Claim", entity_id=charge_id)
    name, born = row.patient_name or "", row.patient_born.isoformat() if row.patient_born else ""
    if row.relation != "self":
        name = f"{row.subscriber_given or ''} {row.subscriber_family or ''}".strip()
        born = row.subscriber_born or ""
    return Claim(
        row.kind, row.service_code, row.modifier, row.place_of_service, row.served_on, tuple(row.diagnoses),
        row.provider_npi, row.provider_taxonomy, us.npi, us.tax_id, row.payer_name or "", row.payer_code,
        row.member_id or "", row.group_number or "", row.relation, name, born, row.is_reviewed, row.outcome,
        row.has_second, row.is_private,
    )  # fmt: skip
