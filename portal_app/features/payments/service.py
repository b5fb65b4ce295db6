"""Pay online, and see what became of it."""

from typing import Any
from uuid import UUID

from portal_app.core import audit, policy
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import NotFound
from portal_app.features.payments import policies, statements
from portal_app.features.payments.attempts import (
    LINK_RETURN_PATH,
    RETURN_PATH,
    Copay,
    copaid,
    open_page,
    payable,
    start_copay,
    start_payment,
    start_payment_by_link,
)
from portal_app.features.payments.closing import PaidWith, close_attempts, close_stale, hold_account, paid_with
from portal_app.features.payments.credits import (
    CreditWish,
    ask_to_use_credit,
    credit_of_bill,
    my_credit,
    use_credit,
    use_credit_at_desk,
)
from portal_app.features.payments.errors import (
    AttemptOver,
    ChargeDeclined,
    CoinsAtDesk,
    CurrencyNotTaken,
    EventRefused,
    MoreThanOwed,
    NoProcessor,
    NothingOwed,
    PaidMeanwhile,
    ProcessorAway,
    ProcessorRefused,
    TooLittleToPay,
)
from portal_app.features.payments.events import on_told, take_event
from portal_app.features.payments.gathering import keep_event
from portal_app.features.payments.links import (
    LINK_PATH,
    OpenLink,
    go_on_by_link,
    link_outcome,
    make_link,
    read_link,
    start_by_link,
)
from portal_app.features.payments.plans import begin_plan, plan, resume_plan, stop_plan, ways
from portal_app.features.payments.ports import (
    KeptMethod,
    PaymentPort,
    RefundFacts,
    WantedRefund,
    processor_in_use,
    use_processor,
)
from portal_app.features.payments.rules import KEY_LASTS, Seen, difference, step_of
from portal_app.features.payments.settling import quarantine, settle, settle_for
from portal_app.features.payments.views import (
    AttemptView,
    ItemView,
    PartView,
    Payable,
    PayableBill,
    PlanView,
    WantedPayment,
)

__all__ = [
    "KEY_LASTS", "LINK_PATH", "LINK_RETURN_PATH", "NOT_BEGUN", "RETURN_PATH", "AttemptOver", "AttemptView",
    "ChargeDeclined", "CoinsAtDesk", "Copay", "CreditWish", "CurrencyNotTaken", "EventRefused", "ItemView",
    "KeptMethod", "MoreThanOwed", "NoProcessor", "NothingOwed", "OpenLink", "PaidMeanwhile", "PaidWith", "PartView",
    "Payable", "PayableBill", "PaymentPort", "PlanView", "ProcessorAway", "ProcessorRefused", "RefundFacts", "Seen",
    "TooLittleToPay", "WantedPayment", "WantedRefund", "ask_to_use_credit", "attempt", "begin_plan", "close_attempts",
    "close_stale", "copaid", "credit_of_bill", "difference", "go_on_by_link", "hold_account", "keep_event",
    "link_outcome", "make_link", "my_credit", "on_told", "open_page", "outcome", "paid_with", "payable", "plan",
    "processor", "processor_in_use", "quarantine", "read_link", "resume_plan", "settle", "start_by_link",
    "start_copay", "start_payment", "start_payment_by_link", "step_of", "stop_plan", "take_event", "use_credit",
    "use_credit_at_desk", "use_processor", "ways",
]  # fmt: skip

NOT_BEGUN = (
    AttemptOver, CoinsAtDesk, CurrencyNotTaken, MoreThanOwed, NoProcessor, NothingOwed, PaidMeanwhile, ProcessorAway,
    ProcessorRefused, TooLittleToPay,
)  # fmt: skip
"""Why no payment page opens: each is said to whoever would pay, who was not charged."""


def processor() -> PaymentPort:
    """Return the processor of this process.

    Raises:
        NoProcessor: if payments are not taken online here.
    """
    found = processor_in_use()
    if found is None:
        raise NoProcessor
    return found


async def attempt(tx: Transaction, attempt_id: UUID) -> AttemptView:
    """Return an attempt of the chart acted for, with what it was for.

    Raises:
        NotFound: if the actor sees no such attempt.
    """
    policy.require(tx.actor, policies.SEE_OUTCOME.name)
    row: Any = await tx.first(statements.ATTEMPT, {"id": attempt_id})
    if row is None or row.patient_id != tx.actor.patient_id:
        raise NotFound
    items = await tx.all(statements.ITEMS, {"id": attempt_id})
    await audit.record(tx, "payments.view", patient_id=row.patient_id, entity="PaymentAttempt", entity_id=attempt_id)
    return AttemptView(
        row.id, row.patient_id, row.status, row.amount_minor, row.currency, row.created_at, row.settled_at,
        row.problem or "", tuple(ItemView(**one._asdict()) for one in items), row.session_url or "",
        row.appointment_id,
    )  # fmt: skip


async def outcome(database: Database, attempt_id: UUID) -> str:
    """Ask the processor how an attempt stands that the caller was just shown, and return its status.

    "unclear" is that of an attempt of which something was said that is not what we asked.

    Raises:
        NoProcessor, ProcessorAway: nothing is lost; what became of it is said once it answers.
    """
    return await settle_for(database, processor(), attempt_id)
