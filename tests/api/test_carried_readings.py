"""POST /vitals/carried/readings, as a device with a line again sends it, and as attackers do."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from portal_app.core import clock
from tests.api.measuring import browser, headers, home
from tests.factories import Someone, open_practice
from tests.features.vitals.conftest import AtHome

__all__ = ["browser", "home"]
ADDRESS = "/vitals/carried/readings"


def waiting(someone: Someone, **more: Any) -> dict[str, Any]:
    reading = {
        "key": str(uuid4()), "measure": "oxygen", "said": {"value": "88"}, "at": clock.now().isoformat(),
        "isConfirmed": False,
    }  # fmt: skip
    return {"chart": str(someone.patient_id), "reading": reading | more}


async def test_a_reading_that_waited_is_in_once_however_often_it_is_sent(
    browser: httpx.AsyncClient, home: AtHome
) -> None:
    body = waiting(home.patient)
    for _ in range(3):
        answer = await browser.post(ADDRESS, json=body, headers=headers(home.patient))
        assert answer.json() == {"outcome": "kept", "severity": "urgent", "reason": ""}
    assert await home.alerts() == [("vitals.oxygen", "urgent", 1)]


async def test_a_reading_of_one_chart_is_never_kept_in_another(browser: httpx.AsyncClient, home: AtHome) -> None:
    other = await home.clinic.sign_in_again(await home.clinic.patient("Sam"), assurance=2)
    answer = await browser.post(ADDRESS, json=waiting(home.patient), headers=headers(other))
    assert answer.status_code == 404
    assert await home.kept("oxygen") == []


async def test_a_key_of_another_chart_is_turned_down_for_good(browser: httpx.AsyncClient, home: AtHome) -> None:
    other = await home.clinic.sign_in_again(await home.clinic.patient("Sam"), assurance=2)
    body = waiting(home.patient)
    await browser.post(ADDRESS, json=body, headers=headers(home.patient))
    body["chart"] = str(other.patient_id)
    answer = await browser.post(ADDRESS, json=body, headers=headers(other))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "refused")


async def test_whoever_has_not_proved_enough_is_led_to_it_and_nothing_is_kept(
    browser: httpx.AsyncClient, home: AtHome
) -> None:
    code_alone = await home.clinic.sign_in_again(home.patient, assurance=1)
    answer = await browser.post(ADDRESS, json=waiting(home.patient), headers=headers(code_alone))
    assert (answer.status_code, "/vitals/log" in answer.json()["leave"]) == (401, True)


@pytest.mark.parametrize(
    "wrong",
    [{"key": "x"}, {"measure": "soul"}, {"said": "88"}, {"said": None}, {"at": "yesterday"}, {"at": 5}, {"key": None}],
)
async def test_what_no_page_of_ours_sends_is_turned_down(
    browser: httpx.AsyncClient, home: AtHome, wrong: dict[str, Any]
) -> None:
    answer = await browser.post(ADDRESS, json=waiting(home.patient, **wrong), headers=headers(home.patient))
    assert answer.status_code == 400
    assert await home.kept("oxygen") == []


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)])
async def test_what_a_device_judges_with_comes_as_short_as_it_takes_it(
    browser: httpx.AsyncClient, home: AtHome, accepted: str, encoding: str | None
) -> None:
    await open_practice(home.database)
    address = "/vitals/carried"
    plain = await browser.get(address, headers=headers(home.patient) | {"accept-encoding": "identity"})
    answer = await browser.get(address, headers=headers(home.patient) | {"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert (answer.headers["vary"], answer.headers["cache-control"]) == ("accept-encoding", "no-store")
    assert answer.json() == plain.json()
    assert (int(answer.headers["content-length"]) < len(plain.content) / 2) is (encoding is not None)
