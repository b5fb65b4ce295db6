"""POST /check-in/{id}/documents: sent before a visit, whole and in pieces, as phones send it and as attackers do."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from portal_app.api import files as api_files
from portal_app.api import visit_documents
from portal_app.core import contents, db, limits, scanning, uploads
from portal_app.core.db import Database
from portal_app.features.files import service as files
from portal_app.integrations.clamav.clamd import Clamd
from portal_app.settings import Settings
from portal_app.web import cookies, sent_body
from tests.connections import free_connections
from tests.factories import Clinic, Someone
from tests.features.checkin.conftest import Desk, desk
from tests.sent_files import paper, picture

__all__ = ["desk"]
PIECE = 1000


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


def noise(width: int = 120) -> bytes:
    """Return a picture of some thousand bytes."""
    held = io.BytesIO()
    Image.effect_noise((width, 60), 90).save(held, "PNG")
    return held.getvalue()


class Phone:
    """Somebody's browser, which sends one file to one address."""

    def __init__(self, browser: httpx.AsyncClient, someone: Someone | None, address: str, content: bytes) -> None:
        self.browser, self.address, self.content, self.key = browser, address, content, uuid4()
        self.someone = someone

    async def send(
        self, at: int | None = None, *, size: int | None = None, piece: bytes | None = None
    ) -> httpx.Response:
        secret = self.someone.credential.session_secret if self.someone else ""
        headers = {
            "cookie": f"{cookies.cookie_name()}={secret}", "x-request-key": str(self.key),
            "x-filename": "referral.pdf", "x-locale": "es",
        }  # fmt: skip
        if at is not None:
            headers |= {"x-upload-offset": str(at), "x-upload-length": str(size or len(self.content))}
        sent = self.content if at is None else self.content[at : at + PIECE]
        return await self.browser.post(self.address, headers=headers, content=sent if piece is None else piece)

    async def send_all(self, at: int = 0) -> int:
        while (answer := await self.send(at)).status_code == 202:
            at = int(answer.headers["x-upload-offset"])
        return answer.status_code


def before(appointment_id: UUID) -> str:
    return f"/check-in/{appointment_id}/documents"


async def documents(database: Database, someone: Someone, appointment_id: UUID) -> list[files.DocumentView]:
    async with database.act_as(someone.credential, "files.documents") as tx:
        return list(await files.visit_documents(tx, appointment_id))


async def left(desk: Desk, what: str = "count(*)") -> Any:
    """Look at one's own pieces: nobody else sees them, nor does the system."""
    assert await desk.scalar("select count(*) from upload_piece") == 0
    async with desk.database.act_as(desk.maria.credential, "files.send") as tx:
        return await tx.scalar(f"select {what} from upload_piece")


async def test_a_document_sent_before_the_visit_is_seen_by_the_care_team_and_done_in_the_list(
    browser: httpx.AsyncClient, desk: Desk, clinic: Clinic
) -> None:
    task = next(one for one in (await desk.look()).tasks if one.key == "documents")
    assert task.state == "optional"
    phone = Phone(browser, desk.maria, before(desk.id), paper())
    assert [(await phone.send()).status_code for _ in range(2)] == [204, 204]
    seen = await desk.look()
    assert next(one.state for one in seen.tasks if one.key == "documents") == "done"
    assert "documents" not in [one.key for one in seen.missing()]
    strong = await clinic.sign_in_again(desk.maria, assurance=2)
    (own,) = await documents(desk.database, strong, desk.id)
    assert (own.filename, own.media_type, own.zone) == ("referral.pdf", "application/pdf", "America/New_York")
    nurse = await clinic.staff("nurse", location_id=desk.place.location_id)
    assert desk.maria.patient_id
    async with desk.database.act_as(nurse.credential, "files.documents") as tx:
        (theirs,) = await files.chart_documents(tx, desk.maria.patient_id)
    assert (theirs.id, theirs.sent_by) == (own.id, "Maria Alvarez")
    trail = await desk.scalar("select count(*) from audit_event where action = 'files.send_before'")
    assert trail == 1


async def test_nobody_else_sends_to_it_or_sees_it(browser: httpx.AsyncClient, desk: Desk, clinic: Clinic) -> None:
    await Phone(browser, desk.maria, before(desk.id), paper()).send()
    (own,) = await documents(desk.database, await clinic.sign_in_again(desk.maria, assurance=2), desk.id)
    others = [
        await clinic.sign_in_again(await clinic.patient("Omar", "Haddad"), assurance=2), desk.clerk,
        await clinic.staff("billing"), await clinic.staff("manager"), None,
    ]  # fmt: skip
    for other in others:
        whole, piece = Phone(browser, other, before(desk.id), paper()), Phone(browser, other, before(desk.id), paper())
        secret = other.credential.session_secret if other else ""
        opened = await browser.get(f"/files/{own.file_id}", headers={"cookie": f"{cookies.cookie_name()}={secret}"})
        answers = [await whole.send(), await piece.send(0), opened]
        assert {(one.status_code, one.content) for one in answers} == {(404, b"Not found")}
    unknown = await Phone(browser, desk.maria, before(uuid4()), paper()).send()
    assert unknown.status_code == 404
    assert await desk.scalar("select count(*) from stored_file") == 1


