"""Who counts as us."""

from pathlib import Path
from typing import Any

import pytest

from portal_app.settings import Settings
from portal_app.web.cookies import cookie_name, is_visitor, new_visitor_secret, read_secret, set_cookie
from portal_app.web.next_path import check_in_path, for_check_in, sign_in_path
from portal_app.web.origins import accepted_origins, is_cross_site_write
from portal_app.web.request import client_address

OURS = frozenset({"https://portal.example"})


def _scope(method: str = "POST", client: str = "10.0.0.9", **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"method": method, "headers": pairs, "client": (client, 1)}


@pytest.mark.parametrize(
    ("headers", "is_refused"),
    [
        ({"origin": "https://portal.example"}, False),
        ({"origin": "https://portal.example", "sec_fetch_site": "same-origin"}, False),
        ({"sec_fetch_site": "same-origin"}, False),
        ({"origin": "https://portal.example.evil"}, True),
        ({"origin": "http://portal.example"}, True),
        ({"origin": "https://portal.example", "sec_fetch_site": "cross-site"}, True),
        ({"origin": "https://portal.example", "sec_fetch_site": "same-site"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({}, True),
    ],
)
def test_a_write_must_come_from_our_own_page(headers: dict[str, str], is_refused: bool) -> None:
    assert is_cross_site_write(_scope(**headers), OURS) is is_refused


def test_reading_is_free() -> None:
    assert not is_cross_site_write(_scope("GET", origin="https://evil.example"), OURS)


def test_production_has_one_origin_and_the_own_machine_two_names() -> None:
    serve = Settings(mode="serve", origin="https://portal.example/", data_dir=Path("x"))
    demo = Settings(mode="demo", port=4200, data_dir=Path("x"))

    assert accepted_origins(serve) == OURS
    assert accepted_origins(demo) == {"http://localhost:4200", "http://127.0.0.1:4200"}


def test_two_demos_do_not_share_a_cookie() -> None:
    assert cookie_name(Settings(port=4100)) != cookie_name(Settings(port=4200))
    assert cookie_name(Settings(origin="https://portal.example")) == "__Host-sala-443"


def test_a_secret_survives_the_cookie_and_nonsense_is_no_secret() -> None:
    secret = new_visitor_secret()

    assert is_visitor(secret)
    assert read_secret(f"other=1; {set_cookie(secret).split(';')[0]}") == secret
    for header in (None, "", ";;;", "a=b", f"x{cookie_name()}=y"):
        assert read_secret(header) == ""


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, "203.0.113.5", "10.0.0.9"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "made-up, 203.0.113.5", "203.0.113.5"),
        (2, "203.0.113.5, 10.0.0.8", "203.0.113.5"),
        (2, "203.0.113.5", "10.0.0.9"),
        (1, "", "10.0.0.9"),
    ],
)
def test_only_our_own_proxies_are_believed(hops: int, forwarded: str, address: str) -> None:
    assert client_address(_scope(x_forwarded_for=forwarded), hops) == address


def test_the_way_to_sign_in_keeps_language_and_place() -> None:
    assert sign_in_path("/es/book", "day=2&x=1") == "/es/sign-in?next=/es/book%3Fday%3D2%26x%3D1"
    assert sign_in_path("//evil.example/") == "/sign-in?next=/evil.example"
    assert sign_in_path("/", step_up=True) == "/sign-in?next=/&step-up=1"


@pytest.mark.parametrize("visit", ["", "//evil.example", "/check-in", "https://evil.example/1", "1"])
def test_the_way_back_to_check_in_is_made_of_a_visits_id_alone(visit: str) -> None:
    known = "7d1c1f0e-3f5b-4f65-8d6a-0c9d1f2e3a4b"
    assert check_in_path("ar", known) == f"/ar/check-in?id={known}"
    assert for_check_in("/es/insurance/add?id=1", known) == f"/es/insurance/add?id=1&visit={known}"
    assert check_in_path("en", visit) == ""
    assert for_check_in("/insurance", visit) == "/insurance"
