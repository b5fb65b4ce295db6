"""Take payments with Stripe: its hosted page, and charges of what somebody keeps there. Nothing of health leaves.

One client with its retries set: `StripeClient` has none of its own accord, whatever the module's default says. Every
write carries an idempotency key of ours, made of the id of the row that wanted it.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar
from uuid import UUID

import stripe

from portal_app.features.payments.errors import ChargeDeclined, EventRefused, ProcessorAway, ProcessorRefused
from portal_app.features.payments.ports import (
    Event,
    Facts,
    KeptMethod,
    RefundFacts,
    WantedCharge,
    WantedRefund,
    WantedSession,
)
from portal_app.integrations.stripe.reading import (
    decline_of,
    event_of,
    facts_of_intent,
    facts_of_refund,
    facts_of_session,
    method_of,
)
from portal_app.settings import Settings

SAID: Final = "Account balance"
"""All that a payment is called there."""
TOLERANCE_S: Final = 300
TIMEOUT_S: Final = (5.0, 20.0)
"""To be reached, and to answer."""
EVENTS_MOST: Final = 500
STANDIN_KEY: Final = "sk_test_practice"
"""How the key of the stand-in begins, which no key of Stripe's does."""
_LOCALES: Final[Mapping[str, Any]] = {"en": "en", "es": "es"}
_AWAY: Final = (stripe.APIConnectionError, stripe.RateLimitError)

T = TypeVar("T")
stripe.enable_telemetry = False  # how long earlier requests took is nobody's business