async def test_once_the_visit_is_over_nothing_more_is_taken_and_that_is_asked_for_each_piece(
    browser: httpx.AsyncClient, desk: Desk
) -> None:
    changes = (
        "update appointment set status = 'fulfilled' where id = :id",
        "update appointment set status = 'noshow' where id = :id",
    )
    phone = Phone(browser, desk.maria, before(desk.id), picture("JPEG"))
    assert (await phone.send(0, size=5000, piece=b"x" * 100)).status_code == 202
    for change in changes:
        await desk.change(change, id=desk.id)
        assert (await phone.send()).status_code == 404
        assert (await phone.send(100, size=5000, piece=b"x" * 100)).status_code == 404
    assert await desk.scalar("select count(*) from stored_file") == 0


async def test_the_database_takes_none_into_another_s_visit_nor_from_staff(desk: Desk, clinic: Clinic) -> None:
    omar = await clinic.patient("Omar", "Haddad")
    forged = (
        "insert into document_reference (id, patient_id, appointment_id, file_id, sent_by, sent_at, request_key)"
        " values (:id, :patient_id, :appointment_id, :id, actor_person(), now(), :id)"
    )
    nurse = await clinic.staff("nurse", location_id=desk.place.location_id)
    for someone, policy in ((omar, "files.send"), (nurse, "files.documents")):
        for patient_id in (omar.patient_id, desk.maria.patient_id):
            values = {"id": uuid4(), "patient_id": patient_id, "appointment_id": desk.id}
            with pytest.raises(DBAPIError, match="row-level security"):
                async with desk.database.act_as(someone.credential, policy) as tx:
                    await tx.execute(forged, values)


async def test_a_visit_kept_private_takes_them_along(browser: httpx.AsyncClient, desk: Desk) -> None:
    await Phone(browser, desk.maria, before(desk.id), paper()).send()
    for private in ("R", "N"):
        await desk.change("update appointment set confidentiality = :p where id = :id", p=private, id=desk.id)
        found = await desk.scalar(
            "select d.confidentiality || f.confidentiality from document_reference d"
            " join stored_file f on f.id = d.file_id"
        )
        assert found == private * 2


