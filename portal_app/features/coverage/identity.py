"""How insurers know the practice and its clinicians."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound, Refusals
from portal_app.core.i18n import N_
from portal_app.features.coverage import policies, rules

_PRACTICE: Final = """
select coalesce(nullif(i.legal_name, ''), p.name) as legal_name, coalesce(i.npi, '') as npi,
  coalesce(i.taxonomy, '') as taxonomy, coalesce(i.tax_id, '') as tax_id
from practice p left join billing_identity i on i.practitioner_id is null
"""
_CLINICIANS: Final = """
select w.id, trim(w.title || ' ' || w.name) as name, coalesce(i.npi, '') as npi,
  coalesce(i.taxonomy, '') as taxonomy
from practitioner w left join billing_identity i on i.practitioner_id = w.id order by w.name, w.id
"""
_SET: Final = """
insert into billing_identity (id, practitioner_id, legal_name, npi, taxonomy, tax_id, set_by, set_at)
values (:id, :practitioner_id, :legal_name, :npi, :taxonomy, :tax_id, :person_id, :now)
on conflict (practitioner_id) do update set legal_name = excluded.legal_name, npi = excluded.npi,
  taxonomy = excluded.taxonomy, tax_id = excluded.tax_id, set_by = excluded.set_by, set_at = excluded.set_at
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """How insurers know somebody; what nobody has set is "". Without `practitioner_id` it is the practice's own."""

    practitioner_id: UUID | None
    legal_name: str
    npi: str
    taxonomy: str
    tax_id: str


async def practice_identity(tx: Transaction) -> Identity:
    """Return how insurers know the practice."""
    row: Any = await tx.first(_PRACTICE)
    if row is None:
        return Identity(None, "", "", "", "")
    return Identity(None, row.legal_name, row.npi, row.taxonomy, row.tax_id)


async def clinician_identities(tx: Transaction) -> Sequence[Identity]:
    """Return how insurers know each clinician, by name."""
    policy.require(tx.actor, policies.IDENTIFY.name)
    rows: Sequence[Any] = await tx.all(_CLINICIANS, {})
    return [Identity(row.id, row.name, row.npi, row.taxonomy, "") for row in rows]


async def set_identity(tx: Transaction, wanted: Identity) -> None:
    """Say how insurers know the practice or one of its clinicians. What is left empty is not known.

    Raises:
        InputRefused: with each number that cannot be one.
        NotFound: if there is no such clinician.
    """
    policy.require(tx.actor, policies.IDENTIFY.name)
    wrong, name = Refusals(), rules.typed_name(wanted.legal_name)
    npi, taxonomy = wanted.npi.strip(), wanted.taxonomy.strip().upper()
    tax_id = rules.tax_number(wanted.tax_id) if wanted.tax_id.strip() else ""
    if name is None:
        wrong.note("legal_name", N_("Write it with letters, at most 80."))
    if npi and not rules.is_npi(npi):
        wrong.note("npi", N_("This is no NPI: ten digits, of which the last checks the others. Look for a slip."))
    if taxonomy and not rules.is_taxonomy(taxonomy):
        wrong.note("taxonomy", N_("Ten characters that end with X, such as 207Q00000X."))
    if tax_id is None:
        wrong.note("tax_id", N_("A tax number has nine digits."))
    wrong.done()
    known = "select id from practitioner where id = :id"
    if wanted.practitioner_id and await tx.scalar(known, {"id": wanted.practitioner_id}) is None:
        raise NotFound
    await tx.execute(_SET, {
        "id": uuid4(), "practitioner_id": wanted.practitioner_id,
        "legal_name": "" if wanted.practitioner_id else name, "npi": npi, "taxonomy": taxonomy,
        "tax_id": "" if wanted.practitioner_id else tax_id, "person_id": tx.actor.person_id, "now": clock.now(),
    })  # fmt: skip
    await audit.record(
        tx, "coverage.identify", patient_id=None, entity="Practitioner", entity_id=wanted.practitioner_id
    )
