"""All that is said to the processor, in logs and in addresses, through a payment's whole life: nothing of health."""

import json
import logging
from typing import Any
from urllib.parse import unquote_plus
from uuid import uuid4

import pytest
import stripe
from structlog.testing import capture_logs

from portal_app.features.billing import jobs as billing_jobs
from portal_app.features.billing import paying_back
from portal_app.features.billing.undoing import RefundWish
from portal_app.features.payments import plans
from portal_app.features.payments import service as payments
from portal_app.features.payments.ports import PaymentPort
from tests.features.reconciling.conftest import Counter
from tests.features.reconciling.test_currencies import payment
from tests.practice_stripe import DECLINED, WORKS


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect every request of Stripe's own client as it goes over the wire: method, address, headers and body."""
    found: list[str] = []
    request = stripe.RequestsClient.request

    def listen(self: Any, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        found.append(unquote_plus(f"{method} {url} {json.dumps(dict(headers or {}))} {post_data}"))
        return request(self, method, url, headers, post_data, **more)

    monkeypatch.setattr(stripe.RequestsClient, "request", listen)
    return found


async def _secrets(counter: Counter) -> list[str]:
    """Return what nobody outside may read: whose visit it was, which, when, with whom and what for, and cards."""
    maria = counter.office.visit.maria_strong
    query = """
    select p.given_name, p.family_name, p.birth_date::text as born, i.service_code, i.words, w.name as who, r.email,
      i.served_at::date::text as served_on, c.id as charge_id, i.id as bill_id, i.appointment_id as visit
    from invoice i join patient p on p.id = i.patient_id join practitioner w on w.id = i.practitioner_id
    join charge_item c on c.id = i.charge_item_id join person r on r.id = :person_id where i.id = :id
    """
    async with counter.database.act_as_system("test") as tx:
        row: Any = await tx.one(query, {"id": counter.bill_id, "person_id": maria.person_id})
    known = [str(one) for one in row if one] + [str(maria.patient_id), str(maria.person_id), "I10", "R51.9"]
    assert len(known) >= 12
    return [*known, WORKS, DECLINED]


async def _plan(counter: Counter) -> None:
    """Begin to pay what is left in two parts, and keep a card for the second."""
    processor: Any = counter.work.port(PaymentPort)  # type: ignore[type-abstract]
    async with counter.database.act_as(counter.office.visit.maria_strong.credential, "payments.pay") as tx:
        attempt_id = await payments.begin_plan(tx, 2, uuid4(), "en")
    await payments.open_page(counter.database, processor, attempt_id)
    async with counter.database.act_as_system("test") as tx:
        session_id = await tx.scalar("select session_id from payment_attempt where id = :id", {"id": attempt_id})
    counter.practice.pay(session_id, DECLINED)
    counter.practice.pay(session_id)
    await payments.settle(counter.database, processor, attempt_id)
    async with counter.database.act_as_system("test") as tx:
        await tx.execute(
            "update plan_instalment set due_on = due_on - 60, noticed_at = now() - interval '5 days' where number = 2",
            {},
        )
    await plans.run_plans(counter.database, processor)


async def test_through_a_payments_whole_life_nothing_of_health_and_no_card_is_sent_or_logged(
    counter: Counter, sent: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logged:
        await counter.pay(5_000)
        wish = RefundWish(await payment(counter), 1_000, "Maria paid twice", uuid4(), is_owed_again=True)
        async with counter.database.act_as(counter.office.keeper.credential, "billing.keep_books") as tx:
            await paying_back.give_back(tx, wish)
        await billing_jobs.settle(counter.work, wish.request_key)
        await _plan(counter)
        await counter.reconcile()
    assert (await counter.bill()).owed_minor == 0
    asked = " ".join(sent)
    for path in ("/v1/checkout/sessions", "/v1/refunds", "/v1/customers", "/v1/payment_intents", "/v1/balance"):
        assert path in asked
    said = f"{asked} {logged} {caplog.text}"
    assert [one for one in await _secrets(counter) if one in said] == []