async def test_twenty_are_enough(browser: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal_app.features.files.documents.MOST_PER_VISIT", 1)
    assert (await Phone(browser, desk.maria, before(desk.id), paper()).send()).status_code == 204
    answer = await Phone(browser, desk.maria, before(desk.id), paper()).send()
    assert (answer.status_code, "antes de una visita" in answer.json()["words"]) == (422, True)


# Piece by piece


async def test_what_arrived_before_the_line_broke_stays_and_is_put_together(
    browser: httpx.AsyncClient, desk: Desk, clinic: Clinic
) -> None:
    phone = Phone(browser, desk.maria, before(desk.id), noise())
    assert len(phone.content) > 5 * PIECE
    for at in (0, PIECE):
        assert (await phone.send(at)).headers["x-upload-offset"] == str(at + PIECE)
    # the answer to the last one was lost: sent again it does not fit, and is told where it goes on
    again = await phone.send(PIECE)
    assert (again.status_code, again.headers["x-upload-offset"]) == (409, str(2 * PIECE))
    assert await left(desk) == 2
    assert await phone.send_all(2 * PIECE) == 204
    assert await left(desk) == 0
    # and the answer to the very last piece too
    last = len(phone.content) - len(phone.content) % PIECE
    assert (await phone.send(last)).status_code == 204
    assert (await phone.send(0)).status_code == 204
    (kept,) = await documents(desk.database, await clinic.sign_in_again(desk.maria, assurance=2), desk.id)
    assert kept.media_type == "image/png"


async def test_after_a_new_sign_in_it_goes_on(browser: httpx.AsyncClient, desk: Desk, clinic: Clinic) -> None:
    phone = Phone(browser, desk.maria, before(desk.id), noise())
    await phone.send(0)
    phone.someone = await clinic.sign_in_again(desk.maria)
    assert await phone.send_all(PIECE) == 204


async def test_pieces_out_of_order_past_the_end_of_another_length_or_empty_do_not_fit(
    browser: httpx.AsyncClient, desk: Desk
) -> None:
    phone = Phone(browser, desk.maria, before(desk.id), noise())
    await phone.send(0)
    answers = [
        await phone.send(3 * PIECE),
        await phone.send(PIECE, size=len(phone.content) + 1),
        await phone.send(PIECE, piece=phone.content),
        await phone.send(PIECE, piece=b""),
        await phone.send(PIECE, piece=bytes(uploads.PIECE_MOST_BYTES + 1)),
        await phone.send(0),
    ]
    assert {(one.status_code, one.headers.get("x-upload-offset")) for one in answers} == {(409, str(PIECE))}
    assert await phone.send_all(PIECE) == 204


async def test_somebody_else_s_key_opens_nothing_nor_does_another_address(
    browser: httpx.AsyncClient, desk: Desk, clinic: Clinic
) -> None:
    phone = Phone(browser, desk.maria, before(desk.id), noise())
    await phone.send(0)
    omar = await clinic.patient("Omar", "Haddad")
    async with desk.database.act_as(omar.credential, "files.send") as tx:
        assert (await uploads.arrived(tx, phone.key, phone.address)).offset_bytes == 0
        fits = await uploads.add_piece(tx, phone.key, phone.address, size_bytes=9000, offset_bytes=PIECE, piece=b"evil")
        await uploads.forget(tx, phone.key)
        assert fits is None
        assert await tx.scalar("select count(*) from upload_piece") == 0
    async with desk.database.act_as(desk.maria.credential, "files.send") as tx:
        elsewhere = await uploads.add_piece(
            tx, phone.key, "/elsewhere", size_bytes=len(phone.content), offset_bytes=PIECE, piece=b"x"
        )
    assert elsewhere is None
    assert await phone.send_all(PIECE) == 204


async def test_a_file_too_large_is_refused_before_any_of_it_is_read(browser: httpx.AsyncClient, desk: Desk) -> None:
    phone, read = Phone(browser, desk.maria, before(desk.id), b""), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(200):
            read += 1
            yield bytes(1_000_000)

    answer = await phone.send(0, size=200_000_000, piece=endless())  # type: ignore[arg-type]
    assert (answer.status_code, "demasiado grande" in answer.json()["words"], read) == (422, True, 0)
    assert await desk.scalar("select count(*) from upload") == 0


async def test_what_is_refused_once_it_is_whole_leaves_nothing(browser: httpx.AsyncClient, desk: Desk) -> None:
    phone = Phone(browser, desk.maria, before(desk.id), b"MZ" + bytes(3000))
    assert await phone.send_all() == 422
    assert (await desk.scalar("select count(*) from upload"), await left(desk)) == (0, 0)


async def test_while_a_file_is_taken_apart_no_connection_is_held(
    browser: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    free: list[int] = []

    async def cleaned(parts: AsyncIterator[bytes], rules: contents.FileRules) -> contents.CleanContent:
        free.append(await free_connections(desk.database))
        return await contents.cleaned(parts, rules)

    monkeypatch.setattr(sent_body, "cleaned", cleaned)
    assert await Phone(browser, desk.maria, before(desk.id), noise()).send_all() == 204
    assert (await Phone(browser, desk.maria, before(desk.id), paper()).send()).status_code == 204
    assert free == [desk.database.connections.size] * 2


async def test_of_five_last_pieces_at_once_one_keeps_the_file(
    browser: httpx.AsyncClient, desk: Desk, clinic: Clinic
) -> None:
    phone = Phone(browser, desk.maria, before(desk.id), noise())
    last = len(phone.content) - len(phone.content) % PIECE
    for at in range(0, last, PIECE):
        assert (await phone.send(at)).status_code == 202
    answers = await asyncio.gather(*(phone.send(last) for _ in range(5)))
    assert {one.status_code for one in answers} == {204}
    assert len(await documents(desk.database, await clinic.sign_in_again(desk.maria, assurance=2), desk.id)) == 1


async def test_what_arrived_and_could_not_be_looked_through_is_kept_by_the_next_try(
    browser: httpx.AsyncClient, desk: Desk, clinic: Clinic, tmp_path: Path
) -> None:
    phone = Phone(browser, desk.maria, before(desk.id), noise())
    scanning.use_scanner(Clamd(str(tmp_path / "none")))
    try:
        assert await phone.send_all() == 503
    finally:
        scanning.use_scanner(None)
    assert await left(desk) > 0
    assert (await phone.send(len(phone.content), piece=b"")).status_code == 204
    assert await left(desk) == 0
    assert len(await documents(desk.database, await clinic.sign_in_again(desk.maria, assurance=2), desk.id)) == 1


async def test_pieces_are_sealed_few_at_a_time_and_swept_away(
    browser: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = [Phone(browser, desk.maria, before(desk.id), b"words of a letter" * 200) for _ in range(7)]
    for phone in phones:
        assert (await phone.send(0)).status_code == 202
    assert await left(desk) == uploads.OPEN_MOST
    held = await left(desk, "string_agg(sealed, '')")
    assert b"words of a letter" not in bytes(held)
    for kept_for, gone in ((uploads.KEPT_FOR, 0), (timedelta(0), uploads.OPEN_MOST)):
        monkeypatch.setattr(uploads, "KEPT_FOR", kept_for)
        async with desk.database.act_as_system("upkeep.sweep_uploads") as tx:
            assert await uploads.sweep(tx) == gone
    assert await left(desk) == 0
    assert (await phones[-1].send(PIECE)).status_code == 409
