"""GET /files/{id}."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import files as api_files
from portal_app.core import db
from portal_app.core.actor import Section
from portal_app.core.db import Database
from portal_app.core.files import CleanContent, save_file
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.factories import Clinic, Someone
from tests.sent_files import paper

wiring.load_features("policies")
PDF = paper()


@pytest.fixture
async def browser(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(api_files, "get_settings", lambda: settings)
    db.use(database)
    transport = httpx.ASGITransport(Starlette(routes=api_files.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


async def a_file(database: Database, settings: Settings, someone: Someone) -> str:
    async with database.act_as(someone.credential, "files.download") as tx:
        view = await save_file(
            tx,
            settings,
            CleanContent("application/pdf", PDF),
            filename="تقرير.pdf",
            section=Section.forms,
            patient_id=someone.patient_id,
        )
    return f"/files/{view.id}"


def cookie(someone: Someone) -> dict[str, str]:
    return {"cookie": f"{cookies.cookie_name()}={someone.credential.session_secret}"}


async def test_the_owner_gets_the_file_to_save_and_never_to_run(
    browser: httpx.AsyncClient, database: Database, settings: Settings, clinic: Clinic
) -> None:
    maria = await clinic.sign_in_again(await clinic.patient(), assurance=2)
    answer = await browser.get(await a_file(database, settings, maria), headers=cookie(maria))
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%D8")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]
    async with database.act_as_system("test") as tx:
        row = await tx.one("select person_id, patient_id from audit_event where action = 'files.download'")
    assert tuple(row) == (maria.person_id, maria.patient_id)


async def test_everybody_else_learns_nothing(
    browser: httpx.AsyncClient, database: Database, settings: Settings, clinic: Clinic
) -> None:
    maria, omar = [
        await clinic.sign_in_again(await clinic.patient(*name), assurance=2) for name in ((), ("Omar", "Haddad"))
    ]
    address = await a_file(database, settings, maria)
    answers = [
        await browser.get(address, headers=cookie(omar)),
        await browser.get(address, headers=cookie(await clinic.code_alone(maria))),
        await browser.get(address),
        await browser.get(f"/files/{uuid4()}", headers=cookie(maria)),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"Not found")}
