"""Which sources make which build, and what a build may ask of others."""

import os
from pathlib import Path

import pytest

from portal_app.operations import build
from portal_app.operations.build import BuildFailed
from portal_app.operations.places import CHECKOUT, Places


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("portal_app/pages/home.py", "portal_app/operations/demo.py", "assets/look.css", "rxconfig.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("first")
    return tmp_path


@pytest.mark.parametrize("source", ["portal_app/pages/home.py", "assets/look.css", "rxconfig.py"])
def test_a_changed_source_needs_another_build(checkout: Path, source: str) -> None:
    before = build.sources_digest(checkout)
    (checkout / source).write_text("second")
    assert build.sources_digest(checkout) != before


def test_a_renamed_source_needs_another_build(checkout: Path) -> None:
    before = build.sources_digest(checkout)
    (checkout / "assets" / "look.css").rename(checkout / "assets" / "shape.css")
    assert build.sources_digest(checkout) != before


def test_what_no_page_is_made_of_needs_no_other_build(checkout: Path) -> None:
    before = build.sources_digest(checkout)
    (checkout / "portal_app" / "operations" / "demo.py").write_text("second")
    (checkout / "portal_app" / "pages" / "home.pyc").write_text("compiled")
    assert build.sources_digest(checkout) == before


def test_known_sources_are_not_built_again(tmp_path: Path) -> None:
    places = Places(tmp_path)
    finished = places.pages / build.sources_digest()
    finished.mkdir(parents=True)
    (finished / "complete").touch()
    said: list[str] = []
    assert build.ensure_built(places, said.append) == finished
    assert said == []


def test_the_workshop_keeps_no_asset_of_another_checkout(tmp_path: Path) -> None:
    left = tmp_path / ".web" / "public" / "shell.js"
    left.parent.mkdir(parents=True)
    left.write_text("of another checkout, and newer")
    build._lay_out(tmp_path)
    assert not left.exists()
    assert (tmp_path / "assets" / "shell.js").read_bytes() == (CHECKOUT / "assets" / "shell.js").read_bytes()


def test_a_half_published_build_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(tmp_path)
    (places.pages / build.sources_digest()).mkdir(parents=True)

    def fail(*_: object) -> None:
        raise BuildFailed("as expected")

    monkeypatch.setattr(build, "_build", fail)
    with pytest.raises(BuildFailed, match="as expected"):
        build.ensure_built(places, print)


def test_publishing_replaces_the_whole_build_at_once(tmp_path: Path) -> None:
    web, finished = tmp_path / "web", tmp_path / "pages" / "digest"
    (web / "build" / "client").mkdir(parents=True)
    (web / "build" / "client" / "index.html").write_text("page")
    (finished / "build" / "stale").mkdir(parents=True)
    build._publish(web, finished)
    assert (finished / "build" / "client" / "index.html").read_text() == "page"
    assert (finished / "complete").exists()
    assert not (finished / "build" / "stale").exists()


def test_old_builds_are_forgotten_but_the_newest_stay(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).mkdir()
        os.utime(tmp_path / str(number), (number, number))
    build._forget_old(tmp_path, keep=tmp_path / "0")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "2", "3", "4"]


def test_the_build_asks_nobody_but_the_registry_and_writes_below_the_data_folder(tmp_path: Path) -> None:
    environment = build.reflex_environment(Places(tmp_path))
    assert environment["REFLEX_TELEMETRY_ENABLED"] == environment["REFLEX_CHECK_LATEST_VERSION"] == "false"
    assert environment["NPM_CONFIG_AUDIT"] == environment["NPM_CONFIG_UPDATE_NOTIFIER"] == "false"
    for name in ("REFLEX_DIR", "REFLEX_UPLOADED_FILES_DIR", "NPM_CONFIG_CACHE"):
        assert Path(environment[name]).is_relative_to(tmp_path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("npm error code ENOSPC", "disk is full"),
        ("npm error network request to the registry failed, reason: getaddrinfo ENOTFOUND", "cannot be reached"),
        ("SyntaxError: Unexpected token", "could not be built"),
    ],
)
def test_a_failed_build_names_its_cause_and_shows_its_end(tmp_path: Path, line: str, words: str) -> None:
    log = tmp_path / "build.log"
    log.write_text(f"\x1b[31mearlier\x1b[0m\n{line}\n")
    explained = build._explain(log)
    assert words in explained
    assert explained.endswith(f"    earlier\n    {line}")
