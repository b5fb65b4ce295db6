"""The stand-in for Stripe, asked by Stripe's own client: it takes what Stripe takes, and refuses what that refuses."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import stripe

from tests.practice_stripe import (
    ASKS,
    ASKS_ALWAYS,
    DEBIT,
    DEBIT_FAILS,
    DECLINED,
    DISPUTED,
    LATER_DECLINED,
    POOR,
    REFUND_FAILS,
    Practice,
    running,
)


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with running(tmp_path_factory.mktemp("practice")) as practice:
        yield practice


@pytest.fixture
def client(practice: Practice) -> stripe.StripeClient:
    practice.control()
    return practice.client()


def asked(**more: Any) -> Any:
    price = {"currency": "usd", "unit_amount": 4500, "product_data": {"name": "Account balance"}}
    return {
        "mode": "payment", "success_url": "http://localhost/paid?session={CHECKOUT_SESSION_ID}",
        "line_items": [{"quantity": 1, "price_data": price}], **more,
    }  # fmt: skip


def opened(client: stripe.StripeClient, **more: Any) -> Any:
    return client.v1.checkout.sessions.create(asked(**more))


def paid(client: stripe.StripeClient, practice: Practice, card: str, **more: Any) -> Any:
    """Return the session, with its intent and charge, after somebody has paid with a card and told the bank yes."""
    session = opened(client, **more)
    practice.pay(session.id, card, approved=True)
    wanted: Any = {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    return client.v1.checkout.sessions.retrieve(session.id, wanted)


def kinds(practice: Practice, about: str) -> list[str]:
    events = practice.events()
    return [
        one["type"] for one in events if about in (one["data"]["object"]["id"], one["data"]["object"].get("charge"))
    ]


def test_a_session_is_paid_and_says_what_the_processor_keeps(client: stripe.StripeClient, practice: Practice) -> None:
    session = paid(client, practice, "4242424242424242")
    intent = session.payment_intent
    assert (session.status, session.payment_status, intent.status) == ("complete", "paid", "succeeded")
    assert intent.latest_charge.balance_transaction.fee == 161
    assert kinds(practice, session.id) == ["checkout.session.completed"]


@pytest.mark.parametrize(("card", "why"), [(DECLINED, "generic_decline"), (POOR, "insufficient_funds")])
def test_a_declined_card_leaves_the_session_open_for_another(
    client: stripe.StripeClient, practice: Practice, card: str, why: str
) -> None:
    session = opened(client)
    tried = practice.pay(session.id, card)
    intent: Any = client.v1.payment_intents.retrieve(tried["payment_intent"])
    assert (tried["status"], intent.status) == ("open", "requires_payment_method")
    assert intent.last_payment_error.decline_code == why
    assert practice.pay(session.id)["payment_status"] == "paid"
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 2


def test_the_bank_asks_and_is_told_no_then_yes(client: stripe.StripeClient, practice: Practice) -> None:
    session = opened(client)
    assert practice.pay(session.id, ASKS, approved=False)["status"] == "open"
    assert practice.pay(session.id, ASKS, approved=True)["payment_status"] == "paid"


@pytest.mark.parametrize(
    ("debit", "after", "event"),
    [(DEBIT, "paid", "async_payment_succeeded"), (DEBIT_FAILS, "unpaid", "async_payment_failed")],
)
def test_a_bank_debit_is_on_its_way_before_it_arrives(
    client: stripe.StripeClient, practice: Practice, debit: str, after: str, event: str
) -> None:
    session = opened(client)
    under_way = practice.pay(session.id, debit)
    assert (under_way["status"], under_way["payment_status"]) == ("complete", "unpaid")
    practice.do("arrive")
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == after
    assert kinds(practice, session.id)[-1] == f"checkout.session.{event}"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"payment_method_types": ["card"]}, "payment_method_types"),
    ({"mode": "gift"}, "mode"),
    ({"line_items": [{"quantity": 1, "price_data": {"unit_amount": 1}}]}, "line_items[0][price_data][currency]"),
    ({"line_items": [{"quantity": "few"}]}, "line_items[0][quantity]"),
    ({"expires_at": 1}, "expires_at"),
    ({"success_url": ""}, "success_url"),
    ({"customer": "cus_nobody"}, "customer"),
    ({"locale": "tlh"}, "locale"),
    ({"metadata": {"attempt": "x" * 501}}, "metadata"),
]


@pytest.mark.parametrize(("wrong", "param"), WRONG, ids=[param for _wrong, param in WRONG])
def test_what_stripe_would_not_take_is_not_taken(
    client: stripe.StripeClient, wrong: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(asked(**wrong))
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("currency", "amount", "is_taken"),
    [("usd", 49, False), ("jpy", 50, True), ("kwd", 1230, True), ("kwd", 1234, False), ("zzz", 500, False)],
)
def test_amounts_are_minor_units_within_what_stripe_takes(
    client: stripe.StripeClient, currency: str, amount: int, is_taken: bool
) -> None:
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Account balance"}}
    wanted = asked(line_items=[{"price_data": price, "quantity": 1}])
    if is_taken:
        assert client.v1.checkout.sessions.create(wanted).amount_total == amount
    else:
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.checkout.sessions.create(wanted)


def test_the_same_key_is_answered_the_same_and_never_for_something_else(client: stripe.StripeClient) -> None:
    sessions: Any = client.v1.checkout.sessions
    first = sessions.create(asked(), {"idempotency_key": "attempt-1"})
    again = sessions.create(asked(), {"idempotency_key": "attempt-1"})
    assert (again.id, again.last_response.headers["idempotent-replayed"]) == (first.id, "true")
    with pytest.raises(stripe.IdempotencyError):
        sessions.create(asked(customer_email="a@b.example"), {"idempotency_key": "attempt-1"})


def test_two_at_once_with_one_key_make_one_session(client: stripe.StripeClient, practice: Practice) -> None:
    practice.control(next=[{"method": "POST", "path": "/v1/checkout/sessions", "delay_s": 1}])
    answers: Queue[Any] = Queue()

    def create() -> None:
        try:
            answers.put(client.v1.checkout.sessions.create(asked(), {"idempotency_key": "attempt-2"}))
        except stripe.StripeError as error:
            answers.put(error.http_status)

    pair = [threading.Thread(target=create) for _each in range(2)]
    for one in pair:
        one.start()
    for one in pair:
        one.join()
    assert 409 in (answers.get(), answers.get())


def test_a_session_made_while_nobody_heard_the_answer_is_the_one_the_same_key_gets(
    client: stripe.StripeClient, practice: Practice
) -> None:
    practice.control(next=[{"method": "POST", "path": "/v1/checkout/sessions", "how": "no_answer_after"}])
    hasty = practice.client(http_client=stripe.RequestsClient(timeout=0.5))
    before = len(client.v1.checkout.sessions.list({"limit": 100}).data)
    with pytest.raises(stripe.APIConnectionError):
        hasty.v1.checkout.sessions.create(asked(), {"idempotency_key": "attempt-3"})
    again = client.v1.checkout.sessions.create(asked(), {"idempotency_key": "attempt-3"})
    assert len(client.v1.checkout.sessions.list({"limit": 100}).data) == min(before + 1, 100)
    assert again.status == "open"


def test_it_can_be_down_and_come_back(client: stripe.StripeClient, practice: Practice) -> None:
    practice.control(down=True)
    with pytest.raises(stripe.APIError):
        opened(client)
    practice.control()
    assert opened(client).status == "open"


def test_a_refund_is_never_of_more_than_was_taken(client: stripe.StripeClient, practice: Practice) -> None:
    intent = paid(client, practice, "4242424242424242").payment_intent.id
    assert client.v1.refunds.create({"payment_intent": intent, "amount": 1500}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": intent, "amount": 3001})
    assert client.v1.refunds.create({"payment_intent": intent}).amount == 3000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent})
    assert refused.value.code == "charge_already_refunded"


def test_a_refund_that_fails_is_the_practices_again(client: stripe.StripeClient, practice: Practice) -> None:
    charge = paid(client, practice, REFUND_FAILS).payment_intent.latest_charge.id
    refund = client.v1.refunds.create({"charge": charge})
    practice.do("arrive")
    assert client.v1.refunds.retrieve(refund.id).status == "failed"
    assert client.v1.charges.retrieve(charge).amount_refunded == 0


@pytest.mark.parametrize(("is_won", "left"), [(True, 4500), (False, 0)])
def test_a_dispute_takes_the_money_and_a_fee_until_it_is_won(
    client: stripe.StripeClient, practice: Practice, is_won: bool, left: int
) -> None:
    charge = paid(client, practice, DISPUTED).payment_intent.latest_charge
    dispute = client.v1.disputes.list({"charge": charge.id}).data[0]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_disputed"
    decided = practice.do("decide", dispute=dispute.id, won=is_won)
    moved = decided["balance_transactions"]
    assert sum(one["amount"] for one in moved) + 4500 == left
    assert [one["fee"] for one in moved] == [1500, 0][: len(moved)]


def test_a_saved_card_pays_later_with_nobody_there(client: stripe.StripeClient, practice: Practice) -> None:
    customer = client.v1.customers.create({"metadata": {"of": "x"}}).id
    saving = {"customer": customer, "payment_intent_data": {"setup_future_usage": "off_session"}}

    def later(card: str) -> Any:
        method = paid(client, practice, card, **saving).payment_intent.payment_method
        wanted: Any = {
            "amount": 1000, "currency": "usd", "customer": customer, "payment_method": method, "off_session": True,
            "confirm": True,
        }  # fmt: skip
        return client.v1.payment_intents.create(wanted, {"idempotency_key": f"instalment-{card}"})

    assert later(ASKS).status == "succeeded"
    for card, code in ((ASKS_ALWAYS, "authentication_required"), (LATER_DECLINED, "card_declined")):
        with pytest.raises(stripe.CardError) as refused:
            later(card)
        assert refused.value.code == code
        error: Any = refused.value.error
        assert error.payment_intent.status == "requires_payment_method"
    methods = client.v1.customers.payment_methods.list(customer).data
    client.v1.payment_methods.detach(methods[0].id)
    assert len(client.v1.customers.payment_methods.list(customer).data) == len(methods) - 1 == 2


def test_a_payout_is_the_sum_of_its_movements(client: stripe.StripeClient, practice: Practice) -> None:
    practice.do("pay-out")
    charge = paid(client, practice, "4242424242424242").payment_intent.latest_charge.id
    client.v1.refunds.create({"charge": charge, "amount": 500})
    payout = practice.do("pay-out")["data"][0]
    moved = client.v1.balance_transactions.list({"payout": payout["id"]}).data
    assert sum(one.net for one in moved if one.type != "payout") == payout["amount"] == 4500 - 161 - 500
    assert sum(one.net for one in moved) == 0


def test_a_session_that_is_left_expires_by_itself(client: stripe.StripeClient, practice: Practice) -> None:
    session = opened(client)
    assert client.v1.checkout.sessions.expire(opened(client).id).status == "expired"
    practice.do("clock", ahead_s=25 * 3600)
    try:
        until(lambda: client.v1.checkout.sessions.retrieve(session.id).status == "expired")
    finally:
        practice.do("clock", ahead_s=0)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(session.id)


def until(is_so: Callable[[], bool]) -> None:
    for _each in range(400):
        if is_so():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not come to be")


def test_what_it_answers_has_no_field_that_stripe_has_not(client: stripe.StripeClient, practice: Practice) -> None:
    session = paid(client, practice, DISPUTED, customer=client.v1.customers.create({}).id)
    charge = session.payment_intent.latest_charge
    of_another = paid(client, practice, "4242424242424242").payment_intent.id
    refund = client.v1.refunds.create({"payment_intent": of_another})
    # The practice may owe Stripe for disputes and refunds: enough is paid that something is left to pay out.
    paid(client, practice, "4242424242424242", line_items=[{**asked()["line_items"][0], "quantity": 100}])
    payout = client.v1.payouts.retrieve(practice.do("pay-out")["data"][0]["id"])
    things = [
        session, session.payment_intent, charge, charge.balance_transaction, refund, payout,
        client.v1.customers.retrieve(session.customer), client.v1.payment_methods.retrieve(charge.payment_method),
        client.v1.disputes.list({"charge": charge.id}).data[0], client.v1.events.list({"limit": 1}).data[0],
        client.v1.accounts.retrieve_current(), client.v1.payment_method_configurations.list().data[0],
    ]  # fmt: skip
    for thing in things:
        assert not set(thing.to_dict()) - set(type(thing).__annotations__), type(thing)


class Taker(ThreadingHTTPServer):
    """Takes events, as often as it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.taken: Queue[tuple[bytes, str]] = Queue()
        self.refuses = 0


