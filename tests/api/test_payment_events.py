"""What comes to the webhook: kept if the processor signed these very bytes just now, and nothing written else."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from pydantic import SecretStr
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import payment_events
from portal_app.core import db
from portal_app.core.db import Database
from portal_app.core.errors import DatabaseAway
from portal_app.features.payments import events
from portal_app.features.payments import service as payments
from portal_app.integrations.stripe.client import StripePayments
from portal_app.settings import Settings
from portal_app.web.answers import error_answers
from portal_app.web.documents import Documents
from portal_app.web.gate import Gate
from portal_app.web.limits import MAX_BODY_BYTES

wiring.load_features("policies")
OLD, NEW = "whsec_older", "whsec_newer"


def event(**changed: Any) -> dict[str, Any]:
    about = {"id": "cs_test_1", "amount_total": 5_000, "currency": "usd", "client_reference_id": "x",
             "customer_details": {"email": "maria@example.test", "name": "Maria"}}  # fmt: skip
    return {
        "id": "evt_1", "object": "event", "type": "checkout.session.completed", "created": int(time.time()),
        "livemode": False, "data": {"object": about},
    } | changed  # fmt: skip


@pytest.fixture
async def webhook(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    db.use(database)
    known = Settings(stripe_key=SecretStr("sk_test_x"), stripe_webhook_secrets=SecretStr(f"{NEW}, {OLD}"))
    payments.use_processor(StripePayments(known))
    app = Starlette(routes=payment_events.routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://localhost") as client:
        yield client
    payments.use_processor(None)
    db.use(None)


async def send(webhook: httpx.AsyncClient, body: str, signature: str | None) -> int:
    headers = {} if signature is None else {"stripe-signature": signature}
    return (await webhook.post(payment_events.PATH, content=body, headers=headers)).status_code


def signed(body: str, secret: str = NEW, at: int | None = None) -> str:
    header: str = stripe.WebhookSignature.generate_signature_header(body, secret, at)
    return header


async def rows(database: Database) -> tuple[int, int]:
    async with database.act_as_system("test") as tx:
        jobs = "select count(*) from procrastinate_jobs where task_name = 'payments.handle_events'"
        return await tx.scalar("select count(*) from processor_event"), await tx.scalar(jobs)


@pytest.mark.parametrize("secret", [NEW, OLD])
async def test_what_either_secret_signed_is_kept_once_with_its_job_and_without_a_name(
    webhook: httpx.AsyncClient, database: Database, secret: str
) -> None:
    body = json.dumps(event())
    assert [await send(webhook, body, signed(body, secret)) for _ in range(2)] == [200, 200]
    assert await rows(database) == (1, 1)
    async with database.act_as_system("test") as tx:
        kept = str(await tx.one("select * from processor_event"))
    assert "maria" not in kept.lower()


async def test_what_is_forged_changed_old_or_nothing_is_refused_and_not_written(
    webhook: httpx.AsyncClient, database: Database
) -> None:
    body = json.dumps(event())
    tried = [
        (body, None), (body, ""), (body, "t=1,v1=00"), (body, signed(body, "whsec_other")),
        (body.replace("5000", "5001"), signed(body)), (json.dumps(json.loads(body), indent=1), signed(body)),
        (body, signed(body, at=int(time.time()) - 301)), (body, signed(body).replace("v1=", "v0=")),
        ("\udc80", signed(body)), *((bad, signed(bad)) for bad in ("", "[]", "{}", "nothing", '{"id": "evt_2"}')),
    ]  # fmt: skip
    assert {await send(webhook, one.encode(errors="surrogateescape").decode("latin-1"), by) for one, by in tried} == {
        400
    }
    assert await rows(database) == (0, 0)


async def test_what_is_too_long_is_refused_unread_though_it_is_signed(
    database: Database, webhook: httpx.AsyncClient, tmp_path: Path
) -> None:
    gate = Gate(
        Starlette(routes=payment_events.routes, exception_handlers=dict(error_answers)),
        settings=Settings(mode="test"), documents=Documents([], {}), static_root=tmp_path,
        routes=payment_events.routes, database=lambda: database,
    )  # fmt: skip
    fits, too_long = (json.dumps(event(padding="x" * size)) for size in (1, payment_events.MAX_BODY_BYTES))
    transport = httpx.ASGITransport(gate, client=("192.0.2.7", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4100") as browser:
        assert await send(browser, too_long, signed(too_long)) == 413
        assert await rows(database) == (0, 0)
        assert await send(browser, fits, signed(fits)) == 200


async def test_an_event_of_a_kind_that_is_not_known_is_taken(webhook: httpx.AsyncClient, database: Database) -> None:
    body = json.dumps(event(type="made.up", data={"object": {}}))
    assert await send(webhook, body, signed(body)) == 200
    assert await rows(database) == (1, 1)


async def test_what_cannot_be_kept_whole_is_not_answered_and_comes_again(
    webhook: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise DatabaseAway

    body = json.dumps(event())
    with monkeypatch.context() as broken:
        broken.setattr(events, "enqueue", fail)  # the event is written, its job is not
        with pytest.raises(DatabaseAway):
            await send(webhook, body, signed(body))
    assert await rows(database) == (0, 0)
    assert await send(webhook, body, signed(body)) == 200
    assert await rows(database) == (1, 1)


def test_longer_events_than_forms_are_let_in_and_no_page_of_ours_sends_them() -> None:
    (route,) = payment_events.routes
    assert (route.from_servers, route.max_body_bytes > MAX_BODY_BYTES) == (True, True)
