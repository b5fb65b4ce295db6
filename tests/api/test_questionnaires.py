"""POST /questionnaires: hostile forms are refused with their paths, versions stand, and only managers ask."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.api import questionnaires
from portal_app.core import db
from portal_app.core.db import Database
from portal_app.web import cookies
from tests.factories import Clinic, Someone
from tests.features.intake.conftest import Forms, answer, forms
from tests.features.intake.test_reading import BASE, item, when, written

__all__ = ["forms"]
TOUR = "http://example.org/tour"


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    db.use(database)
    transport = httpx.ASGITransport(Starlette(routes=questionnaires.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


async def post(browser: httpx.AsyncClient, who: Someone, text: str | bytes, address: str = "") -> httpx.Response:
    cookie = f"{cookies.cookie_name()}={who.credential.session_secret}"
    return await browser.post(f"/questionnaires{address}", content=text, headers={"cookie": cookie})


def nested(depth: int) -> dict[str, Any]:
    inner = item("last")
    for n in range(depth):
        inner = item(f"g{n}", type="group", item=[inner])
    return inner


HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "deep": (written(nested(100)), "too deep"),
    "deep JSON": ("[" * 200_000, "not JSON"),
    "many": (written(*(item(f"q{n}") for n in range(5_000))), "too many questions"),
    "circle": (written(item("a", enableWhen=[when("b")]), item("b", enableWhen=[when("a")])), "wait for each other"),
    "pattern": (written(item(extension=[{"url": f"{BASE}regex", "valueString": "(a+)+$"}])), "could take too long"),
    "script": (written(item(text="<script>alert(1)</script>")), "markup"),
    "same link": (written(item("a"), item("a")), "same link id"),
    "too large": (written(item(text="x")) + " " * 1_000_000, "too large"),
    "no text at all": (b"\xff\xfe\x00", "not JSON"),
    "ours": (written(item(), url="urn:sala:form:phq-9"), "comes with the portal"),
}


async def test_hostile_forms_are_refused_in_words_with_their_path(browser: httpx.AsyncClient, clinic: Clinic) -> None:
    manager = await clinic.staff("manager")
    for name, (text, words) in HOSTILE.items():
        for address, status in (("/check", 200), ("", 422)):
            said = await post(browser, manager, text, address)
            assert said.status_code == status, name
            assert words in said.json()["problems"][0]["words"], name
            assert said.json()["problems"][0]["at"].startswith("Questionnaire"), name


async def test_a_problem_stands_with_its_whole_path(browser: httpx.AsyncClient, clinic: Clinic) -> None:
    bad = {"linkId": "c", "type": "choice", "text": "Which?"}
    whole = written(item(), item("g", type="group", item=[bad]))
    said = await post(browser, await clinic.staff("manager"), whole, "/check")
    assert [one["at"] for one in said.json()["problems"]] == ["Questionnaire.item[1].item[0].answerOption"]


async def test_a_form_is_shown_in_the_languages_it_is_whole_in_and_kept_once(
    browser: httpx.AsyncClient, clinic: Clinic, database: Database
) -> None:
    manager, text = await clinic.staff("manager"), written(item(), url=TOUR)
    looked = (await post(browser, manager, text, "/check")).json()
    assert ([one["lang"] for one in looked["sheets"]], looked["isKept"]) == (["en"], False)
    for _tap in range(2):
        assert (await post(browser, manager, text)).status_code == 200
    assert (await post(browser, manager, text, "/check")).json()["isKept"]
    changed = await post(browser, manager, written(item(text="Other"), url=TOUR))
    assert (changed.status_code, "new version" in changed.json()["words"]) == (422, True)
    async with database.act_as_system("test") as tx:
        assert await tx.scalar(f"select count(*) from questionnaire where url = '{TOUR}'") == 1


async def test_a_newer_version_is_asked_and_loses_no_started_answer(
    browser: httpx.AsyncClient, clinic: Clinic, forms: Forms
) -> None:
    from portal_app.features.intake import service as intake

    manager = await clinic.staff("manager")
    assert (await post(browser, manager, written(item("old"), url=TOUR))).status_code == 200
    async with forms.database.act_as(manager.credential, "intake.choose_forms") as tx:
        await intake.ask_before_visits(tx, TOUR, is_asked=True)
    form_id = await forms.open(TOUR)
    await forms.save(form_id, answer(1, "old", "Kept"))
    newer = (await post(browser, manager, written(item("new"), url=TOUR, version="2"))).json()
    assert "Version 1 is kept already" in newer["standing"]
    begun = await forms.form(form_id)
    assert (begun.questionnaire.version, begun.answers, await forms.open(TOUR)) == ("1", {"old": ["Kept"]}, form_id)
    await forms.send(form_id, 1)
    async with forms.database.act_as(manager.credential, "intake.choose_forms") as tx:
        listed = {one.questionnaire.url: one.questionnaire.version for one in await intake.kept_forms(tx)}
    assert listed[TOUR] == "2"


async def test_nobody_but_managers_brings_forms(browser: httpx.AsyncClient, clinic: Clinic) -> None:
    for who in (await clinic.staff("clinician"), await clinic.staff("front_desk"), await clinic.patient()):
        assert (await post(browser, who, json.dumps({}))).status_code == 404
    assert (await browser.post("/questionnaires", content="{}")).status_code == 401
