"""Insurance in the demo: insurers, cards of some patients, and what each kind of visit usually is.

One patient has two insurances, one no longer counts, one pays alone. The demo's insurer is asked as soon as the worker
runs, and answers by what the member's number begins with.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from portal_app.core import crypto
from portal_app.core.db import Transaction
from portal_app.core.jobs import enqueue
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.jobs import answer_check
from portal_app.features.coverage.service import PayerEntry
from portal_app.operations.demo_practice import demo_id
from portal_app.operations.demo_rows import Row, insert_rows

PAYERS: Final = (
    PayerEntry("Northwind Health", "DEMO1"), PayerEntry("Blue Ridge Mutual", "DEMO2"),
    PayerEntry("Harbor State Plan", "DEMO3"),
)  # fmt: skip
NPI: Final = "1234567893"
"""The number with which CMS explains the check digit; nobody's."""
_KINDS: Final = ("NW", "DE", "NW", "UN", "NF", "NW", "AW", "IN")
"""What the insurer answers of the other patients, by the beginning of their numbers."""
_ADD_CHECK: Final = """
insert into eligibility_check (id, coverage_id, patient_id, coverage_sequence, asked_by, asked_at, request_key)
values (:id, :coverage_id, :patient_id, 0, actor_person(), :now, :id)
"""


async def make_insurance(tx: Transaction, shown: list[UUID], others: list[UUID], now: datetime) -> None:
    """Write insurances of the patients whom one tap signs in as, and of some others that the desk has to look at."""
    await coverages.fill_payers(tx, PAYERS)
    payers = {row.name: row.id for row in await tx.all("select id, name from payer")}
    await _numbers(tx, now)
    await tx.execute(
        "insert into expected_service (visit_type_id, service_code, set_by, set_at)"
        " select id, 'T1015', actor_person(), :now from visit_type on conflict do nothing", {"now": now},
    )  # fmt: skip
    cards = [
        (shown[0], 1, "Northwind Health", "DE40771", "self"), (shown[0], 2, "Harbor State Plan", "NW40772", "spouse"),
        (shown[1], 1, "Blue Ridge Mutual", "NW51883", "self"), (shown[2], 1, "Northwind Health", "IN62994", "self"),
    ]  # fmt: skip
    cards += [(one, 1, PAYERS[n % len(PAYERS)].name, f"{_KINDS[n % len(_KINDS)]}7{n:04}", "self")
              for n, one in enumerate(others[:16])]  # fmt: skip
    await insert_rows(tx, "coverage", [_card(payers, now, n, *card) for n, card in enumerate(cards)])
    if len(others) > 16:
        await insert_rows(tx, "coverage", [_alone(others[16], now)])
    for n, (patient_id, *_) in enumerate(cards):
        check_id = demo_id("eligibility", n)
        params = {"id": check_id, "coverage_id": demo_id("coverage", n), "patient_id": patient_id, "now": now}
        await tx.execute(_ADD_CHECK, params)
        await enqueue(tx, answer_check, check_id=check_id)


async def _numbers(tx: Transaction, now: datetime) -> None:
    await tx.execute(
        "insert into billing_identity (id, legal_name, npi, taxonomy, tax_id, set_by, set_at)"
        " select gen_random_uuid(), name, :npi, '261QP2300X', '123456789', actor_person(), :now from practice",
        {"npi": NPI, "now": now},
    )
    await tx.execute(
        "insert into billing_identity (id, practitioner_id, npi, taxonomy, set_by, set_at)"
        " select gen_random_uuid(), id, :npi, '207Q00000X', actor_person(), :now from practitioner order by name"
        " limit 3", {"npi": NPI, "now": now},
    )  # fmt: skip


def _card(
    payers: dict[str, UUID], now: datetime, n: int, patient_id: UUID, turn: int, payer: str, number: str, relation: str
) -> Row:
    other = relation != "self"
    return {
        "id": demo_id("coverage", n), "patient_id": patient_id, "confidentiality": "N", "kind": "insurance",
        "status": "active", "precedence": turn, "payer_id": payers[payer], "payer_name": crypto.encrypt(payer),
        "member_id": crypto.encrypt(number), "group_number": crypto.encrypt("G-100"), "relation": relation,
        "subscriber_given": crypto.encrypt("Robin") if other else None,
        "subscriber_family": crypto.encrypt("Lindqvist") if other else None,
        "subscriber_born": crypto.encrypt("1979-03-09") if other else None, "sequence": 0,
        "entered_by": "00000000-0000-4000-8000-000000000001", "entered_at": now,
        "request_key": demo_id("coverage key", n),
    }  # fmt: skip


def _alone(patient_id: UUID, now: datetime) -> Row:
    return {
        "id": demo_id("coverage", "alone"), "patient_id": patient_id, "confidentiality": "N", "kind": "self_pay",
        "status": "active", "precedence": 1, "relation": "self", "sequence": 0,
        "entered_by": "00000000-0000-4000-8000-000000000001", "entered_at": now,
        "request_key": demo_id("coverage key", "alone"),
    }  # fmt: skip
