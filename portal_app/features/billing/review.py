"""What billing does with charges that wait: look through them, correct them with a reason, mark them ready or held."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.billing import policies, rules
from portal_app.features.billing.errors import ChargeIncomplete, ChargeMovedOn, ServiceUnknown
from portal_app.features.billing.views import ChargeChange, ChargeRow, FullCharge

SHOWN_MOST: Final = 200
_COLUMNS: Final = """
c.id, c.appointment_id, c.patient_id, coalesce(n.given_name, '') as given_name,
coalesce(n.family_name, '') as family_name, n.birth_date, trim(p.title || ' ' || p.name) as practitioner_name,
l.name as location_name, l.zone, c.served_at, c.status, c.review, coalesce(c.service_code, '') as service_code,
coalesce(s.words, '') as service_words, coalesce(c.modifier, '') as modifier, c.place_of_service, c.diagnoses,
c.sequence as corrections, c.held_because
"""
_FROM: Final = """
join practitioner p on p.id = c.practitioner_id join location l on l.id = c.location_id
left join service_code s on s.code = c.service_code left join names_for_billing(array(select patient_id from c)) n
  on n.patient_id = c.patient_id
"""
_LIST: Final = text(f"""
with c as (
  select * from charge_item i where i.status = 'billable' and i.review = :review order by i.served_at, i.id limit :most)
select {_COLUMNS} from c {_FROM} order by c.served_at, c.id
""").columns(held_because=EncryptedText)  # noqa: S608 - the parts above
_ONE: Final = text(f"""
with c as (select * from charge_item i where i.id = :id)
select {_COLUMNS} from c {_FROM}
""").columns(held_because=EncryptedText)  # noqa: S608 - the parts above
_COUNTS: Final = "select review, count(*) as charges from charge_item where status = 'billable' group by review"
# Each version with who made it, when and why; the one that stands is the last.
_HISTORY: Final = text("""
select v.sequence, coalesce(v.service_code, '') as service_code, coalesce(v.modifier, '') as modifier,
  v.place_of_service, coalesce(w.display_name, '') as made_by, v.entered_at as made_at, v.reason
from (
  select h.sequence, h.service_code, h.modifier, h.place_of_service, h.entered_by, h.entered_at, h.reason
  from charge_item_change h where h.charge_item_id = :id
  union all
  select c.sequence, c.service_code, c.modifier, c.place_of_service, c.entered_by, c.entered_at, c.reason
  from charge_item c where c.id = :id) v
left join person w on w.id = v.entered_by order by v.sequence desc
""").columns(reason=EncryptedText)
_CORRECT: Final = """
update charge_item set service_code = :service_code, modifier = :modifier, place_of_service = :place,
  reason = :reason, sequence = sequence + 1, entered_by = actor_person(), entered_at = :now
where id = :id and status = 'billable' and sequence = :sequence
"""
_REVIEW: Final = """
update charge_item set review = :review, held_because = :because, reviewed_by = actor_person(), reviewed_at = :now
where id = :id and status = 'billable' and sequence = :sequence
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a charge is to say instead, and why; `corrections` counts what had been changed when it was looked at."""

    service_code: str
    modifier: str
    place_of_service: str
    reason: str
    corrections: int


async def charges(tx: Transaction, review: str, *, is_repeated: bool = False) -> tuple[ChargeRow, ...]:
    """Return the charges that wait and are "open", "ready" or "held", the oldest visit first, 200 at most.

    That each chart was seen is recorded, unless the same open page only keeps itself up to date.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    found = tuple(_row(row) for row in await tx.all(_LIST, {"review": review, "most": SHOWN_MOST}))
    if not is_repeated:
        await audit.record_each(
            tx, "billing.view_list", dict.fromkeys(one.patient_id for one in found), entity="ChargeItem"
        )
    return found


async def charge_counts(tx: Transaction) -> dict[str, int]:
    """Return how many charges wait, by where billing is with them."""
    policy.require(tx.actor, policies.REVIEW.name)
    return dict.fromkeys(rules.REVIEWS, 0) | {row.review: row.charges for row in await tx.all(_COUNTS)}


