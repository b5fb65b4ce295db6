"""The pay page of the stand-in, at the demo's own address."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.api import practice_payments
from portal_app.settings import Settings
from portal_app.web.answers import error_answers
from tests.practice_stripe import ASKS, DECLINED, WORKS, Practice, running

ORIGIN = "http://localhost:4100"


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with running(tmp_path_factory.mktemp("practice"), pages=f"{ORIGIN}/practice-payments") as practice:
        yield practice


@pytest.fixture
def page(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> httpx.AsyncClient:
    settings = practice.settings(Settings(mode="demo", port=4100, origin=""))
    monkeypatch.setattr(practice_payments, "get_settings", lambda: settings)
    app = Starlette(routes=practice_payments.demo_routes, exception_handlers=error_answers)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN)


def opened(practice: Practice, language: str = "") -> str:
    """Return the address of a session that somebody came to from our pages in a language."""
    price = {"currency": "usd", "unit_amount": 4500, "product_data": {"name": "Account balance"}}
    wanted: Any = {
        "mode": "payment", "success_url": f"{ORIGIN}{language}/bills/paid?session={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{ORIGIN}{language}/bills", "line_items": [{"quantity": 1, "price_data": price}],
    }  # fmt: skip
    return str(practice.client().v1.checkout.sessions.create(wanted).url)


@pytest.mark.parametrize(
    ("language", "words"),
    [("", "This is practice money"), ("/es", "Es dinero de práctica"), ("/ar", "هذا مال للتجربة")],
)
async def test_it_says_in_the_readers_language_that_no_money_moves(
    practice: Practice, page: httpx.AsyncClient, language: str, words: str
) -> None:
    shown = await page.get(opened(practice, language))
    assert words in shown.text
    assert "45" in shown.text
    assert "<script" not in shown.text


async def test_who_has_paid_is_led_back(practice: Practice, page: httpx.AsyncClient) -> None:
    address = opened(practice, "/es")
    paid = await page.post(address, data={"card": WORKS})
    assert (paid.status_code, paid.headers["location"]) == (303, f"/es/bills/paid?session={address.rpartition('/')[2]}")
    assert "pagado" in (await page.get(address)).text


async def test_who_is_declined_is_told_and_may_choose_another(practice: Practice, page: httpx.AsyncClient) -> None:
    declined = await page.post(opened(practice), data={"card": DECLINED})
    assert "The bank declined this card" in declined.text
    assert "Pay with the card that works" in declined.text


async def test_the_bank_asks_who_one_is(practice: Practice, page: httpx.AsyncClient) -> None:
    address = opened(practice)
    assert "Your bank asks" in (await page.post(address, data={"card": ASKS})).text
    assert "not you" in (await page.post(address, data={"bank": "no"})).text
    await page.post(address, data={"card": ASKS})
    assert (await page.post(address, data={"bank": "yes"})).status_code == 303


@pytest.mark.parametrize("session", ["cs_test_0000", "..", "cs_test_0000%2F.."])
async def test_there_is_no_page_of_no_session(page: httpx.AsyncClient, session: str) -> None:
    assert (await page.get(f"/practice-payments/pay/{session}")).status_code == 404


async def test_a_stand_in_that_is_away_is_said_to_be(
    page: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    away = Practice(1).settings(Settings(data_dir=tmp_path))
    monkeypatch.setattr(practice_payments, "get_settings", lambda: away)
    assert (await page.get("/practice-payments/pay/cs_test_0000")).status_code == 503
