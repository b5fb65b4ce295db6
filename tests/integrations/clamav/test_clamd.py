"""Files looked through by a daemon at the other end of a real socket."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal_app import wiring
from portal_app.core import scanning
from portal_app.core.contents import FileRefused, FileRules, cleaned
from portal_app.core.scanning import ScannerAway
from portal_app.integrations.clamav.clamd import Clamd
from portal_app.operations import doctor
from portal_app.settings import Settings
from tests.integrations.clamav.peer import FOUND, VIRUS, Daemon
from tests.sent_files import parts, picture


@pytest.fixture(autouse=True)
def nobody_looks_after() -> Iterator[None]:
    yield
    scanning.use_scanner(None)


async def test_a_file_goes_over_whole_and_what_was_found_comes_back(tmp_path: Path) -> None:
    daemon, content = Daemon(), os.urandom(1_000_001)
    async with daemon.on_path(tmp_path) as clamd:
        assert [await clamd.scan(one) for one in (content, content + VIRUS, b"")] == ["", FOUND, ""]
        assert (await clamd.version()).startswith("ClamAV 1.4")
    assert daemon.seen == [content, content + VIRUS, b""]
    async with daemon.on_port() as clamd:
        assert await clamd.scan(VIRUS) == FOUND


@pytest.mark.parametrize("manner", ["half", "closing", "starting"])
async def test_whatever_is_no_answer_counts_as_not_looked(tmp_path: Path, manner: str) -> None:
    async with Daemon(manner).on_path(tmp_path) as clamd:
        with pytest.raises(ScannerAway):
            await clamd.scan(b"anything")


async def test_who_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    async with Daemon("silent").on_path(tmp_path, longest_s=0.2) as clamd:
        with pytest.raises(ScannerAway):
            await clamd.scan(b"anything")


async def test_a_file_too_large_for_the_daemon_counts_as_not_looked(tmp_path: Path) -> None:
    async with Daemon(longest=1000).on_path(tmp_path) as clamd:
        with pytest.raises(ScannerAway):
            await clamd.scan(os.urandom(3_000_000))


async def test_nobody_there_counts_as_not_looked(tmp_path: Path) -> None:
    for address in (str(tmp_path / "none"), "127.0.0.1:1"):
        with pytest.raises(ScannerAway):
            await Clamd(address).scan(b"anything")


async def test_a_harmful_file_is_refused_as_it_was_sent_and_another_is_kept(tmp_path: Path) -> None:
    daemon, harmful = Daemon(), picture("JPEG") + VIRUS  # which drawing anew would have left out
    async with daemon.on_path(tmp_path) as clamd:
        scanning.use_scanner(clamd)
        with pytest.raises(FileRefused) as refused:
            await cleaned(parts(harmful), FileRules())
        assert "something harmful" in refused.value.reason
        assert (await cleaned(parts(picture("JPEG")), FileRules())).media_type == "image/jpeg"
    assert daemon.seen == [harmful, picture("JPEG")]


async def test_while_the_scanner_is_away_nothing_is_kept_and_that_is_said(tmp_path: Path) -> None:
    scanning.use_scanner(Clamd(str(tmp_path / "none")))
    with pytest.raises(FileRefused) as refused:
        await cleaned(parts(picture("JPEG")), FileRules())
    assert "cannot look through files" in refused.value.reason


def test_the_scanner_is_who_the_settings_name_and_nobody_by_default() -> None:
    assert wiring.scanner(Settings()) is None
    assert isinstance(wiring.scanner(Settings(clamd="/run/clamav/clamd.ctl")), Clamd)
    for wrong in ("localhost", "localhost:none", ":3310", "localhost:70000"):
        with pytest.raises(SystemExit, match="PORTAL_CLAMD"):
            wiring.scanner(Settings(clamd=wrong))


def test_the_doctor_says_that_the_scanner_is_away_and_what_that_means(tmp_path: Path) -> None:
    assert list(doctor.look_at_scanner(Settings())) == []
    (found,) = doctor.look_at_scanner(Settings(clamd=str(tmp_path / "none")))
    assert not found.is_well
    assert "no file is taken" in str(found)