async def full_charge(tx: Transaction, charge_id: UUID, *, is_repeated: bool = False) -> FullCharge:
    """Return a charge with all that it said before, the newest first. Raises NotFound."""
    policy.require(tx.actor, policies.REVIEW.name)
    row = await _one(tx, charge_id)
    history = [
        ChargeChange(**one._asdict() | {"reason": one.reason or ""})
        for one in await tx.all(_HISTORY, {"id": charge_id})
    ]
    if not is_repeated:
        await _record(tx, "billing.view", row)
    return FullCharge(row, tuple(history))


async def correct_charge(tx: Transaction, charge_id: UUID, wanted: Correction) -> None:
    """Say otherwise what a visit is charged as, for a reason; what it said is kept, and it has to be looked at again.

    Raises:
        NotFound: if there is none for the actor.
        InputRefused: if the reason is missing, or modifier or place are none that there are.
        ServiceUnknown: if the code is not in the practice's list.
        ChargeMovedOn: if it was billed, or corrected since it was looked at.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    reason, row = _reason(wanted.reason), await _one(tx, charge_id)
    if wanted.modifier not in rules.MODIFIERS:
        raise InputRefused("modifier", N_("Choose one from the list."))
    if wanted.place_of_service not in rules.PLACES:
        raise InputRefused("place", N_("Choose one from the list."))
    await require_known(tx, wanted.service_code)
    params = {
        "id": charge_id, "service_code": wanted.service_code or None, "modifier": wanted.modifier or None,
        "place": wanted.place_of_service, "reason": crypto.encrypt(reason), "sequence": wanted.corrections,
        "now": clock.now(),
    }  # fmt: skip
    if not await tx.execute(_CORRECT, params):
        raise ChargeMovedOn
    await _record(tx, "billing.correct", row)


async def mark_ready(tx: Transaction, charge_id: UUID, corrections: int) -> None:
    """Say that a charge can be billed as it stands; saying it again changes nothing.

    Raises:
        NotFound: if there is none for the actor.
        ChargeIncomplete: if it has no service yet.
        ChargeMovedOn: if it was billed, or corrected since it was looked at.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    row = await _one(tx, charge_id)
    if rules.missing(row.service_code, row.diagnoses):
        raise ChargeIncomplete
    await _review(tx, row, "ready", None, corrections)


async def hold(tx: Transaction, charge_id: UUID, reason: str, corrections: int) -> None:
    """Keep a charge back, for a reason. Raises as `mark_ready`, and InputRefused without a reason."""
    policy.require(tx.actor, policies.REVIEW.name)
    await _review(tx, await _one(tx, charge_id), "held", crypto.encrypt(_reason(reason)), corrections)


async def require_known(tx: Transaction, code: str) -> None:
    """Raise ServiceUnknown unless a code is in the practice's list; no code at all is left to billing."""
    known = "select exists (select from service_code where code = :code)"
    if code and not await tx.scalar(known, {"code": code}):
        raise ServiceUnknown


async def _review(tx: Transaction, row: ChargeRow, review: str, because: str | None, corrections: int) -> None:
    if row.review == review == "ready" and row.corrections == corrections:
        return
    params = {"id": row.id, "review": review, "because": because, "sequence": corrections, "now": clock.now()}
    if not await tx.execute(_REVIEW, params):
        raise ChargeMovedOn
    await _record(tx, f"billing.{review}", row)


async def _one(tx: Transaction, charge_id: UUID) -> ChargeRow:
    row = await tx.first(_ONE, {"id": charge_id})
    if row is None:
        raise NotFound
    return _row(row)


def _row(row: Any) -> ChargeRow:
    columns = row._asdict()
    return ChargeRow(**columns | {"diagnoses": tuple(row.diagnoses), "held_because": row.held_because or ""})


def _reason(typed: str) -> str:
    reason = " ".join(typed.split())
    if not rules.REASON_LEAST <= len(reason) <= rules.REASON_MOST:
        raise InputRefused("reason", N_("Say why, in 5 to 300 letters."))
    return reason


async def _record(tx: Transaction, action: str, row: ChargeRow) -> None:
    await audit.record(tx, action, patient_id=row.patient_id, entity="ChargeItem", entity_id=row.id)
