"""What stands in the way of a start is said in a sentence."""

import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from portal_app.core import crypto
from portal_app.core.audit_seal import AuditKey, load_audit_key
from portal_app.core.crypto import KeyRing, KeyRingFile
from portal_app.operations import demo, serve, startup
from portal_app.operations.places import DEMO_MARK, Places
from portal_app.operations.startup import CannotStart
from portal_app.operations.supervisor import Program
from portal_app.operations.web_server import process_environment
from portal_app.settings import Settings


def serve_settings(folder: Path, origin: str = "https://portal.example.org") -> Settings:
    keys = folder / "keys"
    keys.mkdir(parents=True)
    (keys / "ring").touch()
    (keys / "audit").touch()
    return Settings(mode="serve", data_dir=folder, origin=origin)


def test_a_taken_port_is_named_with_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} is taken .* --port \d+") as refused:
            startup.require_free_port("127.0.0.1", port, "./portal demo --port ", patience_s=0)
    assert f"--port {port}" not in str(refused.value)


def test_a_free_port_is_taken_as_it_is() -> None:
    startup.require_free_port("127.0.0.1", startup.unused_port(), "")


def test_a_port_that_is_just_being_given_up_is_waited_for() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    giving_up = threading.Timer(0.2, taken.close)
    giving_up.start()
    startup.require_free_port("127.0.0.1", port, "", patience_s=20)
    giving_up.join()


def test_the_demo_uses_no_key_and_no_mail_server_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SMTP_HOST", "mail.example.org")
    monkeypatch.setenv("PORTAL_KEY_FILE", "/etc/portal/ring")
    settings = demo.demo_settings(tmp_path, 4100)
    assert settings.smtp_host == "127.0.0.1"
    assert settings.key_path == tmp_path / "keys" / "ring"


def test_a_data_folder_is_used_by_one_portal_at_a_time(tmp_path: Path) -> None:
    with (
        startup.sole_use(tmp_path / "data", "already"),
        pytest.raises(CannotStart, match="already"),
        startup.sole_use(tmp_path / "data", "already"),
    ):
        pass


def test_a_data_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with startup.sole_use(tmp_path / "data", "already"):
            assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_serve_accepts_sound_settings(tmp_path: Path) -> None:
    serve.refuse_unsafe(serve_settings(tmp_path))


@pytest.mark.parametrize("origin", ["", "portal.example.org", "https://", "https://portal.example.org/path"])
def test_serve_wants_the_address_people_open(tmp_path: Path, origin: str) -> None:
    with pytest.raises(CannotStart, match="PORTAL_ORIGIN"):
        serve.refuse_unsafe(serve_settings(tmp_path, origin))


def test_serve_wants_https_beyond_this_machine(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="https"):
        serve.refuse_unsafe(serve_settings(tmp_path, "http://portal.example.org"))


def test_serve_refuses_what_the_demo_made(tmp_path: Path) -> None:
    settings = serve_settings(tmp_path)
    (tmp_path / DEMO_MARK).touch()
    with pytest.raises(CannotStart, match="made by the demo"):
        serve.refuse_unsafe(settings)


def test_serve_does_not_make_keys_by_itself(tmp_path: Path) -> None:
    settings = serve_settings(tmp_path)
    settings.key_path.unlink()
    with pytest.raises(CannotStart, match="portal keys make"):
        serve.refuse_unsafe(settings)


@pytest.mark.parametrize("mode", ["demo", "test"])
def test_serve_opens_no_demo_whatever_the_environment_says(tmp_path: Path, mode: str) -> None:
    settings = serve_settings(tmp_path).model_copy(update={"mode": mode})
    with pytest.raises(CannotStart, match="PORTAL_MODE"):
        serve.refuse_unsafe(settings)


def test_serve_sends_no_sign_in_code_unencrypted_to_another_machine(tmp_path: Path) -> None:
    settings = serve_settings(tmp_path).model_copy(update={"smtp_host": "mail.example.org"})
    with pytest.raises(CannotStart, match="PORTAL_SMTP_SECURITY"):
        serve.refuse_unsafe(settings)
    serve.refuse_unsafe(settings.model_copy(update={"smtp_security": "starttls"}))


def test_serve_runs_several_web_processes_only_with_what_they_share(tmp_path: Path) -> None:
    settings = serve_settings(tmp_path).model_copy(update={"web_processes": 2})
    with pytest.raises(CannotStart, match=r"PORTAL_WEB_PROCESSES is 2.*Set PORTAL_REDIS_URL"):
        serve.refuse_unsafe(settings)
    serve.refuse_unsafe(settings.model_copy(update={"redis_url": "unix:///run/redis/redis.sock"}))


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [
        ("redis://localhost:6379/0", True),
        ("rediss://:secret@redis.example.org:6380/0", True),
        ("redis://redis.example.org:6379/0", False),
        ("http://localhost:6379", False),
    ],
)
def test_serve_sends_what_pages_show_to_no_redis_unencrypted(tmp_path: Path, url: str, *, is_fine: bool) -> None:
    settings = serve_settings(tmp_path).model_copy(update={"redis_url": url})
    if is_fine:
        serve.refuse_unsafe(settings)
    else:
        with pytest.raises(CannotStart, match="PORTAL_REDIS_URL"):
            serve.refuse_unsafe(settings)


def serve_as_told(settings: Settings) -> "subprocess.CompletedProcess[str]":
    """Run `./portal serve` where it gives up by itself."""
    environment = process_environment(settings, Places.from_environment())
    command = [sys.executable, "-m", "portal_app.cli", "serve"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def demo_keys(folder: Path) -> None:
    shutil.rmtree(folder / "keys")
    made_by_demo = Settings(mode="demo", data_dir=folder)
    crypto.load_key_ring(made_by_demo)
    load_audit_key(made_by_demo)


def test_serve_refuses_a_demos_keys_in_a_sentence(settings: Settings, tmp_path: Path) -> None:
    given = serve_settings(tmp_path / "demo").model_copy(
        update={"port": startup.unused_port(), "database_url": settings.database_url}
    )
    demo_keys(given.data_dir)
    done = serve_as_told(given)
    assert done.returncode == 69
    assert "make one with ./portal keys make" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_says_that_its_database_does_not_answer(tmp_path: Path) -> None:
    settings = serve_settings(tmp_path)
    shutil.rmtree(settings.data_dir / "keys")
    KeyRingFile(settings.key_path).make(KeyRing.make(demo=False))
    AuditKey.make(settings.audit_key_path, demo=False)
    nowhere = {"port": startup.unused_port(), "database_url": "postgresql+psycopg://portal_app@127.0.0.1:1/portal"}
    done = serve_as_told(settings.model_copy(update=nowhere))
    assert done.returncode == 69
    assert "The database in PORTAL_DATABASE_URL does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_process_that_speaks_where_the_portal_speaks_is_not_quoted_with_nothing() -> None:
    program = Program("web", ["true"], {}, Path("/"))
    assert startup._last_words("web does not stay up.", program).endswith("where the portal's logs go.")
