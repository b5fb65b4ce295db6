"""Text messages over a real HTTP conversation."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from portal_app import wiring
from portal_app.features.notify.errors import TextAway, TextRefused
from portal_app.features.notify.ports import OutgoingText
from portal_app.integrations.sms import webhook
from portal_app.integrations.sms.nobody import NoTexts
from portal_app.integrations.sms.webhook import WebhookTexts
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from tests.integrations.sms.gateway import DRIPPING, SECRET, SILENT, Gateway, is_signed


def a_text(key: str = "7d1c") -> OutgoingText:
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    return OutgoingText(key, "appointment_reminder", "+17185550142", "Su cita: mañana — 9:20", "es", at)


async def send(gateway: Gateway, message: OutgoingText | None = None) -> None:
    async with gateway.running():
        await WebhookTexts(gateway.settings()).send(message or a_text())


async def test_a_text_arrives_signed_and_with_its_id() -> None:
    gateway = Gateway(202)
    await send(gateway)
    ((headers, body),) = gateway.asked
    assert is_signed(headers, body)
    assert not is_signed(headers, body.replace(b"0142", b"0143"))
    assert (headers["idempotency-key"], headers["webhook-id"]) == ("7d1c", "7d1c")
    assert gateway.sent["7d1c"] == {
        "id": "7d1c", "to": "+17185550142", "from": "Sala", "text": "Su cita: mañana — 9:20", "language": "es",
        "sent_at": "2026-11-20T09:30:00+00:00",
    }  # fmt: skip


@pytest.mark.parametrize("status", [400, 410, 422])
async def test_what_the_gateway_will_never_take_is_told_from_what_may_pass(status: int) -> None:
    with pytest.raises(TextRefused) as refused:
        await send(Gateway(status))
    assert refused.value.reason == f"http_{status}"


@pytest.mark.parametrize("status", [301, 307, 401, 403, 404, 408, 429, 500, 502, 503])
async def test_what_may_pass_asks_for_another_try_and_no_redirect_is_followed(status: int) -> None:
    gateway = Gateway(status)
    with pytest.raises(TextAway):
        await send(gateway)
    assert len(gateway.asked) == 1


@pytest.mark.parametrize("manner", [SILENT, DRIPPING])
async def test_a_gateway_that_never_ends_its_answer_is_given_up(manner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.5)
    with pytest.raises(TextAway):
        await send(Gateway(manner))


async def test_no_gateway_asks_for_another_try() -> None:
    nobody = Gateway(200)
    nobody.port = unused_port()
    with pytest.raises(TextAway):
        await WebhookTexts(nobody.settings()).send(a_text())


@pytest.mark.parametrize(
    "broken",
    [{"sms_url": "http://sms.example.org/"}, {"sms_secret": None}, {"sms_secret": SecretStr("c2hvcnQ=")},
     {"sms_secret": SecretStr("not base64 at all, but long enough")}],
)  # fmt: skip
def test_a_gateway_without_https_or_a_good_secret_is_not_started_with(broken: dict[str, Any]) -> None:
    whole: dict[str, Any] = {"sms_url": "https://sms.example.org/", "sms_secret": SecretStr(SECRET)}
    assert isinstance(wiring.texts(Settings(mode="serve", **whole)), WebhookTexts)
    with pytest.raises(SystemExit, match="PORTAL_SMS"):
        wiring.texts(Settings(mode="serve", **(whole | broken)))


async def test_without_a_gateway_a_text_is_refused_at_once() -> None:
    texts = wiring.texts(Settings(mode="serve"))
    assert isinstance(texts, NoTexts)
    with pytest.raises(TextRefused):
        await texts.send(a_text())
