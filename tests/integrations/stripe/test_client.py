"""Our client against the stand-in that speaks as Stripe does: asked twice, cut off, and read for what it gives away."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.features.payments import rules
from portal_app.features.payments.errors import ChargeDeclined, ProcessorAway, ProcessorRefused
from portal_app.features.payments.ports import Facts, WantedCharge, WantedRefund, WantedSession
from portal_app.integrations.stripe.client import StripePayments
from portal_app.settings import Settings
from tests import practice_stripe
from tests.practice_stripe import Practice


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice_stripe.running(tmp_path_factory.mktemp("stripe")) as practice:
        yield practice


@pytest.fixture
def client(practice: Practice) -> StripePayments:
    return StripePayments(practice.settings(Settings(mode="test")))


def wanted(amount: int = 5_000, **changed: Any) -> WantedSession:
    at = clock.now() + timedelta(minutes=34)
    return WantedSession(uuid4(), amount, "USD", "es", at, "https://portal.test/pay/return?attempt=1", **changed)


async def test_a_page_is_opened_once_for_an_attempt_paid_and_told(practice: Practice, client: StripePayments) -> None:
    wish = wanted()
    opened = await client.open_session(wish)
    assert (await client.open_session(wish)).session_id == opened.session_id
    assert (opened.status, opened.amount, opened.currency, opened.is_live) == ("open", 5_000, "USD", False)
    practice.pay(opened.session_id, practice_stripe.DECLINED)
    assert ((await client.session(opened.session_id)).status) == "open"
    practice.pay(opened.session_id)
    paid = await client.close_session(opened.session_id)
    assert (paid.status, paid.attempt, bool(paid.intent_id)) == ("paid", str(wish.attempt_id), True)
    told = [one for one in await client.events_since(clock.now() - timedelta(minutes=5)) if one.attempt == paid.attempt]
    assert {"checkout.session.completed", "payment_intent.succeeded"} <= {one.type for one in told}


@pytest.mark.parametrize("currency", list(rules.MINIMUM_MINOR))
async def test_the_least_that_we_take_of_a_currency_is_taken(client: StripePayments, currency: str) -> None:
    least = rules.MINIMUM_MINOR[currency]
    opened = await client.open_session(replace(wanted(least), currency=currency))
    assert (opened.amount, opened.currency) == (least, currency)


async def test_who_proves_themself_to_the_bank_pays_and_who_does_not_can_try_again(
    practice: Practice, client: StripePayments
) -> None:
    opened = await client.open_session(wanted())
    practice.pay(opened.session_id, practice_stripe.ASKS, approved=False)
    assert (await client.session(opened.session_id)).status == "open"
    practice.pay(opened.session_id, practice_stripe.ASKS, approved=True)
    assert (await client.session(opened.session_id)).status == "paid"


async def test_a_debit_is_on_its_way_until_it_comes(practice: Practice, client: StripePayments) -> None:
    pages = [await client.open_session(wanted()) for _ in range(2)]
    practice.pay(pages[0].session_id, practice_stripe.DEBIT)
    practice.pay(pages[1].session_id, practice_stripe.DEBIT_FAILS)
    assert [(await client.session(one.session_id)).status for one in pages] == ["processing"] * 2
    practice.do("arrive")
    assert [(await client.session(one.session_id)).status for one in pages] == ["paid", "failed"]


async def test_an_answer_that_was_lost_is_asked_for_by_the_client_itself_and_makes_one_page(
    practice: Practice, client: StripePayments
) -> None:
    practice.control(next=[{"method": "POST", "path": "/v1/checkout/sessions", "how": "no_answer_after", "times": 1}])
    wish = wanted()
    opened = await client.open_session(wish)
    made = [one for one in await asyncio.to_thread(_sessions, practice) if one == str(wish.attempt_id)]
    assert (opened.status, len(made)) == ("open", 1)


def _sessions(practice: Practice) -> list[str]:
    return [str(one.client_reference_id) for one in practice.client().v1.checkout.sessions.list({"limit": 100}).data]


async def test_a_processor_that_is_down_is_away_and_one_that_refuses_is_not(
    practice: Practice, client: StripePayments
) -> None:
    practice.control(down=True)
    with pytest.raises(ProcessorAway):
        await client.session("cs_test_none")
    practice.control()
    with pytest.raises(ProcessorRefused):
        await client.session("cs_test_none")


async def test_what_somebody_keeps_is_charged_once_without_them_listed_and_forgotten(
    practice: Practice, client: StripePayments
) -> None:
    customer, paid = await _kept(practice, client)
    (method,) = await client.kept_methods(customer)
    assert (method.kind, method.last_digits, bool(paid.customer_id)) == ("visa", "4242", True)
    charge = WantedCharge(uuid4(), 2_500, "USD", customer, method.id)
    first, again = await client.charge_kept(charge), await client.charge_kept(charge)
    assert (first.status, first.intent_id, first.attempt) == ("paid", again.intent_id, str(charge.attempt_id))
    refund = WantedRefund(uuid4(), first.intent_id, 1_000)
    back = [await client.pay_back(refund) for _ in range(2)]
    assert (back[0].refund_id == back[1].refund_id, back[0].status, back[0].our_id) == (
        True, "succeeded", str(refund.refund_id),
    )  # fmt: skip
    with pytest.raises(ProcessorRefused):
        await client.pay_back(WantedRefund(uuid4(), first.intent_id, 2_000))
    await client.forget_method(method.id)
    assert await client.kept_methods(customer) == []


async def test_a_kept_card_that_is_declined_later_says_why_in_a_word(
    practice: Practice, client: StripePayments
) -> None:
    customer, _ = await _kept(practice, client, practice_stripe.LATER_DECLINED)
    (method,) = await client.kept_methods(customer)
    with pytest.raises(ChargeDeclined) as refused:
        await client.charge_kept(WantedCharge(uuid4(), 2_500, "USD", customer, method.id))
    assert (refused.value.reason, bool(refused.value.intent_id)) == ("declined", True)


async def _kept(practice: Practice, client: StripePayments, card: str = practice_stripe.WORKS) -> tuple[str, Facts]:
    customer = await client.open_customer(uuid4())
    opened = await client.open_session(wanted(customer_id=customer, keeps_method=True))
    practice.pay(opened.session_id, card)
    return customer, await client.session(opened.session_id)


async def test_all_that_leaves_us_is_an_id_an_amount_and_account_balance(
    client: StripePayments, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    sessions = client._client.v1.checkout.sessions

    def listen(params: Any, options: Any) -> Any:
        sent.append([params, options])
        raise ProcessorAway

    monkeypatch.setattr(sessions, "create", listen)
    wish = wanted(keeps_method=True, customer_id="cus_1")
    with pytest.raises(ProcessorAway):
        await client.open_session(wish)
    values = {str(one) for one in _leaves(json.loads(json.dumps(sent)))}
    assert values == {
        "payment", str(wish.attempt_id), f"session-{wish.attempt_id}", "usd", "5000", "1", "Account balance",
        wish.back_to, str(int(wish.expires_at.timestamp())), "es", "False", "payment_intent", "cus_1", "off_session",
        "always", "limited",
    }  # fmt: skip


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    else:
        yield value
