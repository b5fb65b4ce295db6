"""POST /forms/{id}/files: a photo or a document as an answer, as phones send it and as attackers do."""

import json
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.api import files as api_files
from portal_app.api import form_files
from portal_app.core import db, limits
from portal_app.core.errors import NotFound
from portal_app.features.booking import private
from portal_app.features.intake import attaching
from portal_app.features.intake import service as intake
from portal_app.settings import Settings
from portal_app.web import cookies, sent_body
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, share
from tests.features.intake.conftest import CONSENT, Forms, answer, forms
from tests.sent_files import paper, picture

__all__ = ["forms", "share"]
SKIN = "urn:test:skin"
FORM = {
    "resourceType": "Questionnaire", "url": SKIN, "version": "1", "title": "Your skin", "status": "active",
    "item": [
        {"linkId": "photo", "type": "attachment", "text": "A photo of it", "required": True, "repeats": True},
        {"linkId": "since", "type": "string", "text": "Since when?"},
    ],
}  # fmt: skip


@pytest.fixture
async def browser(
    forms: Forms, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    for module in (api_files, form_files, sent_body):
        monkeypatch.setattr(module, "get_settings", lambda: settings)
    limits.forget_all()
    db.use(forms.database)
    transport = httpx.ASGITransport(Starlette(routes=[*api_files.routes, *form_files.routes]))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


@pytest.fixture
async def form_id(forms: Forms, clinic: Clinic) -> UUID:
    manager = await clinic.staff("manager")
    async with forms.database.act_as(manager.credential, "intake.choose_forms") as tx:
        await intake.import_form(tx, json.dumps(FORM))
        await intake.ask_before_visits(tx, SKIN, is_asked=True)
    return await forms.open(SKIN)


async def send(
    browser: httpx.AsyncClient, by: Someone, form_id: UUID, content: bytes, key: UUID, *, in_pieces: bool = True
) -> httpx.Response:
    headers = {
        "cookie": f"{cookies.cookie_name()}={by.credential.session_secret}", "x-request-key": str(key),
        "x-filename": "my%20skin.png", "x-locale": "es",
    }  # fmt: skip
    if in_pieces:
        headers |= {"x-upload-offset": "0", "x-upload-length": str(len(content))}
    return await browser.post(f"/forms/{form_id}/files", headers=headers, content=content)


async def fetch(browser: httpx.AsyncClient, by: Someone, file_id: UUID) -> httpx.Response:
    cookie = f"{cookies.cookie_name()}={by.credential.session_secret}"
    return await browser.get(f"/files/{file_id}", headers={"cookie": cookie})


def named(key: UUID) -> dict[str, str]:
    return {"file": str(key), "name": "my skin.png"}


async def test_a_photo_is_kept_once_named_by_its_answer_and_opened_by_who_treats_the_patient(
    browser: httpx.AsyncClient, forms: Forms, form_id: UUID, clinic: Clinic
) -> None:
    key = uuid4()
    for _twice in range(2):
        assert (await send(browser, forms.maria, form_id, picture(), key)).status_code == 204
    assert await forms.scalar("select count(*) from stored_file where section = 'forms'") == 1
    saved = await forms.save(form_id, answer(1, "photo", named(key)))
    assert saved.refused == ()
    await forms.send(form_id, saved.latest)
    sent = await forms.read(form_id)
    assert sent.answers == {"photo": [named(key)]}
    file_id = intake.file_of(form_id, str(key))
    opened = await fetch(browser, forms.doctor, file_id)
    assert (opened.status_code, opened.headers["content-type"]) == (200, "image/png")
    desk = await clinic.staff("front_desk", location_id=forms.place.location_id)
    assert (await fetch(browser, desk, file_id)).status_code == 404
    assert (await fetch(browser, await clinic.patient(), file_id)).status_code == 404


async def test_an_answer_names_only_what_was_sent_for_this_very_form(
    browser: httpx.AsyncClient, forms: Forms, form_id: UUID
) -> None:
    key = uuid4()
    saved = await forms.save(form_id, answer(1, "photo", named(key)), answer(2, "since", "May"))
    assert saved.refused == ("photo",)
    assert (await send(browser, forms.maria, form_id, paper(), key)).status_code == 204
    by_its_id = named(intake.file_of(form_id, str(key)))
    assert (await forms.save(form_id, answer(1, "photo", by_its_id))).refused == ("photo",)
    assert (await forms.save(form_id, answer(1, "photo", named(key)))).refused == ()


async def test_what_was_sent_for_a_visit_is_kept_private_with_it_and_shown_again_with_it(
    browser: httpx.AsyncClient, forms: Forms, form_id: UUID, clinic: Clinic, share: Share
) -> None:
    maria, key = await clinic.sign_in_again(forms.maria, assurance=2), uuid4()
    ana = await clinic.sign_in_again(await share(forms.maria, "booking_view", "forms_act"), assurance=2)
    assert (await send(browser, ana, form_id, picture(), key)).status_code == 204
    file_id = intake.file_of(form_id, str(key))
    assert (await fetch(browser, ana, file_id)).status_code == 200
    async with forms.database.act_as(forms.maria.credential, "booking.keep_private") as tx:
        await private.keep_private(tx, forms.appointment_id)
    assert (await fetch(browser, ana, file_id)).status_code == 404
    assert (await fetch(browser, maria, file_id)).status_code == 200
    later = uuid4()
    assert (await send(browser, maria, form_id, picture(), later)).status_code == 204
    async with forms.database.act_as(forms.maria.credential, "booking.keep_private") as tx:
        await private.show_again(tx, forms.appointment_id)
    for one in (file_id, intake.file_of(form_id, str(later))):
        assert (await fetch(browser, ana, one)).status_code == 200


async def test_what_was_sent_with_a_form_nobody_takes_out_of_the_chart(
    browser: httpx.AsyncClient, forms: Forms, form_id: UUID
) -> None:
    key = uuid4()
    assert (await send(browser, forms.maria, form_id, picture(), key)).status_code == 204
    saved = await forms.save(form_id, answer(1, "photo", named(key)))
    await forms.send(form_id, saved.latest)
    async with forms.database.act_as(forms.maria.credential, "intake.fill_in") as tx:
        assert await tx.execute("delete from stored_file where section = 'forms'") == 0
    assert await forms.scalar("select count(*) from stored_file") == 1


@pytest.mark.parametrize("in_pieces", [True, False])
async def test_what_is_no_photo_and_no_paper_is_refused_in_the_words_of_the_page(
    browser: httpx.AsyncClient, forms: Forms, form_id: UUID, in_pieces: bool
) -> None:
    said = await send(browser, forms.maria, form_id, b"MZ program", uuid4(), in_pieces=in_pieces)
    assert said.status_code == 422
    assert "PDF" in said.json()["words"]
    assert await forms.scalar("select count(*) from stored_file") == 0


async def test_nobody_else_sends_and_no_form_takes_what_it_does_not_ask_for(
    browser: httpx.AsyncClient, forms: Forms, form_id: UUID, clinic: Clinic
) -> None:
    for someone in (await clinic.patient(), forms.doctor):
        assert (await send(browser, someone, form_id, picture(), uuid4())).status_code == 404
    consent = await forms.open(CONSENT)
    assert (await send(browser, forms.maria, consent, picture(), uuid4())).status_code == 404
    key = uuid4()
    assert (await send(browser, forms.maria, form_id, picture(), key)).status_code == 204
    saved = await forms.save(form_id, answer(1, "photo", named(key)))
    await forms.send(form_id, saved.latest)
    assert (await send(browser, forms.maria, form_id, picture(), uuid4())).status_code == 404
    assert await forms.scalar("select count(*) from stored_file") == 1


async def test_somebody_who_sends_without_end_is_stopped(
    browser: httpx.AsyncClient, forms: Forms, form_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attaching, "MOST_A_DAY", 1)
    assert (await send(browser, forms.maria, form_id, picture(), uuid4())).status_code == 204
    said = await send(browser, forms.maria, form_id, picture(), uuid4())
    assert said.status_code == 422
    with pytest.raises(NotFound):
        async with forms.database.act_as(forms.maria.credential, "intake.fill_in") as tx:
            await intake.may_attach(tx, uuid4())
