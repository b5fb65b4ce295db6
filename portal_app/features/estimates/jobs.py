"""Work estimates out, those that were asked for and those that the law wants after a booking."""

import json
from typing import Any, Final
from uuid import UUID, uuid5

from portal_app.core import audit, clock, crypto
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.coverage import service as coverages
from portal_app.features.estimates import policies, rules, statements

_BOOKED: Final = UUID("8b0ad1b8-7f0b-4b3a-9a51-6b6f9a6a2f10")
"""Of a booking and this comes the key by which one estimate is made of it, however often the job runs."""


@job("estimates.give", policy=policies.GIVE.name)
async def give(tx: Transaction, estimate_id: str) -> None:
    """Give one estimate, if the practice has said what such a visit usually is and what that costs."""
    await _give(tx, UUID(estimate_id))


@job("estimates.give_due", policy=policies.GIVE.name, every="*/10 * * * *")
async def give_due(tx: Transaction) -> None:
    """Ask for the estimates that are owed after a booking, and give all that wait and can be given."""
    now = clock.now()
    for row in await tx.all(statements.DUE, {"now": now}):
        due = rules.give_by(row.booked_on, row.visit_on, is_on_request=False)
        key = uuid5(_BOOKED, str(row.id))
        await tx.execute(statements.ASK, {
            "id": key, "patient_id": row.patient_id, "confidentiality": row.confidentiality,
            "appointment_id": row.id, "visit_type_id": row.visit_type_id, "sequence": 1,
            "person_id": tx.actor.person_id, "now": now, "request_key": key, "give_by": due,
        })  # fmt: skip
    for row in await tx.all(statements.ASKED, {}):
        await _give(tx, row.id)


async def _give(tx: Transaction, estimate_id: UUID) -> None:
    row: Any = await tx.first(statements.FACTS, {"id": estimate_id})
    if row is None:
        return
    worked = _worked(row)
    content = json.dumps(await _content(tx, row, worked), ensure_ascii=False)
    params = {
        "id": estimate_id, "kind": "insured" if row.is_insured else "good_faith", "now": clock.now(),
        "currency": row.currency, "fee_minor": row.amount_minor, "patient_minor": worked.amount_minor,
        "content": crypto.encrypt(content),
    }  # fmt: skip
    if await tx.execute(statements.GIVE, params):
        await audit.record(tx, "estimates.give", patient_id=row.patient_id, entity="Estimate", entity_id=estimate_id)


def _worked(row: Any) -> rules.Worked:
    if not row.is_insured:
        return rules.Worked(row.amount_minor)
    said = row.answer or {}
    if said.get("currency") != row.currency:
        return rules.Worked(None)
    names = ("copay_minor", "coinsurance_percent", "deductible_left_minor", "out_of_pocket_left_minor")
    return rules.worked_out(row.amount_minor, rules.Plan(**{name: said.get(name) for name in names}))


async def _content(tx: Transaction, row: Any, worked: rules.Worked) -> dict[str, Any]:
    us = await coverages.practice_identity(tx)
    return {
        "service_code": row.service_code, "service_words": row.service_words,
        "patient_name": f"{row.given_name} {row.family_name}", "born": row.birth_date.isoformat(),
        "provider": {
            "name": f"{row.practitioner_title} {row.practitioner_name}".strip(), "npi": row.npi,
            "practice": us.legal_name, "practice_npi": us.npi, "tax_id": us.tax_id, "location": row.location_name,
            "address": row.address,
        },
        "payer_name": row.payer_name or "" if row.is_insured else "",
        "checked_at": row.answered_at.isoformat() if row.is_insured and row.answered_at else "",
        "has_second": bool(row.is_insured and row.has_second), "steps": [list(step) for step in worked.steps],
    }  # fmt: skip
