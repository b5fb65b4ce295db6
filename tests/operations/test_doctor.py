"""The doctor: says what is wrong and what to do, and changes nothing."""

import asyncio
import socket
from pathlib import Path

import pytest

from portal_app.features.notify.push_keys import PushKey
from portal_app.media import process
from portal_app.operations import doctor
from portal_app.operations.places import DEMO_MARK
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from tests.conftest import Server


def test_a_migrated_database_with_a_plain_role_is_well(settings: Settings) -> None:
    findings = list(doctor.look_at_database(settings))
    assert [finding.words for finding in findings if not finding.is_well] == []
    assert len(findings) == 3


def test_a_role_that_passes_row_level_security_needs_a_look(settings: Settings, server: Server) -> None:
    mighty = settings.model_copy(update={"database_url": server.url(server.superuser, _name(settings))})
    found = [finding for finding in doctor.look_at_database(mighty) if not finding.is_well]
    assert "Row-level security" in found[0].words


def _name(settings: Settings) -> str:
    assert settings.database_url
    return settings.database_url.rpartition("/")[2].partition("?")[0]


def test_a_database_that_does_not_answer_needs_a_look() -> None:
    away = Settings(database_url="postgresql+psycopg://portal_app@127.0.0.1:1/portal")
    (found,) = doctor.look_at_database(away)
    assert not found.is_well
    assert "does not answer" in found.words


def test_no_database_is_made_by_looking(tmp_path: Path) -> None:
    (found,) = doctor.look_at_database(Settings(data_dir=tmp_path / "data", database_url=None))
    assert found.is_well
    assert not (tmp_path / "data").exists()


def test_an_open_key_is_told_with_what_to_do(tmp_path: Path) -> None:
    settings = Settings(mode="serve", data_dir=tmp_path)
    settings.key_path.parent.mkdir()
    settings.key_path.touch(mode=0o644)
    found = next(iter(doctor.look_at_keys(settings)))
    assert not found.is_well
    assert "chmod 600" in found.advice


def test_a_demos_folder_is_not_for_real_people(tmp_path: Path) -> None:
    (tmp_path / DEMO_MARK).touch()
    found = list(doctor.look_at_folders(Settings(mode="serve", data_dir=tmp_path)))
    assert any("no demo's" in finding.words and not finding.is_well for finding in found)


def test_several_web_processes_need_a_redis_that_answers() -> None:
    (nothing,) = doctor.look_at_redis(Settings(web_processes=2))
    assert "Set PORTAL_REDIS_URL" in nothing.advice
    (away,) = doctor.look_at_redis(Settings(web_processes=2, redis_url="redis://127.0.0.1:1/0"))
    assert "does not answer" in away.words
    assert not any(finding.is_well for finding in (nothing, away))
    assert list(doctor.look_at_redis(Settings())) == []


@pytest.mark.parametrize(("is_well", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_says_whether_all_is_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_well: bool, code: int
) -> None:
    monkeypatch.setattr(doctor, "LOOKS", [lambda _settings: iter([doctor.Finding(is_well, "The roof", "Mend it.")])])
    assert doctor.main(Settings()) == code
    assert ("Mend it." in capsys.readouterr().out) is not is_well


def test_the_key_for_notifications_is_looked_at(tmp_path: Path) -> None:
    settings = Settings(mode="serve", data_dir=tmp_path, mail_from="Sala <portal@example.org>")
    (absent,) = doctor.look_at_notifications(settings)
    assert (absent.is_well, "./portal keys push" in absent.words) == (True, True)
    PushKey.make(settings.push_key_path)
    assert [one.is_well for one in doctor.look_at_notifications(settings)] == [True, True]
    settings.push_key_path.chmod(0o644)
    assert [one.is_well for one in doctor.look_at_notifications(settings)] == [False, True]
    (nobody,) = [
        one for one in doctor.look_at_notifications(Settings(mode="serve", data_dir=tmp_path)) if "reach" in one.words
    ]
    assert "PORTAL_MAIL_FROM" in nobody.advice


def test_video_that_is_set_up_by_half_needs_a_look(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("shared")
    whole = Settings(turn_urls="turns:turn.example.org:443", turn_secret_file=secret)
    broken = Settings(media_ports="many", turn_urls="turns:turn.example.org:443", turn_secret_file=tmp_path / "none")

    assert [finding.is_well for finding in doctor.look_at_video(whole)] == [True, True]
    assert [finding.is_well for finding in doctor.look_at_video(broken)] == [False, False]


def test_a_hub_that_is_away_while_the_portal_runs_needs_a_look(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as portal:
        settings = Settings(data_dir=tmp_path, port=portal.getsockname()[1], media_ports="0")
        (away,) = doctor.look_at_video(settings)
    (stopped,) = doctor.look_at_video(settings)

    assert (away.is_well, stopped.is_well) == (False, True)
    assert "the hub does not answer" in away.words


def test_the_hub_may_listen_where_nobody_else_does(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        number = other.getsockname()[1]
        settings = Settings(data_dir=tmp_path, port=unused_port(), media_ports=f"{number}", media_addresses="127.0.0.1")
        (taken,) = doctor.look_at_video(settings)

    assert not taken.is_well
    assert "PORTAL_MEDIA_PORTS" in taken.advice


async def test_a_hub_that_answers_says_how_much_goes_on(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, media_ports="0")
    async with process.opened(settings) as hub:
        (found,) = await asyncio.to_thread(lambda: list(doctor.look_at_video(settings)))

    assert found.is_well
    assert f"UDP port {hub.port.number}; 0 of 0 rooms carried" in found.words
