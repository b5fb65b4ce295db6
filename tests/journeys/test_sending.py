"""A letter sent before the visit over a line that breaks: what arrived stays, and the care team sees it."""

import os

import pytest
from playwright.async_api import FilePayload, Route, expect
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from portal_app.core import i18n
from tests.browser import axe_findings, overflow
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import DESK, PHONE
from tests.sent_files import paper

pytestmark = pytest.mark.asyncio(loop_scope="session")
PIECE = 512 * 1024


def _letter() -> FilePayload:
    def change(writer: PdfWriter) -> None:
        scanned = StreamObject()
        scanned._data = os.urandom(3 * PIECE)
        writer.pages[0][NameObject("/Scanned")] = writer._add_object(scanned)

    return {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": paper(change)}


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_letter_goes_on_where_the_line_broke_and_is_seen_before_the_visit(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    patient = await practices.patient(doctor, locale=locale)
    visit = await practices.booked(patient, (await practices.free_times(patient, doctor))[0])
    phone, desk = await arrive(locale, PHONE), await arrive(size=DESK)
    await phone.let_in(await practices.people.sign_in_again(patient, assurance=2))
    await desk.let_in(doctor.account)

    # Given the list of check-in, where it is one thing to do
    await phone.open(f"/check-in?id={visit.id}")
    row = phone.page.locator("a[href*='/check-in/documents']")
    await expect(row).to_contain_text(phone.say("Optional"))
    await row.click()
    await expect(phone.heading("What should we see before your visit?")).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # What is no document is refused in words
    chooser = phone.page.locator("input[data-chooser]")
    await chooser.set_input_files({"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"no paper"})
    refused = phone.say("We can take pictures (JPEG, PNG, WebP, HEIC) and PDF files. Choose one of those.")
    await expect(phone.page.get_by_role("alert").get_by_text(refused)).to_be_visible()

    # When the line breaks in the middle of a letter, it goes on with the piece that is missing
    sent: list[int] = []

    async def line(route: Route) -> None:
        sent.append(int(route.request.headers["x-upload-offset"]))
        if sent.count(PIECE) in (1, 2) and sent[-1] == PIECE:
            await route.abort()
        else:
            await route.continue_()

    await phone.page.route("**/check-in/*/documents", line)
    await chooser.set_input_files(_letter())
    arrived = phone.say("Sent. Your care team sees it before the visit.")
    await expect(phone.page.get_by_role("status").get_by_text(arrived)).to_be_visible(timeout=60_000)
    assert sent == [0, PIECE, PIECE, PIECE, 2 * PIECE, 3 * PIECE]
    await expect(phone.page.get_by_text("letter.pdf", exact=True)).to_be_visible()
    assert await axe_findings(phone.page, axe) == await overflow(phone.page) == []

    # Then it is done in the list, and on the page before the visit
    await phone.link("Back to the list").click()
    await expect(row).to_contain_text(phone.say("Completed"))
    await desk.open(f"/staff/before?id={visit.id}")
    await expect(desk.page.get_by_text("letter.pdf", exact=True)).to_be_visible()
    assert desk.unexpected() == []
