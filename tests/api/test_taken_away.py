"""Files that are taken away, asked for by whoever has no business with them: one answer, and nothing of anybody's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import httpx
import pypdfium2
import pytest
from starlette.applications import Starlette

from portal_app.api import estimates, insurance_cards, readings, record, statements, summaries
from portal_app.core import clock, db, limits
from portal_app.core.db import Database
from portal_app.core.errors import TooManyTries
from portal_app.features.access import rules
from portal_app.features.billing import account_statements
from portal_app.features.chart import service as chart
from portal_app.features.vitals import service as vitals
from portal_app.settings import Settings
from portal_app.web import cookies, paper, sent_body
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.billing.conftest import Office, office
from tests.features.chart.conftest import LISINOPRIL
from tests.features.coverage.conftest import PNG, Insured, insured
from tests.features.estimates.conftest import Asker, asker
from tests.features.notes.conftest import visit

__all__ = ["asker", "insured", "office", "visit"]
NOTE = "After a walk nobody else took"


@dataclass(frozen=True)
class Shelf:
    """One patient's files, and whoever asks for them."""

    client: httpx.AsyncClient
    people: Clinic
    office: Office
    paths: dict[str, str]

    async def get(self, kind: str, who: Someone | None) -> httpx.Response:
        return await get(self.client, self.paths[kind], who)


async def get(client: httpx.AsyncClient, path: str, who: Someone | None) -> httpx.Response:
    limits.forget_all()
    return await client.get(path, headers=_cookie(who))


def _cookie(who: Someone | None) -> dict[str, str]:
    return {"cookie": f"{cookies.cookie_name()}={who.credential.session_secret}"} if who else {}


