"""Enter what a visit is charged as, and look at what waits for billing."""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.features.billing import policies
from portal_app.features.billing.bills import (
    FIRST_SHELVES,
    SHELF,
    bill,
    billed_to,
    charges_to_bill,
    fill_fees,
    issue_bill,
    later_bills,
    my_bills,
    older_bills,
    open_bills,
    unknown_services,
)
from portal_app.features.billing.books import AccountPosting, Posting, owed_now, post, post_aside, take_back
from portal_app.features.billing.errors import (
    ChargeIncomplete,
    ChargeMovedOn,
    CorrectedAlready,
    FeeMissing,
    KeyUsedOtherwise,
    ServiceUnknown,
    TooMuch,
)
from portal_app.features.billing.money import CORRECTABLE, Entry, Kind, decimals_of, typed_amount
from portal_app.features.billing.paying import PartPaid, pay_bills
from portal_app.features.billing.review import (
    Correction,
    charge_counts,
    charges,
    correct_charge,
    full_charge,
    hold,
    mark_ready,
    require_known,
)
from portal_app.features.billing.rules import TelehealthCodes, telehealth_codes
from portal_app.features.billing.views import (
    BillView,
    ChargeChange,
    ChargeEntry,
    ChargeRow,
    ChargeView,
    FeeEntry,
    FullCharge,
    MyBills,
    PostingView,
    ServiceCode,
    Shelf,
    Shelves,
    ToBillView,
)

__all__ = [
    "CORRECTABLE",
    "FIRST_SHELVES",
    "SHELF",
    "AccountPosting",
    "BillView",
    "ChargeChange",
    "ChargeEntry",
    "ChargeIncomplete",
    "ChargeMovedOn",
    "ChargeRow",
    "ChargeView",
    "CorrectedAlready",
    "Correction",
    "Entry",
    "FeeEntry",
    "FeeMissing",
    "FullCharge",
    "KeyUsedOtherwise",
    "Kind",
    "MyBills",
    "PartPaid",
    "Posting",
    "PostingView",
    "ServiceCode",
    "ServiceUnknown",
    "Shelf",
    "Shelves",
    "TelehealthCodes",
    "ToBillView",
    "TooMuch",
    "bill",
    "billed_to",
    "charge_counts",
    "charge_of",
    "charges",
    "charges_to_bill",
    "correct_charge",
    "decimals_of",
    "enter_charge",
    "fill_fees",
    "fill_services",
    "find_services",
    "full_charge",
    "hold",
    "issue_bill",
    "later_bills",
    "mark_ready",
    "my_bills",
    "older_bills",
    "open_bills",
    "owed_now",
    "pay_bills",
    "post",
    "post_aside",
    "take_back",
    "telehealth_codes",
    "typed_amount",
    "unknown_services",
]  # fmt: skip

_ENTER: Final = """
insert into charge_item (id, appointment_id, patient_id, confidentiality, status, service_code, modifier,
  place_of_service, diagnoses, practitioner_id, location_id, served_at, entered_by, entered_at)
values (:id, :appointment_id, :patient_id, :confidentiality, 'billable', :service_code, :modifier,
  :place_of_service, :diagnoses, :practitioner_id, :location_id, :served_at, :person_id, :now)
"""
_CHARGE: Final = """
select c.id, c.patient_id, c.status, coalesce(c.service_code, '') as service_code, coalesce(s.words, '') as words,
  coalesce(c.modifier, '') as modifier, c.place_of_service, c.diagnoses, c.sequence
from charge_item c left join service_code s on s.code = c.service_code
where c.appointment_id = :id
"""
_FIND: Final = """
select s.code, s.words from service_code s
where s.code like upper(:typed) || '%' or s.words ilike '%' || :typed || '%'
order by s.code like upper(:typed) || '%' desc, s.code limit 20
"""
_FILL: Final = """
insert into service_code (code, words, source, added_at) values (:code, :words, :source, :now)
on conflict (code) do update set words = excluded.words, source = excluded.source, added_at = excluded.added_at
"""


async def find_services(tx: Transaction, typed: str) -> Sequence[ServiceCode]:
    """Return up to twenty services of the practice's list whose code begins so, or whose words hold it."""
    policy.require(tx.actor, policies.VIEW_CHARGES.name)
    wanted = typed.strip().replace("\\", "").replace("%", "").replace("_", "")
    return [ServiceCode(row.code, row.words) for row in await tx.all(_FIND, {"typed": wanted})]


async def enter_charge(tx: Transaction, entry: ChargeEntry) -> None:
    """Leave the charge of a visit that is being signed in this transaction; one visit has one.

    Raises:
        ServiceUnknown: if its code is not in the practice's list.
    """
    policy.require(tx.actor, policies.VIEW_CHARGES.name)
    await require_known(tx, entry.service_code)
    codes = telehealth_codes(entry.modality, entry.patient_place)
    charge_id = uuid4()
    params = {
        "id": charge_id, "appointment_id": entry.appointment_id, "patient_id": entry.patient_id,
        "confidentiality": entry.confidentiality, "service_code": entry.service_code or None,
        "modifier": codes.modifier or None, "place_of_service": codes.place_of_service,
        "diagnoses": list(entry.diagnoses), "practitioner_id": entry.practitioner_id,
        "location_id": entry.location_id, "served_at": entry.served_at, "person_id": tx.actor.person_id,
        "now": clock.now(),
    }  # fmt: skip
    await tx.execute(_ENTER, params)
    await audit.record(
        tx, "billing.enter", patient_id=entry.patient_id, entity="Appointment", entity_id=entry.appointment_id
    )


async def charge_of(tx: Transaction, appointment_id: UUID) -> ChargeView | None:
    """Return the charge of a visit, or None if there is none for the actor."""
    policy.require(tx.actor, policies.VIEW_CHARGES.name)
    row: Any = await tx.first(_CHARGE, {"id": appointment_id})
    if row is None:
        return None
    return ChargeView(
        row.id, row.status, row.service_code, row.words, row.modifier, row.place_of_service, tuple(row.diagnoses),
        row.sequence,
    )  # fmt: skip


async def fill_services(tx: Transaction, services: Iterable[ServiceCode], source: str) -> int:
    """Add services to the practice's list, or bring their words up to date; return how many. For the command line."""
    policy.require(tx.actor, policies.FILL_CODES.name)
    now, count = clock.now(), 0
    for one in services:
        await tx.execute(_FILL, {"code": one.code, "words": one.words, "source": source, "now": now})
        count += 1
    return count