class StripePayments:
    """Ask Stripe. Implements payments' PaymentPort.

    Raises:
        SystemExit: if the key cannot be one.
    """

    def __init__(self, settings: Settings) -> None:
        """Read the keys; nothing connects until something is asked."""
        self._key = settings.stripe_key.get_secret_value().strip() if settings.stripe_key else ""
        if not self._key.startswith(("sk_", "rk_")):
            raise SystemExit("PORTAL_STRIPE_KEY must begin with sk_ or rk_.")
        given = settings.stripe_webhook_secrets.get_secret_value() if settings.stripe_webhook_secrets else ""
        self._secrets = tuple(one.strip() for one in given.split(",") if one.strip())
        self._base = settings.stripe_api_base
        self._made: stripe.StripeClient | None = None

    @property
    def is_live(self) -> bool:
        """Tell whether real money moves."""
        return "_live_" in self._key

    @property
    def is_standin(self) -> bool:
        """Tell whether this is the stand-in."""
        return self._key.startswith(STANDIN_KEY)

    @property
    def _client(self) -> stripe.StripeClient:
        if self._made is None:
            self._made = stripe.StripeClient(
                self._key,
                max_network_retries=2,
                http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
                base_addresses={"api": self._base} if self._base else {},
            )
        return self._made

    async def open_session(self, wanted: WantedSession) -> Facts:
        """Open a Checkout Session, once for an attempt."""
        attempt = {"attempt": str(wanted.attempt_id)}
        params: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": str(wanted.attempt_id),
            "metadata": attempt,
            "line_items": [{
                "quantity": 1,
                "price_data": {
                    "currency": wanted.currency.lower(), "unit_amount": wanted.amount,
                    "product_data": {"name": SAID},
                },
            }],
            "payment_intent_data": {"metadata": attempt, "description": SAID},
            "success_url": wanted.back_to,
            "cancel_url": wanted.back_to,
            "expires_at": int(wanted.expires_at.timestamp()),
            "locale": _LOCALES.get(wanted.locale, "auto"),
            "adaptive_pricing": {"enabled": False},
            "expand": ["payment_intent"],
        }  # fmt: skip
        if wanted.customer_id:
            params["customer"] = wanted.customer_id
            params["saved_payment_method_options"] = {"allow_redisplay_filters": ["always", "limited"]}
        if wanted.keeps_method:
            params["payment_intent_data"]["setup_future_usage"] = "off_session"
        options: Any = {"idempotency_key": f"session-{wanted.attempt_id}"}
        made = self._client.v1.checkout.sessions.create
        return facts_of_session(await _told(made, params, options))

    async def session(self, session_id: str) -> Facts:
        """Return how the attempt of a session stands."""
        ask = self._client.v1.checkout.sessions.retrieve
        return facts_of_session(await _told(ask, session_id, {"expand": ["payment_intent"]}))

    async def close_session(self, session_id: str) -> Facts:
        """Expire a session; one that is not open any more stays as it is."""
        with suppress(ProcessorRefused):  # completed or expired meanwhile: what it says now is asked below
            await _asked(self._client.v1.checkout.sessions.expire, session_id)
        return await self.session(session_id)

    async def intent(self, intent_id: str) -> Facts:
        """Return how a charge stands."""
        return facts_of_intent(await _told(self._client.v1.payment_intents.retrieve, intent_id))

    async def charge_kept(self, wanted: WantedCharge) -> Facts:
        """Charge a kept method off-session, once for an attempt."""
        params: Any = {
            "amount": wanted.amount, "currency": wanted.currency.lower(), "customer": wanted.customer_id,
            "payment_method": wanted.method_id, "off_session": True, "confirm": True, "description": SAID,
            "metadata": {"attempt": str(wanted.attempt_id)},
        }  # fmt: skip
        options: Any = {"idempotency_key": f"charge-{wanted.attempt_id}"}
        try:
            made = await _told(self._client.v1.payment_intents.create, params, options)
        except stripe.CardError as error:
            intent: Any = error.error.payment_intent if error.error else None
            reason = decline_of(str((error.error and error.error.decline_code) or error.code or "declined"))
            raise ChargeDeclined(reason, str(intent["id"]) if intent else "") from error
        return facts_of_intent(made)

    async def pay_back(self, wanted: WantedRefund) -> RefundFacts:
        """Refund a part of a payment, once for a refund."""
        params: Any = {
            "payment_intent": wanted.intent_id, "amount": wanted.amount,
            "metadata": {"refund": str(wanted.refund_id)},
        }  # fmt: skip
        options: Any = {"idempotency_key": f"refund-{wanted.refund_id}"}
        return facts_of_refund(await _told(self._client.v1.refunds.create, params, options))

    async def refund(self, refund_id: str) -> RefundFacts:
        """Return how a refund stands."""
        return facts_of_refund(await _told(self._client.v1.refunds.retrieve, refund_id))

    async def refund_of(self, intent_id: str, our_id: UUID) -> RefundFacts | None:
        """Look for a refund of ours among those of a payment; a hundred of the newest at most."""
        params: Any = {"payment_intent": intent_id, "limit": 100}
        listed: Any = await _asked(self._client.v1.refunds.list, params)
        found = (facts_of_refund(one.to_dict()) for one in listed.data)
        return next((one for one in found if one.our_id == str(our_id)), None)

    async def open_customer(self, our_id: UUID) -> str:
        """Make a customer without a name, once for a row of ours."""
        options: Any = {"idempotency_key": f"customer-{our_id}"}
        made = await _asked(self._client.v1.customers.create, {"metadata": {"payer": str(our_id)}}, options)
        return made.id

    async def kept_methods(self, customer_id: str) -> Sequence[KeptMethod]:
        """Return what is kept for a customer."""
        found: Any = await _asked(self._client.v1.customers.payment_methods.list, customer_id)
        return [method_of(one.to_dict()) for one in found.data]

    async def forget_method(self, method_id: str) -> None:
        """Detach a method; it cannot be used again."""
        await _asked(self._client.v1.payment_methods.detach, method_id)

    async def events_since(self, moment: datetime) -> Sequence[Event]:
        """Return the events since a moment, the oldest first; five hundred of the newest at most."""
        params: Any = {"created": {"gte": int(moment.timestamp())}, "limit": 100}
        return await _asked(self._listed, params)

    def _listed(self, params: Any) -> list[Event]:
        pages = self._client.v1.events.list(params).auto_paging_iter()
        return [event_of(one.to_dict()) for one in islice(pages, EVENTS_MOST)][::-1]

    def read_event(self, body: bytes, signature: str) -> Event:
        """Return the event in a delivery that one of the secrets signed in the last five minutes."""
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_S)
            except (stripe.SignatureVerificationError, UnicodeError):
                continue
            try:
                return event_of(json.loads(body))
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
                raise EventRefused("unreadable") from error
        raise EventRefused("signature")


async def _told(ask: Callable[..., stripe.StripeObject], *about: Any) -> Mapping[str, Any]:
    """Ask and return what the answer says."""
    return (await _asked(ask, *about)).to_dict()


async def _asked(ask: Callable[..., T], *about: Any) -> T:
    """Ask in a thread; what can pass is ProcessorAway, what was understood and not taken ProcessorRefused."""
    try:
        return await asyncio.to_thread(ask, *about)
    except stripe.CardError:
        raise
    except _AWAY as error:
        raise ProcessorAway(type(error).__name__) from error
    except (stripe.InvalidRequestError, stripe.AuthenticationError, stripe.PermissionError) as error:
        raise ProcessorRefused(f"{type(error).__name__} {error.code or ''}".strip()) from error
    except stripe.StripeError as error:
        raise ProcessorAway(f"{type(error).__name__} {error.http_status or ''}".strip()) from error