@pytest.fixture
async def browser(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    for module in (paper, sent_body, insurance_cards):
        monkeypatch.setattr(module, "get_settings", lambda: settings)
    limits.forget_all()
    db.use(database)
    asked = (estimates, insurance_cards, readings, record, statements, summaries)
    transport = httpx.ASGITransport(Starlette(routes=[route for module in asked for route in module.routes]))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


@pytest.fixture
async def shelf(browser: httpx.AsyncClient, clinic: Clinic, office: Office) -> Shelf:
    """Make a patient with a statement, a summary and a reading."""
    await office.issue()
    maria = office.visit.maria_strong
    async with office.database.act_as(maria.credential, "billing.see_bills") as tx:
        (statement_id,) = await account_statements.make_now(tx, uuid4())
    async with office.database.act_as(maria.credential, "vitals.log") as tx:
        await vitals.log_reading(tx, vitals.NewReading("weight", "kg", Decimal("70.5"), uuid4(), note=NOTE))
    paths = {
        "statement": f"/statements/{statement_id}/statement.pdf",
        "summary": f"/appointments/{office.visit.appointment_id}/summary.pdf",
        "readings.csv": "/vitals/readings.csv", "readings.json": "/vitals/readings.json",
        "record.json": "/record/record.json", "record.pdf": "/record/record.pdf",
    }  # fmt: skip
    return Shelf(browser, clinic, office, paths)


async def carer(shelf: Shelf, *ticked: str) -> Someone:
    """Return somebody who acts for that patient in what was ticked."""
    database, ana = shelf.office.database, await shelf.people.patient("Ana", "Moreno")
    ana = await shelf.people.sign_in_again(ana, assurance=2)
    await accept(database, ana, await invited(database, shelf.office.visit.maria_strong, ana.email, *ticked))
    return await acting_for(database, ana, shelf.office.visit.maria_strong)


async def test_whose_it_is_gets_it_as_a_file_that_runs_nothing(shelf: Shelf) -> None:
    for kind in shelf.paths:
        answer = await shelf.get(kind, shelf.office.visit.maria_strong)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


async def test_without_a_session_or_by_a_code_alone_one_is_led_to_the_proof_that_is_missing(shelf: Shelf) -> None:
    weak = await shelf.people.code_alone(shelf.office.visit.maria)
    for who, proof in ((None, "/sign-in?next="), (weak, "step-up=1")):
        for kind in shelf.paths:
            answer = await shelf.get(kind, who)
            assert (answer.status_code, answer.content) == (303, b"")
            assert proof in answer.headers["location"]


async def test_all_readings_at_once_and_the_whole_record_want_a_fresh_proof_and_a_single_paper_does_not(
    shelf: Shelf,
) -> None:
    shelf.paths["one measure"] = "/vitals/readings.pdf?what=weight"
    maria = shelf.office.visit.maria_strong
    with clock.frozen_at(clock.now() + rules.FRESH_LIFE + timedelta(minutes=1)):
        answers = {kind: await shelf.get(kind, maria) for kind in shelf.paths}
    asked = {kind for kind, one in answers.items() if "step-up=1" in one.headers.get("location", "")}
    assert asked == {"readings.csv", "readings.json", "record.json", "record.pdf"}
    assert {one.status_code for kind, one in answers.items() if kind not in asked} == {200}


async def test_staff_of_whatever_role_get_no_file_of_a_patient(shelf: Shelf) -> None:
    staff = [await shelf.people.staff(role) for role in ("nurse", "clinician", "front_desk", "manager")]
    answers = [await shelf.get(kind, who) for kind in shelf.paths for who in staff]
    assert {(one.status_code, one.content) for one in answers} == {(404, b"Not found")}


async def test_a_stranger_is_told_what_is_told_of_what_is_not_there_and_gets_their_own_alone(shelf: Shelf) -> None:
    stranger = await shelf.people.sign_in_again(await shelf.people.patient("Mallory"), assurance=2)
    for kind in ("statement", "summary"):
        path = shelf.paths[kind].split("/")
        nobodys = "/".join([*path[:2], str(uuid4()), *path[3:]])
        answers = [await shelf.get(kind, stranger), await get(shelf.client, nobodys, stranger)]
        assert {(one.status_code, one.content) for one in answers} == {(404, b"Not found")}
    for kind in ("readings.csv", "readings.json", "record.json"):
        words = (NOTE, "70.5") if kind.startswith("readings") else (NOTE, "Maria", "70.5", "Headache")
        mine, theirs = await shelf.get(kind, shelf.office.visit.maria_strong), await shelf.get(kind, stranger)
        assert "70.5" in mine.text
        assert (theirs.status_code, [word for word in words if word in theirs.text]) == (200, [])


async def test_a_caregiver_without_that_part_gets_nothing_of_it(shelf: Shelf) -> None:
    ana = await carer(shelf, "booking_view")
    for kind in ("statement", "summary", "readings.csv", "readings.json"):
        answer = await shelf.get(kind, ana)
        assert (answer.status_code, answer.content) == (404, b"Not found")
    assert NOTE not in (await shelf.get("record.json", ana)).text


async def test_what_became_private_is_in_no_file_of_whoever_acts_for_the_patient(shelf: Shelf) -> None:
    ana = await carer(shelf, *rules.SHARES)
    kinds = ("statement", "summary", "record.json")
    assert [(await shelf.get(kind, ana)).status_code for kind in kinds] == [200, 200, 200]
    async with shelf.office.database.act_as_system("test") as tx:
        given = {"id": shelf.office.visit.appointment_id}
        await tx.execute("update appointment set confidentiality = 'R' where id = :id", given)
    answers = [await shelf.get(kind, ana) for kind in kinds]
    assert [one.status_code for one in answers] == [404, 404, 200]
    assert str(given["id"]) not in answers[-1].text
    assert [(await shelf.get(kind, shelf.office.visit.maria_strong)).status_code for kind in kinds] == [200, 200, 200]


async def test_what_became_private_is_on_no_paper_of_whoever_acts_for_the_patient(shelf: Shelf) -> None:
    ana, maria = await carer(shelf, *rules.SHARES), shelf.office.visit.maria_strong
    entry_id = await _listed(shelf, LISINOPRIL)
    private = ("Essential", "Headache", LISINOPRIL["name"])
    assert [word for word in private if word not in await _paper(shelf, ana)] == []
    async with shelf.office.database.act_as_system("test") as tx:
        given = {"id": shelf.office.visit.appointment_id}
        await tx.execute("update appointment set confidentiality = 'R' where id = :id", given)
    async with shelf.office.database.act_as(shelf.office.visit.doctor.credential, "chart.write") as tx:
        await chart.keep_to_patient(tx, entry_id, 1, is_private=True)
    hers, own = await _paper(shelf, ana), await _paper(shelf, maria)
    assert [word for word in private if word in hers] == []
    assert [word for word in private if word not in own] == []
    assert "70.5" in hers


async def _listed(shelf: Shelf, medicine: dict[str, str]) -> UUID:
    """Put a medicine on the patient's list."""
    entry_id, patient_id = uuid4(), shelf.office.visit.maria.patient_id
    assert patient_id
    async with shelf.office.database.act_as(shelf.office.visit.doctor.credential, "chart.write") as tx:
        await chart.add_entry(tx, patient_id, "medication", medicine, None, entry_id)
    return entry_id


async def _paper(shelf: Shelf, who: Someone) -> str:
    """Return what is read on the record on paper."""
    answer = await shelf.get("record.pdf", who)
    assert answer.status_code == 200
    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))


