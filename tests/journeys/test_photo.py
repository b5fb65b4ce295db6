"""A clinician's picture: a real file, one of the wrong kind, one too large; patients see it, or the initials."""

import io

import pytest
from PIL import Image
from playwright.async_api import FilePayload, expect

from portal_app.core import i18n
from tests.browser import axe_findings
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.walker import PHONE, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def _picture() -> bytes:
    sent = io.BytesIO()
    Image.new("RGB", (640, 480), (11, 107, 98)).save(sent, "PNG")
    return sent.getvalue()


async def _send(walker: Walker, file: FilePayload) -> None:
    await walker.page.locator("#photo").set_input_files(file)
    await walker.button("Put this picture in").click()


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_picture_is_put_in_refused_and_taken_out(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    doctor = await practices.doctor()
    clinician, phone = await arrive(locale, PHONE), await arrive(locale, PHONE)
    await clinician.let_in(doctor.account)
    await phone.let_in(await practices.patient(doctor))
    settings = f"/staff/settings/clinician?id={doctor.practitioner_id}"
    await clinician.open(settings)
    picture = clinician.page.get_by_role("main").locator("img.avatar")

    # When the file is no picture, the page says what can be used
    await _send(clinician, _file("notes.png", b"no picture at all"))
    refusal = clinician.say("That picture cannot be used. Choose a JPEG or PNG of up to 8 MB.")
    await expect(clinician.page.get_by_text(refusal)).to_be_visible()
    assert await axe_findings(clinician.page, axe) == []

    # And with a real one it is there, for patients too
    await _send(clinician, _file("me.png", _picture()))
    await expect(picture).to_be_visible()
    assert await picture.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 320
    await phone.open(f"/clinicians/{doctor.practitioner_id}")
    await expect(phone.page.get_by_role("main").locator("img.avatar").first).to_be_visible()

    # Then it is taken out again
    await clinician.button("Take the picture out").click()
    await expect(picture).to_have_count(0)
    assert clinician.unexpected() == []


async def test_a_file_too_large_to_send_is_refused_and_nothing_is_saved(arrive: Arrive, practices: Practices) -> None:
    doctor = await practices.doctor()
    clinician = await arrive("en", PHONE)
    await clinician.let_in(doctor.account)
    settings = f"/staff/settings/clinician?id={doctor.practitioner_id}"
    await clinician.open(settings)
    await _send(clinician, _file("huge.png", _picture() + bytes(8_200_000)))
    await expect(clinician.heading("That is too large to send")).to_be_visible()
    await clinician.open(settings)
    await expect(clinician.page.get_by_role("main").locator(".avatar").first).to_be_visible()
    await expect(clinician.page.get_by_role("main").locator("img.avatar")).to_have_count(0)
