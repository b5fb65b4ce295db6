"""Events on their way: signed as Stripe signs them, and sent again until they are taken."""

import asyncio
import contextlib
import json
import time
from typing import Final

import httpx
import structlog
from stripe import WebhookSignature

from portal_app.integrations.stripe.sandbox.events import FAULTS, HOOK
from portal_app.integrations.stripe.sandbox.passing import pass_time
from portal_app.integrations.stripe.sandbox.store import Store, Thing, told

_AGAIN_AFTER_S: Final = (1.0, 5.0, 30.0, 300.0, 1800.0, 3600.0)
_GIVEN_UP_S: Final = 3 * 86400
_AT_ONCE: Final = 20
_LOOKS_EVERY_S: Final = 0.5

log = structlog.get_logger(__name__)


class Postman:
    """Delivers what is due, one round after another."""

    def __init__(self, store: Store, secret: str, certificate: str | None = None) -> None:
        self._store = store
        self._secret = secret
        self._verify = certificate or True
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with httpx.AsyncClient(verify=self._verify, timeout=20, trust_env=False) as client:
            while True:
                self.wake.clear()
                await asyncio.to_thread(pass_time, self._store)
                await self.round(client)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.wake.wait(), _LOOKS_EVERY_S)

    async def round(self, client: httpx.AsyncClient) -> None:
        """Deliver what is due now, all at once, as Stripe does: in no order."""
        due = await asyncio.to_thread(self._due)
        for start in range(0, len(due), _AT_ONCE):
            await asyncio.gather(*(self._deliver(client, *one) for one in due[start : start + _AT_ONCE]))

    def _due(self) -> list[tuple[int, str, Thing, int]]:
        """Return what is due: its number, where it goes, the event, and how often it was tried."""
        with self._store.work() as work:
            hook, faults = work.setting(HOOK), work.setting(FAULTS, {})
            order = "desc" if faults.get("reorder") else "asc"
            rows = work.sql.execute(
                f"select seq, event_id, tries from delivery where state = 'waiting' and due_at <= ? "  # noqa: S608
                f"order by seq {order} limit 200",
                (work.clock(),),
            ).fetchall()
            return [(seq, hook, work.get("event", event_id), tries) for seq, event_id, tries in rows if hook]

    async def _deliver(self, client: httpx.AsyncClient, seq: int, hook: str, event: Thing, tries: int) -> None:
        payload = json.dumps(told(event), indent=2)
        signature = WebhookSignature.generate_signature_header(payload, self._secret, int(time.time()))
        headers = {"content-type": "application/json; charset=utf-8", "stripe-signature": signature}
        try:
            answer = await client.post(hook, content=payload.encode(), headers=headers)
            is_taken = answer.is_success
        except httpx.HTTPError as problem:
            log.info("practice_event_not_delivered", problem=type(problem).__name__)
            is_taken = False
        await asyncio.to_thread(self._note, seq, event["id"], tries + 1, is_taken=is_taken)

    def _note(self, seq: int, event_id: str, tries: int, *, is_taken: bool) -> None:
        with self._store.work() as work:
            if is_taken:
                work.sql.execute("update delivery set state = 'taken', tries = ? where seq = ?", (tries, seq))
                event = work.find("event", event_id)
                if event:
                    work.put(event, pending_webhooks=0)
                return
            wait_s = _AGAIN_AFTER_S[min(tries, len(_AGAIN_AFTER_S)) - 1]
            event = work.get("event", event_id)
            state = "given up" if work.now - event["created"] > _GIVEN_UP_S else "waiting"
            changed = (state, tries, work.clock() + float(work.setting("again_after_s", wait_s)), seq)
            work.sql.execute("update delivery set state = ?, tries = ?, due_at = ? where seq = ?", changed)
