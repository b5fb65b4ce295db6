"""What stands in the way of a start is said in a sentence."""

import socket
from pathlib import Path

import pytest

from portal_app.operations import serve, startup
from portal_app.operations.places import DEMO_MARK
from portal_app.operations.startup import CannotStart
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
            startup.require_free_port("127.0.0.1", port)
    assert f"--port {port}" not in str(refused.value)


def test_a_free_port_is_taken_as_it_is() -> None:
    startup.require_free_port("127.0.0.1", startup.unused_port())


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
