"""The stand-in for Stripe, running for a test, and a hand on its controls."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import stripe

from portal_app.integrations.stripe.sandbox import process
from portal_app.integrations.stripe.sandbox.process import Setup
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings

KEY, SECRET = "sk_test_practice_of_a_test", "whsec_practice_of_a_test"
WORKS, DECLINED, POOR = "4242424242424242", "4000000000000002", "4000000000009995"
ASKS, ASKS_ALWAYS, LATER_DECLINED = "4000002500003155", "4000002760003184", "4000000000000341"
DISPUTED, REFUND_FAILS = "4000000000000259", "4000000000005126"
DEBIT, DEBIT_FAILS = "000123456789", "000111111116"


@dataclass(frozen=True)
class Practice:
    """A stand-in that runs."""

    port: int
    key: str = KEY
    secret: str = SECRET

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **more: Any) -> stripe.StripeClient:
        """Return the real client of Stripe's, speaking with the stand-in; it sends nothing a second time by itself."""
        more = {"max_network_retries": 0, "http_client": stripe.RequestsClient(timeout=5), **more}
        return stripe.StripeClient(self.key, base_addresses={"api": self.api_base}, **more)

    def settings(self, settings: Settings) -> Settings:
        """Return settings with which a portal speaks with it."""
        given = {"stripe_key": self.key, "stripe_webhook_secrets": self.secret, "stripe_api_base": self.api_base}
        return Settings(**(settings.model_dump() | given))

    def do(self, control: str, **given: Any) -> Any:
        """Use a control: see control.py."""
        headers = {"authorization": f"Bearer {self.key}"}
        answer = httpx.post(f"{self.api_base}/control/{control}", json=given, headers=headers, timeout=20)
        assert answer.is_success, answer.text
        return answer.json()

    def control(self, **faults: Any) -> None:
        """Say what goes wrong from now on; nothing said, all is well."""
        self.do("faults", **faults)

    def pay(self, session_id: str, card: str = WORKS, *, approved: bool | None = None) -> Any:
        """Pay as somebody on the pay page would, and answer the bank where it asks."""
        told = {} if approved is None else {"approved": approved}
        return self.do("pay", session=session_id, card=card, **told)

    def events(self) -> list[dict[str, Any]]:
        """Return every event, the oldest first."""
        found: list[dict[str, Any]] = self.do("told")["events"]
        return found


@contextmanager
def running(folder: Path, deliver_to: str | None = None, pages: str = "", port: int = 0) -> Iterator[Practice]:
    """Run a stand-in that remembers in `folder`, delivers events there, and has people pay under `pages`."""
    practice = Practice(port or unused_port())
    pages = pages or f"{practice.api_base}/pages"
    setup = Setup(folder, practice.port, practice.key, practice.secret, deliver_to or "", pages)
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=_run, args=(loop, setup, stop), name="practice-stripe")
    thread.start()
    try:
        _wait_for(practice)
        yield practice
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=20)


def _run(loop: asyncio.AbstractEventLoop, setup: Setup, stop: asyncio.Event) -> None:
    asyncio.set_event_loop(loop)
    loop.run_until_complete(process.serve(setup, stop))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def _wait_for(practice: Practice) -> None:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        try:
            httpx.get(f"{practice.api_base}/healthz")
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the stand-in does not answer")
