"""What people read of a clinician: written by the manager or the clinician, pictures without what a camera notes."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PIL import Image

from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.core.files import FileRefused
from portal_app.features.practice import service
from portal_app.features.practice.views import ProfileChange, ProfileView
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker

CHANGE = ProfileChange(("family", "bones"), ("en", "es"), {"en": "I run."}, {}, {"en": "Births"}, 12, 80, False)


@pytest.fixture
async def ada(clinic: Clinic) -> Someone:
    return await clinic.staff("clinician")


@pytest.fixture
async def place(database: Database, ada: Someone) -> Place:
    return await PracticeMaker(database).place(person_id=ada.person_id)


async def _write(database: Database, someone: Someone, place: Place, change: ProfileChange = CHANGE) -> None:
    async with database.act_as(someone.credential, "practice.change_profile") as tx:
        await service.set_profile(tx, place.practitioner_id, change)


async def _read(database: Database, someone: Someone, place: Place) -> ProfileView:
    async with database.act_as(someone.credential, "practice.view") as tx:
        return await service.profile(tx, place.practitioner_id)


async def _send(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _put(database: Database, settings: Settings, someone: Someone, place: Place, content: bytes | None) -> None:
    portrait = None if content is None else await service.portrait_of(_send(content))
    async with database.act_as(someone.credential, "practice.change_profile") as tx:
        await service.set_photo(tx, settings, place.practitioner_id, portrait)


def _picture(note: str = "") -> bytes:
    written, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = note
    Image.new("RGB", (900, 600), "teal").save(written, "JPEG", exif=exif)
    return written.getvalue()


@pytest.mark.parametrize("role", ["manager", "own"])
async def test_manager_and_clinician_write_what_a_patient_reads(
    database: Database, clinic: Clinic, ada: Someone, place: Place, role: str
) -> None:
    await _write(database, ada if role == "own" else await clinic.staff("manager"), place)
    found = await _read(database, await clinic.patient(), place)
    assert (found.biography, found.treats, found.age_from, found.who.accepts_new) == ({"en": "I run."}, {}, 12, False)
    assert found.who.specialty_in("es") == "Medicina familiar · Huesos y articulaciones"


async def test_nobody_writes_somebody_elses_profile(database: Database, clinic: Clinic, place: Place) -> None:
    with pytest.raises(NotAllowed):
        await _write(database, await clinic.staff("clinician", name="Wei Zhang"), place)


@pytest.mark.parametrize(
    "wrong",
    [
        {"age_from": 81}, {"age_from": -1}, {"age_until": 200}, {"specialty_codes": ()}, {"specialty_codes": ("x",)},
        {"languages": ()}, {"biography": {"en": "a" * 2001}},
    ],
    ids=str,
)  # fmt: skip
async def test_what_cannot_be_is_refused(
    database: Database, ada: Someone, place: Place, wrong: dict[str, object]
) -> None:
    with pytest.raises(InputRefused):
        await _write(database, ada, place, replace(CHANGE, **wrong))  # type: ignore[arg-type]


async def test_a_picture_is_a_small_square_without_notes_and_everyone_signed_in_sees_it(
    database: Database, settings: Settings, clinic: Clinic, ada: Someone, place: Place
) -> None:
    await _put(database, settings, ada, place, _picture("12 River Street"))
    maria = await clinic.patient()
    photo_id = (await _read(database, maria, place)).who.photo_id
    assert photo_id is not None
    async with database.act_as(maria.credential, "practice.view") as tx:
        opened = await service.open_photo(tx, settings, photo_id)
    content = b"".join([part async for part in opened.parts()])
    assert Image.open(io.BytesIO(content)).size == (320, 320)
    assert b"River" not in content


async def test_a_picture_taken_out_is_nobodys_to_see(
    database: Database, settings: Settings, clinic: Clinic, ada: Someone, place: Place
) -> None:
    await _put(database, settings, ada, place, _picture())
    photo_id = (await _read(database, ada, place)).who.photo_id
    await _put(database, settings, ada, place, None)
    assert (await _read(database, ada, place)).who.photo_id is None
    assert photo_id is not None
    maria = await clinic.patient()
    with pytest.raises(NotFound):
        async with database.act_as(maria.credential, "practice.view") as tx:
            await service.open_photo(tx, settings, photo_id)


@pytest.mark.parametrize("content", [b"", b"hello", _picture()[:2000]], ids=["empty", "words", "broken"])
async def test_what_is_no_picture_is_refused(
    database: Database, settings: Settings, ada: Someone, place: Place, content: bytes
) -> None:
    with pytest.raises(FileRefused):
        await _put(database, settings, ada, place, content)
