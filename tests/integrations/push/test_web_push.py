"""Notifications over a real HTTP conversation: a browser decrypts what arrives, and only push services are asked."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.push_services import is_push_service
from portal_app.features.notify.errors import PushAway, PushGone, PushRefused
from portal_app.features.notify.ports import OutgoingPush, PushTarget
from portal_app.features.notify.push_keys import PushKey, load_push_key
from portal_app.integrations.push import web_push
from portal_app.integrations.push.nobody import NoPushes
from portal_app.integrations.push.web_push import WebPushes
from portal_app.settings import Settings
from tests.integrations.push.service import Browser, PushService, claims


@pytest.fixture
def key(tmp_path: Path) -> PushKey:
    return PushKey.make(tmp_path / "push")


def a_push(browser: Browser, **changed: str) -> OutgoingPush:
    target = PushTarget(**({"endpoint": browser.endpoint} | browser.keys | changed))
    return OutgoingPush(
        "7d1c0f4e-2b57-4b6e-9a51-0f6f3f0f9f01", "appointment_reminder", target, "Riverside", "شيء جديد في بوابتكم",
        "/ar/appointments/1", "ar", "rtl", 3600, datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    )  # fmt: skip


def port_of(service: PushService, key: PushKey) -> WebPushes:
    return WebPushes(Settings(mode="test", push_services=service.origin, mail_from="Sala <portal@example.org>"), key)


async def test_the_browser_decrypts_what_was_sent_and_the_service_learns_nothing_of_it(key: PushKey) -> None:
    async with PushService().running() as service:
        browser = service.browser()
        await port_of(service, key).send(a_push(browser))
    ((path, headers, body),) = service.asked
    assert browser.endpoint.endswith(path)
    assert browser.decrypt(body) == {
        "id": "7d1c0f4e-2b57-4b6e-9a51-0f6f3f0f9f01", "title": "Riverside", "text": "شيء جديد في بوابتكم",
        "link": "/ar/appointments/1", "lang": "ar", "dir": "rtl",
    }  # fmt: skip
    assert b"Riverside" not in body
    assert (headers["content-encoding"], headers["ttl"]) == ("aes128gcm", "3600")
    assert headers["topic"] == "7d1c0f4e2b574b6e9a510f6f3f0f9f01"
    assert [name for name, value in headers.items() if "appointment" in value] == []


async def test_each_request_is_signed_by_the_key_that_the_browser_let_in(key: PushKey) -> None:
    async with PushService().running() as service:
        await port_of(service, key).send(a_push(service.browser()))
    said, public = claims(service.asked[0][1]["authorization"])
    assert (said["aud"], said["sub"], public) == ("http://127.0.0.1", "mailto:portal@example.org", key.public)
    assert 0 < said["exp"] - clock.now().timestamp() <= 24 * 3600


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, PushGone), (410, PushGone), (400, PushRefused), (413, PushRefused), (301, PushAway), (403, PushAway),
     (429, PushAway), (500, PushAway), (503, PushAway)],
)  # fmt: skip
async def test_gone_never_and_later_are_told_apart(status: int, error: type[Exception], key: PushKey) -> None:
    async with PushService(status).running() as service:
        with pytest.raises(error):
            await port_of(service, key).send(a_push(service.browser()))
    assert len(service.asked) == 1


async def test_keys_that_open_nothing_are_a_browser_that_is_gone(key: PushKey) -> None:
    async with PushService().running() as service:
        with pytest.raises(PushGone):
            await port_of(service, key).send(a_push(service.browser(), p256dh="BAAA"))
    assert service.asked == []


async def test_a_service_that_is_away_or_not_listed_is_not_asked(key: PushKey) -> None:
    async with PushService().running() as service:
        browser, port = service.browser(), port_of(service, key)
        with pytest.raises(PushRefused):
            await WebPushes(Settings(mode="test"), key).send(a_push(browser))
    assert service.asked == []
    with pytest.raises(PushAway):
        await port.send(a_push(browser))


@pytest.mark.parametrize("number", ["10.0.0.7", "169.254.169.254", "fd00::1", "127.0.0.1", "::ffff:192.168.1.1"])
async def test_a_listed_name_that_stands_for_a_private_address_is_not_asked(
    number: str, key: PushKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(*_given: Any, **_more: Any) -> Sequence[Any]:
        return [(0, 0, 0, "", ("142.250.1.1", 443)), (0, 0, 0, "", (number, 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    with pytest.raises(PushAway, match="public"):
        await web_push._public_address(httpx.URL("https://fcm.googleapis.com/fcm/send/x"))


@pytest.mark.parametrize(
    ("endpoint", "is_one"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://web.push.apple.com/QAbc", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=B", True),
        ("https://fcm.googleapis.com:443/fcm/send/abc", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/fcm/send/abc", False),
        ("https://fcm.googleapis.com.evil.example/fcm/send/abc", False),
        ("https://evilpush.apple.com.example/x", False),
        ("https://push.apple.com@evil.example/x", False),
        ("https://someone@web.push.apple.com/x", False),
        ("https://web.push.apple.com\\@evil.example/x", False),
        ("https://127.0.0.1/x", False),
        ("http://127.0.0.1:9999/x", False),
        ("https://[::1]/x", False),
        ("https://169.254.169.254/latest", False),
        ("https://web.push.apple.com/" + "x" * 1000, False),
        ("https://web.push.apple.com", False),
        ("https://web.push.apple.com:99999/x", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_only_the_known_services_are_addresses_to_send_to(endpoint: str, is_one: bool) -> None:
    assert is_push_service(endpoint, Settings(mode="test").push_services.split()) is is_one


def test_without_a_key_nobody_is_offered_notifications(tmp_path: Path) -> None:
    settings = Settings(mode="serve", data_dir=tmp_path)
    assert load_push_key(settings) is None
    assert isinstance(wiring.pushes(settings), NoPushes)
    PushKey.make(settings.push_key_path)
    assert isinstance(wiring.pushes(settings), WebPushes)