async def test_a_record_is_taken_so_often_in_an_hour_and_not_oftener(shelf: Shelf) -> None:
    limits.forget_all()
    for _ in range(10):
        await limits.count(record.LIMIT, "record", str(shelf.office.visit.maria_strong.person_id))
    with pytest.raises(TooManyTries):
        await shelf.client.get("/record/record.json", headers=_cookie(shelf.office.visit.maria_strong))


async def test_an_estimate_is_the_patients_and_that_of_whoever_may_see_the_bills(
    browser: httpx.AsyncClient, asker: Asker, clinic: Clinic
) -> None:
    await asker.price()
    await asker.uninsured()
    path = f"/estimates/{(await asker.given()).id}/estimate.pdf"
    assert (await get(browser, path, asker.maria)).content.startswith(b"%PDF")
    assert (await get(browser, path, None)).status_code == 303
    assert (await get(browser, path, await clinic.code_alone(asker.maria))).status_code == 303
    stranger = await clinic.sign_in_again(await clinic.patient("Mallory"), assurance=2)
    others = [stranger, await clinic.staff("nurse"), await clinic.staff("front_desk"), await clinic.staff("manager")]
    assert {(await get(browser, path, one)).status_code for one in others} == {404}


Send = Callable[[Someone | None, str, bytes], Awaitable[httpx.Response]]


@pytest.fixture
async def send(browser: httpx.AsyncClient, insured: Insured) -> Send:
    coverage_id = await insured.add()

    async def send(who: Someone | None, side: str, content: bytes) -> httpx.Response:
        limits.forget_all()
        headers = _cookie(who) | {"x-request-key": str(uuid4()), "x-locale": "es"}
        return await browser.post(f"/coverages/{coverage_id}/card/{side}", headers=headers, content=content)

    return send


async def test_a_card_is_sent_by_whose_it_is_and_by_whoever_may_change_the_insurance(
    send: Send, insured: Insured, clinic: Clinic
) -> None:
    stranger = await clinic.sign_in_again(await clinic.patient("Mallory"), assurance=2)
    weak = await clinic.code_alone(insured.maria)
    refused = [stranger, weak, await insured.carer("booking"), await clinic.staff("front_desk"),
               await clinic.staff("billing"), None]  # fmt: skip
    answers = [await send(who, "front", PNG) for who in refused]
    assert {(one.status_code, one.content) for one in answers} == {(404, b"Not found")}
    assert [one.front_file_id for one in await insured.listed()] == [None]
    assert (await send(await insured.carer("bills"), "front", PNG)).status_code == 204


async def test_a_side_that_no_card_has_a_missing_key_and_what_is_no_picture_are_refused(
    send: Send, insured: Insured, browser: httpx.AsyncClient
) -> None:
    assert (await send(insured.maria, "inside", PNG)).status_code == 404
    (one,) = await insured.listed()
    without = await browser.post(f"/coverages/{one.id}/card/front", headers=_cookie(insured.maria), content=PNG)
    assert without.status_code == 404
    for content in (b"<svg onload=alert(1)>", b"MZ a program", b"", b"\xff\xd8\xff\xe0 no picture"):
        answer = await send(insured.maria, "back", content)
        assert answer.status_code == 422
        assert answer.json()["words"]
    assert [one.back_file_id for one in await insured.listed()] == [None]
