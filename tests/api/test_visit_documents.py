"""POST /visit/{id}/documents, as a browser in the visit sends it, and as attackers do."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from portal_app.api import files as api_files
from portal_app.api import visit_documents
from portal_app.core import db, limits
from portal_app.core.db import Database
from portal_app.core.errors import StepUpNeeded
from portal_app.features.files import service as files
from portal_app.features.visits import service as visits
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.factories import Clinic, Someone
from tests.features.visits.conftest import Visit, in_time, maker, visit

__all__ = ["in_time", "maker", "visit"]
pytestmark = pytest.mark.usefixtures("in_time")


def picture() -> bytes:
    sent = io.BytesIO()
    Image.new("RGB", (64, 48), (11, 107, 98)).save(sent, "JPEG")
    return sent.getvalue()


def shown(content: bytes) -> tuple[str | None, tuple[int, int]]:
    with Image.open(io.BytesIO(content)) as opened:
        return opened.format, opened.size


@pytest.fixture
async def browser(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    for module in (api_files, visit_documents):
        monkeypatch.setattr(module, "get_settings", lambda: settings)
    limits.forget_all()
    db.use(database)
    transport = httpx.ASGITransport(Starlette(routes=[*api_files.routes, *visit_documents.routes]))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


def headers(someone: Someone | None, **more: str) -> dict[str, str]:
    cookie = f"{cookies.cookie_name()}={someone.credential.session_secret}" if someone else ""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"cookie": cookie, "x-request-key": str(uuid4()), "x-filename": "my%20rash.heic", "x-locale": "es", **named}


async def documents(database: Database, someone: Someone, visit_id: UUID) -> list[files.DocumentView]:
    async with database.act_as(someone.credential, "files.documents") as tx:
        return list(await files.visit_documents(tx, visit_id))


async def test_a_picture_is_in_the_chart_at_once_and_once_however_often_it_was_sent(
    browser: httpx.AsyncClient, visit: Visit
) -> None:
    place = await visit.admitted()
    sent = headers(visit.maria)
    answers = [
        await browser.post(f"/visit/{place.visit_id}/documents", headers=sent, content=picture()) for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [204, 204]
    (found,) = await documents(visit.database, visit.doctor, place.visit_id)
    assert (found.filename, found.media_type, found.is_picture()) == ("my rash.jpg", "image/jpeg", True)
    opened = await browser.get(f"/files/{found.file_id}", headers=headers(visit.doctor))
    assert (opened.status_code, shown(opened.content)) == (200, ("JPEG", (64, 48)))
    async with visit.database.act_as_system("test") as tx:
        trail = await tx.all("select action, person_id, patient_id from audit_event where entity = 'DocumentReference'")
        stored = await tx.one("select owner_id, patient_id, section, confidentiality from stored_file")
    assert [tuple(row) for row in trail] == [
        ("files.send", visit.maria.person_id, visit.maria.patient_id),
        ("files.view_list", visit.doctor.person_id, visit.maria.patient_id),
        ("files.download", visit.doctor.person_id, visit.maria.patient_id),
    ]
    assert tuple(stored) == (visit.maria.person_id, visit.maria.patient_id, "visits", "N")


async def test_whoever_is_not_in_the_visit_sends_nothing_and_learns_nothing(
    browser: httpx.AsyncClient, visit: Visit, clinic: Clinic
) -> None:
    place = await visit.join()
    address = f"/visit/{place.visit_id}/documents"
    stranger = await clinic.patient("Omar", "Haddad")
    before = await browser.post(address, headers=headers(visit.maria), content=picture())
    await visit.admit(place.visit_id, place.participant_id)
    participant, key = await visit.guest(place.visit_id)
    async with visit.database.act_as(visit.maria.credential, "visits.agree") as tx:
        await visits.agree(tx, place.visit_id, participant, is_welcome=True)
    await visit.admit(place.visit_id, participant)
    guest = replace(visit.maria, credential=key)
    answers = [before] + [
        await browser.post(address, headers=headers(who), content=picture())
        for who in (stranger, guest, visit.doctor, None)
    ]
    unknown = await browser.post(f"/visit/{uuid4()}/documents", headers=headers(visit.maria), content=picture())
    assert {(one.status_code, one.content) for one in (*answers, unknown)} == {(404, b"Not found")}
    async with visit.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from stored_file") == 0


async def test_a_code_alone_sends_and_opens_nothing_until_more_is_proved(
    browser: httpx.AsyncClient, visit: Visit, clinic: Clinic
) -> None:
    place = await visit.admitted()
    sent = await browser.post(f"/visit/{place.visit_id}/documents", headers=headers(visit.maria), content=picture())
    assert sent.status_code == 204
    with pytest.raises(StepUpNeeded):
        await documents(visit.database, visit.maria, place.visit_id)
    for shown in (place.visit_id, visit.appointment_id):
        async with visit.database.act_as(visit.maria.credential, "booking.view") as tx:
            assert (await files.visit_documents(tx, shown), await files.are_locked(tx, shown)) == ((), True)
            assert not await files.are_locked(tx, uuid4())
    strong = await clinic.sign_in_again(visit.maria, assurance=2)
    (found,) = await documents(visit.database, strong, place.visit_id)
    answers = [await browser.get(f"/files/{found.file_id}", headers=headers(one)) for one in (visit.maria, strong)]
    assert [(one.status_code, one.content[:3]) for one in answers] == [(404, b"Not"), (200, b"\xff\xd8\xff")]
    async with visit.database.act_as(strong.credential, "booking.view") as tx:
        assert not await files.are_locked(tx, place.visit_id)


async def test_what_was_sent_is_nobody_elses(browser: httpx.AsyncClient, visit: Visit, clinic: Clinic) -> None:
    place = await visit.admitted()
    await browser.post(f"/visit/{place.visit_id}/documents", headers=headers(visit.maria), content=picture())
    (found,) = await documents(visit.database, visit.doctor, place.visit_id)
    others = [await clinic.patient("Omar", "Haddad"), await clinic.staff("front_desk"), await clinic.staff("billing")]
    _, key = await visit.guest(place.visit_id)
    answers = [
        await browser.get(f"/files/{found.file_id}", headers=headers(one))
        for one in (*others, replace(visit.maria, credential=key), None)
    ]
    assert {one.status_code for one in answers} == {404}
    assert await documents(visit.database, await clinic.sign_in_again(others[0], assurance=2), place.visit_id) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ this is a program", "Podemos recibir imágenes"),
        (b"<script>alert(1)</script>", "Podemos recibir imágenes"),
        (b"\xff\xd8\xff\xe0 no picture at all", "dañado"),
        (b"", "vacío"),
        (bytes(15_000_001), "demasiado grande"),
    ],
)
async def test_what_cannot_be_taken_is_refused_in_plain_words_of_the_page(
    browser: httpx.AsyncClient, visit: Visit, content: bytes, words: str
) -> None:
    place = await visit.admitted()
    answer = await browser.post(f"/visit/{place.visit_id}/documents", headers=headers(visit.maria), content=content)
    assert answer.status_code == 422
    assert words in answer.json()["words"]
    assert await documents(visit.database, visit.doctor, place.visit_id) == []


async def test_the_database_takes_no_document_into_anothers_visit(visit: Visit, clinic: Clinic) -> None:
    place = await visit.admitted()
    stranger = await clinic.patient("Omar", "Haddad")
    forged = (
        "insert into document_reference (id, patient_id, visit_id, file_id, sent_by, sent_at, request_key)"
        " values (:id, :patient_id, :visit_id, :id, actor_person(), now(), :id)"
    )
    for patient_id in (stranger.patient_id, visit.maria.patient_id):
        with pytest.raises(DBAPIError, match="row-level security"):
            async with visit.database.act_as(stranger.credential, "files.send") as tx:
                await tx.execute(forged, {"id": uuid4(), "patient_id": patient_id, "visit_id": place.visit_id})


async def test_a_visit_kept_private_takes_its_documents_along(browser: httpx.AsyncClient, visit: Visit) -> None:
    place = await visit.admitted()
    await browser.post(f"/visit/{place.visit_id}/documents", headers=headers(visit.maria), content=picture())
    async with visit.database.act_as_system("test") as tx:
        for private in ("R", "N"):
            await tx.execute(
                "update appointment set confidentiality = :private where id = :id",
                {"id": visit.appointment_id, "private": private},
            )
            both = await tx.one(
                "select d.confidentiality, f.confidentiality from document_reference d"
                " join stored_file f on f.id = d.file_id"
            )
            assert tuple(both) == (private, private)
