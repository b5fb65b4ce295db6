"""The practice's account with Stripe: movements, payouts, disputes."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import stripe

from portal_app.features.reconciling.ports import AccountAway, Dispute, Movement, Payout
from portal_app.settings import Settings

_TIMEOUT_S: Final = 20
_ENDED: Final[Mapping[str, Any]] = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "won"}

T = TypeVar("T")


class StripeAccount:
    """Ask Stripe. Implements reconciling's AccountPort."""

    def __init__(self, settings: Settings) -> None:
        """Read the key; nothing connects until something is asked."""
        self._client = stripe.StripeClient(
            settings.stripe_key.get_secret_value().strip() if settings.stripe_key else "",
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=_TIMEOUT_S),
            base_addresses={"api": settings.stripe_api_base} if settings.stripe_api_base else {},
        )

    async def movements_since(self, moment: datetime) -> Sequence[Movement]:
        """Return the balance transactions since then, the oldest first."""
        return await _asked(self._movements, {"created": _since(moment)})

    async def movements_of(self, payout_id: str) -> Sequence[Movement]:
        """Return a payout's balance transactions, without its own (docs.stripe.com/payouts/reconciliation)."""
        found = await _asked(self._movements, {"payout": payout_id})
        return [one for one in found if one.kind != "payout"]

    async def payouts_since(self, moment: datetime) -> Sequence[Payout]:
        """Return the payouts since then, the oldest first."""
        return await _asked(self._payouts, {"created": _since(moment), "limit": 100})

    async def balances(self) -> Mapping[str, int]:
        """Return what is available or on its way to be."""
        told: Any = await _asked(self._client.v1.balance.retrieve)
        sums: Counter[str] = Counter()
        for one in [*told.available, *told.pending]:
            sums[one.currency.upper()] += one.amount
        return sums

    async def dispute(self, dispute_id: str) -> Dispute:
        """Return how a dispute stands now."""
        return _dispute((await _asked(self._client.v1.disputes.retrieve, dispute_id)).to_dict())

    def _movements(self, wanted: Any) -> list[Movement]:
        params: Any = {**wanted, "limit": 100, "expand": ["data.source"]}
        pages = self._client.v1.balance_transactions.list(params).auto_paging_iter()
        return [_movement(one.to_dict()) for one in pages][::-1]

    def _payouts(self, params: Any) -> list[Payout]:
        pages = self._client.v1.payouts.list(params).auto_paging_iter()
        return [_payout(one.to_dict()) for one in pages][::-1]


def _since(moment: datetime) -> dict[str, int]:
    return {"gte": int(moment.timestamp())}


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _movement(told: dict[str, Any]) -> Movement:
    source = told.get("source") or {}
    source = source if isinstance(source, dict) else {"id": source}
    intent = source.get("payment_intent") or ""
    return Movement(
        told["id"], told["type"], source.get("id") or "", intent if isinstance(intent, str) else intent["id"],
        told["amount"], told["fee"], told["currency"].upper(), _moment(told["created"]),
    )  # fmt: skip


def _payout(told: dict[str, Any]) -> Payout:
    arrives = _moment(told["arrival_date"])
    return Payout(told["id"], told["amount"], told["currency"].upper(), told["status"], arrives)


def _dispute(told: dict[str, Any]) -> Dispute:
    due = (told.get("evidence_details") or {}).get("due_by")
    return Dispute(
        told["id"], told.get("payment_intent") or "", told["amount"], told["currency"].upper(),
        _ENDED.get(told["status"], "open"), _moment(told["created"]), _moment(due) if due else None,
    )  # fmt: skip


async def _asked(ask: Callable[..., T], *about: Any) -> T:
    """Ask in a thread: Stripe's client goes through pages one after another. Raises AccountAway."""
    try:
        return await asyncio.to_thread(ask, *about)
    except stripe.StripeError as error:
        raise AccountAway(type(error).__name__) from error
