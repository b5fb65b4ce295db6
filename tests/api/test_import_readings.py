"""POST /vitals/import: what a page gets for a file, and what is turned down."""

import asyncio

import httpx
import pytest

from portal_app.core.db import Transaction
from portal_app.features.vitals import importing
from tests.api import measuring
from tests.api.measuring import browser, home
from tests.api.test_carried_readings import ADDRESS, waiting
from tests.factories import Someone
from tests.features.vitals.conftest import AtHome

__all__ = ["browser", "home"]
GOOD = b"date,time,systolic,diastolic,pulse\n2026-01-02,7:10,128,79,66\n"


def headers(someone: Someone) -> dict[str, str]:
    return {**measuring.headers(someone), "x-chart": str(someone.patient_id)}


async def test_a_file_is_seen_and_then_kept(browser: httpx.AsyncClient, home: AtHome) -> None:
    seen = await browser.post("/vitals/import/preview", content=GOOD, headers=headers(home.patient))
    assert seen.json()["counts"] == {"fault": 0, "unusual": 0, "new": 1, "there": 0}
    for kept in (1, 0):
        answer = await browser.post("/vitals/import/keep", content=GOOD, headers=headers(home.patient))
        assert answer.json() == {"kept": kept}


@pytest.mark.parametrize("chart", ["another", "none", "no chart"])
async def test_a_file_for_one_chart_is_never_seen_or_kept_in_another(
    browser: httpx.AsyncClient, home: AtHome, chart: str
) -> None:
    other = await home.clinic.sign_in_again(await home.clinic.patient("Sam"), assurance=2)
    said = {"another": {"x-chart": str(home.patient.patient_id)}, "none": {}, "no chart": {"x-chart": "x"}}[chart]
    for way in ("preview", "keep"):
        sent = {**measuring.headers(other), **said}
        answer = await browser.post(f"/vitals/import/{way}", content=GOOD, headers=sent)
        assert (answer.status_code, answer.json()) == (404, {"wrong": "away"})
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from reading") == 0


@pytest.mark.parametrize(
    ("content", "wrong"),
    [(b"\xff\xfe\x00", "columns"), (b"%PDF-1.7", "columns"), (b"", "columns"), (GOOD + b"x\n" * 2001, "long")],
)
async def test_another_file_is_turned_down_with_a_reason(
    browser: httpx.AsyncClient, home: AtHome, content: bytes, wrong: str
) -> None:
    for way in ("preview", "keep"):
        answer = await browser.post(f"/vitals/import/{way}", content=content, headers=headers(home.patient))
        assert (answer.status_code, answer.json()) == (422, {"wrong": wrong})


async def test_a_dangerous_reading_waits_for_nobodys_file(
    browser: httpx.AsyncClient, home: AtHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_begun, may_end = asyncio.Event(), asyncio.Event()
    keep_list = importing.import_list

    async def keep_slowly(tx: Transaction, content: str, *, is_confirmed: bool, order: str) -> int:
        is_begun.set()
        await may_end.wait()
        return await keep_list(tx, content, is_confirmed=is_confirmed, order=order)

    monkeypatch.setattr(importing, "import_list", keep_slowly)
    sams = headers(await home.clinic.sign_in_again(await home.clinic.patient("Sam"), assurance=2))
    files = [
        asyncio.create_task(browser.post("/vitals/import/keep", content=GOOD, headers=sams))
        for _ in range(home.database.connections.size)
    ]
    await is_begun.wait()
    answer = await browser.post(ADDRESS, json=waiting(home.patient), headers=headers(home.patient))
    assert answer.json()["severity"] == "urgent"
    may_end.set()
    assert sorted([(await one).json()["kept"] for one in files])[-2:] == [0, 1]


async def test_files_want_a_second_proof_and_come_so_often_an_hour(browser: httpx.AsyncClient, home: AtHome) -> None:
    code_alone = await home.clinic.sign_in_again(home.patient, assurance=1)
    answer = await browser.post("/vitals/import/keep", content=GOOD, headers=headers(code_alone))
    assert (answer.status_code, "/vitals/import" in answer.json()["leave"]) == (401, True)
    for _ in range(30):
        answer = await browser.post("/vitals/import/preview", content=GOOD, headers=headers(home.patient))
    answer = await browser.post("/vitals/import/preview", content=GOOD, headers=headers(home.patient))
    assert (answer.status_code, answer.json()) == (429, {"wrong": "often"})
