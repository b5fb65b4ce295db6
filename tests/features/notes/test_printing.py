"""The summary on paper, read back from the PDF in each language."""

import io
from datetime import date, timedelta

import pypdfium2
import pytest

from portal_app.core import i18n
from portal_app.core.errors import NotFound
from portal_app.features.notes import service
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.notes.conftest import Visit


def read(pdf: bytes) -> str:
    """Return the text of a PDF as a reader copies it, lines joined."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    said = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(said.split())


@pytest.mark.parametrize(
    ("locale", "sentences"),
    [
        ("en", ("Summary of your visit", "Your blood pressure was 150/95 mmHg.", "Come back in 2 weeks.")),
        ("es", ("Resumen de su cita", "Su presión arterial fue de 150/95 mmHg.", "Vuelva en 2 semanas.")),
        ("ar", ("ملخص موعدك", "كان ضغط دمك 150/95 ملم زئبق.", "ما عليك فعله")),
    ],
)
async def test_the_pdf_says_what_the_page_says(visit: Visit, locale: str, sentences: tuple[str, ...]) -> None:
    await visit.write()
    await visit.sign()
    with i18n.use(locale):
        async with visit.database.act_as(visit.maria_strong.credential, "notes.read_own") as tx:
            file = await service.summary_file(tx, visit.appointment_id)
    said = read(file.content)
    assert all(sentence in said for sentence in sentences), said
    assert "Lisinopril" in said
    assert "Alvarez" in said
    assert file.filename == "summary.pdf"


async def test_the_pdf_says_when_the_patient_comes_next(visit: Visit) -> None:
    await visit.write()
    await visit.sign()
    async with visit.database.act_as(visit.maria_strong.credential, "notes.read_own") as tx:
        assert "You are booked" not in read((await service.summary_file(tx, visit.appointment_id)).content)
    day = date.today() + timedelta(days=9)  # noqa: DTZ011 - any day to come
    await PracticeMaker(visit.database).booked(visit.maria, visit.place.request(visit.place.at(day, "10:00")))
    async with visit.database.act_as(visit.maria_strong.credential, "notes.read_own") as tx:
        assert "You are booked" in read((await service.summary_file(tx, visit.appointment_id)).content)


async def test_words_typed_by_a_clinician_are_never_run(visit: Visit, clinic: Clinic) -> None:
    from portal_app.features.notes import rules
    from tests.features.notes.conftest import SUMMARY

    own = {"found": '#panic("x") $a$ *b* @c <d> \\ "'}
    await visit.write()
    await visit.sign(1, None, summary=rules.from_json(rules.to_json(SUMMARY) | {"own_words": own}))
    async with visit.database.act_as(visit.maria_strong.credential, "notes.read_own") as tx:
        file = await service.summary_file(tx, visit.appointment_id)
    assert '#panic("x") $a$ *b* @c <d>' in read(file.content)
    stranger = await clinic.sign_in_again(await clinic.patient("Eve", "Other"), assurance=2)
    async with visit.database.act_as(stranger.credential, "notes.read_own") as tx:
        with pytest.raises(NotFound):
            await service.summary_file(tx, visit.appointment_id)
