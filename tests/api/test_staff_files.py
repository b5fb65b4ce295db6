"""Files that staff send, a document for a caregiver and a portrait: taken apart before a transaction waits for it."""

import tempfile
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import documents, photos
from portal_app.core import contents, db, files
from portal_app.core.db import Database
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.connections import free_connections
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker
from tests.sent_files import paper, picture

wiring.load_features("policies")


@pytest.fixture
async def browser(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    for module in (documents, photos):
        monkeypatch.setattr(module, "get_settings", lambda: settings)
    db.use(database)
    transport = httpx.ASGITransport(Starlette(routes=[*documents.routes, *photos.routes]))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


@pytest.fixture
def free(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many connections were free each time that a file was taken apart."""
    found: list[int] = []
    taken_apart = contents.cleaned

    async def cleaned(parts: AsyncIterator[bytes], rules: contents.FileRules) -> contents.CleanContent:
        found.append(await free_connections(database))
        return await taken_apart(parts, rules)

    for module in _holders():
        monkeypatch.setattr(module, "cleaned", cleaned)
    return found


def _holders() -> tuple[ModuleType, ...]:
    return (documents, files)


async def _send(browser: httpx.AsyncClient, who: Someone, path: str, **sent: Any) -> httpx.Response:
    cookie = {"cookie": f"{cookies.cookie_name()}={who.credential.session_secret}"}
    return await browser.post(path, headers=cookie, files=sent)


async def test_a_caregivers_document_is_taken_apart_outside_any_transaction(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic, free: list[int]
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    sent = await _send(browser, desk, f"/documents/of/{maria.patient_id}", document=("order.pdf", paper()))
    assert (sent.status_code, "&document=" in sent.headers["location"]) == (303, True)
    assert free == [database.connections.size]
    refused = await _send(browser, desk, f"/documents/of/{maria.patient_id}", document=("x.exe", b"MZ" + bytes(900)))
    assert refused.headers["location"].endswith("&problem=document")


async def test_a_portrait_is_taken_apart_outside_any_transaction(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic, free: list[int]
) -> None:
    practitioner_id = (await PracticeMaker(database).place()).practitioner_id
    path, manager = f"/photos/of/{practitioner_id}", await clinic.staff("manager")
    sent = await _send(browser, manager, path, photo=("me.jpg", picture("JPEG")))
    assert (sent.status_code, sent.headers["location"].endswith(f"?id={practitioner_id}")) == (303, True)
    assert free == [database.connections.size]
    async with database.act_as_system("test") as tx:
        asked = "select f.media_type from practitioner p join stored_file f on f.id = p.photo_id where p.id = :id"
        assert await tx.scalar(asked, {"id": practitioner_id}) == "image/jpeg"


async def test_of_whoever_may_not_send_nothing_is_taken_apart(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic, free: list[int]
) -> None:
    maria, nurse = await clinic.patient(), await clinic.staff("nurse")
    practitioner_id = (await PracticeMaker(database).place()).practitioner_id
    for path, part in ((f"/documents/of/{maria.patient_id}", "document"), (f"/photos/of/{practitioner_id}", "photo")):
        for who in (maria, nurse):
            sent = await _send(browser, who, path, **{part: ("a.pdf", paper())})
            assert sent.status_code == 404
    assert free == []


async def test_what_staff_send_is_on_no_disk_before_it_is_encrypted(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic, free: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rolled: list[object] = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", rolled.append)
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    photo = picture("BMP", 1200, 900)
    sent = await _send(browser, desk, f"/documents/of/{maria.patient_id}", document=("card.bmp", photo))
    assert (len(photo) > 2_000_000, sent.status_code, free, rolled) == (True, 303, [database.connections.size], [])


async def test_of_whoever_may_not_send_nothing_is_even_read(
    browser: httpx.AsyncClient, database: Database, clinic: Clinic
) -> None:
    maria, nurse = await clinic.patient(), await clinic.staff("nurse")
    practitioner_id = (await PracticeMaker(database).place()).practitioner_id
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        for part in range(3):
            read.append(part)
            yield b"x" * 1_000_000

    for path in (f"/documents/of/{maria.patient_id}", f"/photos/of/{practitioner_id}"):
        for secret in (nurse.credential.session_secret, "nobody"):
            headers = {"cookie": f"{cookies.cookie_name()}={secret}", "content-type": "multipart/form-data; boundary=x"}
            assert (await browser.post(path, headers=headers, content=body())).status_code == 404
    assert read == []
