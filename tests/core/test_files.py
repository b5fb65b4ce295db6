"""Files at rest: what is taken, who reads it, and what a killed upload leaves."""

import io
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from portal_app.core import files, policy
from portal_app.core.actor import Role, Section
from portal_app.core.db import Database
from portal_app.core.errors import NotFound
from portal_app.core.files import CleanContent, FileRefused, FileRules, FileView, cleaned, open_file, save_file
from portal_app.core.sealed_stream import ContentDamaged
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.sent_files import paper, parts, picture

policy.register("test.anything", set(Role))
PDF = paper()


async def save(database: Database, settings: Settings, someone: Someone, content: bytes = PDF) -> FileView:
    clean = await cleaned(parts(content), FileRules())
    async with database.act_as(someone.credential, "test.anything") as tx:
        return await save_file(
            tx, settings, clean, filename="insurance card.pdf", section=Section.forms,
            patient_id=someone.patient_id,
        )  # fmt: skip


async def read(database: Database, settings: Settings, someone: Someone, view: FileView) -> bytes:
    async with database.act_as(someone.credential, "test.anything") as tx:
        opened = await open_file(tx, settings, view.id)
    return b"".join([part async for part in opened.parts()])


def on_disk(settings: Settings) -> list[Path]:
    return [path for path in files.files_folder(settings).rglob("*") if path.is_file()]


async def test_a_file_comes_back_whole(database: Database, settings: Settings, clinic: Clinic) -> None:
    maria = await clinic.patient()
    noise = Image.effect_noise((700, 700), 80)
    held = io.BytesIO()
    noise.save(held, "PNG")
    view = await save(database, settings, maria, held.getvalue())
    kept = await read(database, settings, maria, view)
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.tobytes() == noise.tobytes()
    assert (view.filename, view.media_type, view.size_bytes) == ("insurance card.png", "image/png", len(kept))


async def test_nothing_of_a_file_shows_on_disk(database: Database, settings: Settings, clinic: Clinic) -> None:
    await save(database, settings, await clinic.patient())
    (path,) = on_disk(settings)
    assert b"PDF" not in path.read_bytes()
    assert "insurance" not in str(path)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_other_people_s_files_are_not_there(database: Database, settings: Settings, clinic: Clinic) -> None:
    maria, omar = await clinic.patient(), await clinic.patient("Omar", "Haddad")
    view = await save(database, settings, maria)
    for other in (omar, await clinic.staff("billing"), await clinic.staff("manager")):
        with pytest.raises(NotFound):
            await read(database, settings, other, view)


async def test_nobody_can_put_a_file_into_another_chart(database: Database, settings: Settings, clinic: Clinic) -> None:
    maria, omar = await clinic.patient(), await clinic.patient("Omar", "Haddad")
    intruder = Someone(maria.person_id, omar.patient_id, maria.credential, maria.email)
    with pytest.raises(Exception, match="row-level security"):
        await save(database, settings, intruder)


async def test_too_large_a_file_is_refused_while_it_arrives() -> None:
    arrived = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal arrived
        while True:
            arrived += 1000
            yield bytes(1000)

    with pytest.raises(FileRefused):
        await cleaned(endless(), FileRules(max_bytes=5000))
    assert arrived == 6000


async def test_an_empty_file_is_refused(database: Database, settings: Settings, clinic: Clinic) -> None:
    with pytest.raises(FileRefused):
        await save(database, settings, await clinic.patient(), b"")


@pytest.mark.parametrize("harm", ["changed", "cut", "exchanged"])
async def test_a_file_changed_on_disk_is_not_handed_out(
    database: Database, settings: Settings, clinic: Clinic, harm: str
) -> None:
    maria = await clinic.patient()
    view = await save(database, settings, maria)
    (path,) = on_disk(settings)
    sealed = path.read_bytes()
    if harm == "exchanged":
        await save(database, settings, maria, picture())
        sealed = next(other for other in on_disk(settings) if other != path).read_bytes()
    path.write_bytes({"changed": sealed[:-1] + b"\0", "cut": sealed[:20], "exchanged": sealed}[harm])
    with pytest.raises(ContentDamaged):
        await read(database, settings, maria, view)


def age(settings: Settings) -> None:
    for path in on_disk(settings):
        os.utime(path, (time.time() - 4000,) * 2)


async def test_what_a_killed_upload_leaves_is_swept_and_files_in_use_stay(
    database: Database, settings: Settings, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    view = await save(database, settings, maria)
    await fail_after_saving(database, settings, maria)
    folder = files.files_folder(settings) / "ab"
    folder.mkdir(exist_ok=True)
    (folder / f".{uuid4().hex}").write_bytes(b"half a draft")
    assert await files.sweep_orphans(database, settings) == 0  # an upload may be under way
    age(settings)
    assert await files.sweep_orphans(database, settings) == 2
    assert (await read(database, settings, maria, view)).startswith(b"%PDF-")


async def fail_after_saving(database: Database, settings: Settings, someone: Someone) -> None:
    async def save_and_fail() -> None:
        async with database.act_as(someone.credential, "test.anything") as tx:
            await save_file(
                tx,
                settings,
                CleanContent("application/pdf", PDF),
                filename="x",
                section=Section.forms,
                patient_id=someone.patient_id,
            )
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await save_and_fail()


async def test_a_removed_file_is_gone_from_the_disk_after_the_sweep(
    database: Database, settings: Settings, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    view = await save(database, settings, maria)
    async with database.act_as(maria.credential, "test.anything") as tx:
        await files.remove_file(tx, view.id)
    with pytest.raises(NotFound):
        await read(database, settings, maria, view)
    age(settings)
    assert await files.sweep_orphans(database, settings) == 1
    assert on_disk(settings) == []