class _Hook(BaseHTTPRequestHandler):
    server: Taker

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        is_refused = self.server.refuses > 0
        self.server.refuses -= is_refused
        self.send_response(500 if is_refused else 200)
        self.end_headers()
        if not is_refused:
            self.server.taken.put((body, self.headers["stripe-signature"]))

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def taker(practice: Practice) -> Iterator[Taker]:
    taker = Taker()
    serving = threading.Thread(target=taker.serve_forever, args=(0.01,))
    serving.start()
    practice.do("set", hook=f"http://127.0.0.1:{taker.server_port}/webhooks/stripe", again_after_s=0)
    yield taker
    practice.do("set", hook="")
    taker.shutdown()
    serving.join()
    taker.server_close()


def taken(taker: Taker, practice: Practice) -> stripe.Event:
    body, signature = taker.taken.get(timeout=20)
    event: stripe.Event = stripe.Webhook.construct_event(body, signature, practice.secret)
    return event


def test_events_are_signed_as_stripe_signs_them(client: stripe.StripeClient, practice: Practice, taker: Taker) -> None:
    customer = client.v1.customers.create({})
    event = taken(taker, practice)
    assert (event.type, event.data.object["id"]) == ("customer.created", customer.id)
    assert client.v1.events.retrieve(event.id).type == event.type
    client.v1.customers.create({})
    body, signature = taker.taken.get(timeout=20)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body.replace(b"customer", b"somebody"), signature, practice.secret)


