"""Disputes: the holder asks the bank for the money back (https://docs.stripe.com/disputes)."""

from typing import Final

from portal_app.integrations.stripe.sandbox.balance import DISPUTE_FEE_MINOR, moved
from portal_app.integrations.stripe.sandbox.events import happened
from portal_app.integrations.stripe.sandbox.refusals import Refused
from portal_app.integrations.stripe.sandbox.store import Thing, Work

_TIME_TO_ANSWER_S: Final = 21 * 86400
_OPEN: Final = frozenset({"needs_response", "under_review"})
_TEST_EVIDENCE: Final = {"winning_evidence": True, "losing_evidence": False}


def open_dispute(work: Work, charge: Thing, reason: str, amount: int | None = None) -> Thing:
    """Take the money back from the practice, with a fee, until it is decided. Raises Refused where that is open."""
    if charge["disputed"] or not charge["captured"]:
        raise Refused(f"{charge['id']} is disputed already, or nothing was taken.", code="charge_disputed")
    disputed = amount or charge["amount_captured"] - charge["amount_refunded"]
    until = {"due_by": work.now + _TIME_TO_ANSWER_S, "has_evidence": False, "past_due": False, "submission_count": 0}
    found = work.add(
        "dp",
        "dispute",
        amount=disputed,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={},
        evidence_details=until,
        is_charge_refundable=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        payment_method_details=None,
        reason=reason,
        status="needs_response",
    )
    taken = moved(work, "adjustment", -disputed, DISPUTE_FEE_MINOR, found, description="Chargeback withdrawal")
    work.put(found, balance_transactions=[taken])
    work.put(charge, disputed=True)
    happened(work, "charge.dispute.created", found)
    happened(work, "charge.dispute.funds_withdrawn", found)
    return found


def decide(work: Work, dispute: Thing, *, is_won: bool) -> Thing:
    """Let the bank decide. Raises Refused where it has."""
    if dispute["status"] not in _OPEN:
        raise Refused(f"This dispute is already closed: {dispute['status']}.")
    if is_won:
        back = moved(work, "adjustment", dispute["amount"], 0, dispute, description="Chargeback reversal")
        dispute["balance_transactions"].append(back)
    work.put(dispute, status="won" if is_won else "lost")
    happened(work, "charge.dispute.closed", dispute)
    if is_won:
        happened(work, "charge.dispute.funds_reinstated", dispute)
    return dispute


def close_dispute(work: Work, _given: Thing, dispute_id: str) -> Thing:
    """Give in."""
    return decide(work, work.get("dispute", dispute_id), is_won=False)


def answer_dispute(work: Work, given: Thing, dispute_id: str) -> Thing:
    """Take evidence; Stripe's two words for tests decide at once."""
    dispute = work.get("dispute", dispute_id)
    evidence = {**dispute["evidence"], **(given.get("evidence") or {})}
    work.put(dispute, evidence=evidence, status="under_review" if given.get("submit", True) else dispute["status"])
    happened(work, "charge.dispute.updated", dispute)
    verdict = _TEST_EVIDENCE.get(str(evidence.get("uncategorized_text", "")))
    return dispute if verdict is None else decide(work, dispute, is_won=verdict)
