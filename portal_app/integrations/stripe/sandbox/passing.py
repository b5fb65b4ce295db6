"""What happens by itself as time goes by."""

from typing import Final

from portal_app.integrations.stripe.sandbox.balance import pay_out
from portal_app.integrations.stripe.sandbox.paying import end_debit
from portal_app.integrations.stripe.sandbox.refunds import end_refund
from portal_app.integrations.stripe.sandbox.sessions import close_unpaid
from portal_app.integrations.stripe.sandbox.store import Store, Work

_DAY_S: Final = 86400


def pass_time(store: Store) -> None:
    """Do what is due: sessions expire, bank debits and refunds arrive, and once a day money goes to the bank."""
    with store.work() as work:
        for session in work.every("checkout.session", status="open"):
            if session["expires_at"] <= work.now:
                close_unpaid(work, session)
        end_what_is_under_way(work)
        if work.setting("paid_out_on", 0) != work.now // _DAY_S:
            work.set("paid_out_on", work.now // _DAY_S)
            pay_out(work)


def end_what_is_under_way(work: Work, *, everything: bool = False) -> None:
    """Let bank debits and refunds arrive whose time has come."""
    for intent_id, due_at in work.settings("debit:").items():
        if everything or due_at <= work.now:
            work.unset(f"debit:{intent_id}")
            end_debit(work, work.get("payment_intent", intent_id))
    for refund_id, (due_at, is_failed) in work.settings("refund:").items():
        if everything or due_at <= work.now:
            work.unset(f"refund:{refund_id}")
            end_refund(work, work.get("refund", refund_id), is_failed=is_failed)