def test_an_event_that_is_not_taken_comes_again(client: stripe.StripeClient, practice: Practice, taker: Taker) -> None:
    taker.refuses = 2
    client.v1.customers.create({})
    event = taken(taker, practice)
    assert taker.refuses == 0
    until(lambda: client.v1.events.retrieve(event.id).pending_webhooks == 0)


def test_events_come_twice_or_never_or_the_last_first(
    client: stripe.StripeClient, practice: Practice, taker: Taker
) -> None:
    practice.control(duplicate=1)
    client.v1.customers.create({})
    assert taken(taker, practice).id == taken(taker, practice).id
    practice.control(drop=["customer.created"])
    lost = client.v1.customers.create({}).id
    practice.control(hold=True)
    two = [client.v1.customers.create({}).id for _each in range(2)]
    assert practice.do("release", order="reversed") == {"released": 2}
    assert {taken(taker, practice).data.object["id"] for _each in range(2)} == set(two)
    unheard = client.v1.events.list({"delivery_success": False, "type": "customer.created"}).data
    assert lost in [one.data.object["id"] for one in unheard]


def test_it_remembers_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as practice:
        session = opened(practice.client())
    with running(tmp_path, port=practice.port) as practice:
        assert practice.pay(session.id)["payment_status"] == "paid"


def test_nobody_asks_without_the_key(practice: Practice) -> None:
    stranger = stripe.StripeClient("sk_test_practice_other", base_addresses={"api": practice.api_base})
    with pytest.raises(stripe.AuthenticationError):
        opened(stranger)
