"""The test command itself: complete, loud about what is missing, and deaf to the operator's settings."""

import subprocess
from pathlib import Path
from typing import TextIO

import pytest

from portal_app.operations import test_run
from portal_app.operations.build import BuildFailed
from portal_app.operations.test_run import BrowserMissing


def test_a_missing_browser_stops_the_run_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_: None)
    with pytest.raises(BrowserMissing, match="apt install chromium"):
        test_run.find_browser()


def test_the_systems_browser_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/chromium" if name == "chromium" else None)
    assert test_run.find_browser() == "/usr/bin/chromium"


def test_settings_of_a_real_portal_do_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_TEST_DATABASE_URL", raising=False)  # this run may have been given a server itself
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql+psycopg://real")
    environment = test_run.test_environment(None)
    assert "PORTAL_DATABASE_URL" not in environment
    assert "PORTAL_TEST_DATABASE_URL" not in environment


def test_a_given_server_reaches_the_tests() -> None:
    assert test_run.test_environment("postgresql://given")["PORTAL_TEST_DATABASE_URL"] == "postgresql://given"


def _tests_in(checkout: Path, words: str) -> None:
    """Write a test for each half; these words are the one that needs no browser."""
    for folder, body in (("core", words), ("journeys", "pass"), ("pages", "pass")):
        (checkout / "tests" / folder).mkdir(parents=True)
        (checkout / "tests" / folder / f"test_{folder}.py").write_text(f"def test_one(): {body}\n")


def test_a_failed_check_fails_the_run_though_every_test_passes(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(test_run, "CHECKS", (("Sound", ("true",)), ("Unsound", ("sh", "-c", "echo why; exit 3"))))
    monkeypatch.setattr(test_run, "ensure_built", lambda *_: tmp_path)
    _tests_in(tmp_path, "pass")
    monkeypatch.setattr(test_run, "CHECKOUT", tmp_path)
    assert test_run.main(None, None, []) == 1
    said = capfd.readouterr()
    assert "Sound: passed" in said.out
    assert "Unsound: FAILED" in said.out
    assert "why" in said.out
    assert "1 passed" in said.out


def test_a_failed_test_fails_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(test_run, "run_checks", lambda _environment: [])
    _tests_in(tmp_path, "assert False")
    monkeypatch.setattr(test_run, "CHECKOUT", tmp_path)
    assert test_run.main(None, None, []) == 1


def test_pages_that_do_not_build_fail_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Path:
        raise BuildFailed("as expected")

    monkeypatch.setattr(test_run, "CHECKS", ())
    monkeypatch.setattr(test_run, "ensure_built", fail)
    assert test_run.run_checks({}) == ["Pages"]


@pytest.mark.parametrize(("walked", "others"), [(0, 0), (1, 0), (0, 2)])
def test_both_halves_are_run_and_told_and_either_fails_the_whole(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], walked: int, others: int
) -> None:
    def half(_environment: dict[str, str], *arguments: str, output: TextIO | None = None) -> "subprocess.Popen[bytes]":
        word, code = ("walked", walked) if arguments[0] == "tests/journeys" else ("others", others)
        return subprocess.Popen(["sh", "-c", f"echo {word} ran; exit {code}"], stdout=output)

    monkeypatch.setattr(test_run, "run_checks", lambda _: [])
    monkeypatch.setattr(test_run, "test_environment", lambda _: {})
    monkeypatch.setattr(test_run, "_pytest", half)
    assert test_run.main(None, None, []) == (walked or others)
    said = capfd.readouterr().out
    assert "walked ran" in said
    assert "others ran" in said
    assert ("All tests passed." in said) == (not walked and not others)


def test_each_test_is_in_one_half() -> None:
    """A folder of tests that were in none would pass for ever."""
    others = test_run._other_tests()
    walked = {f"tests/journeys/{path.name}" for path in Path(__file__).parent.parent.glob("journeys/test_*.py")}
    assert walked > {path for path in others if path.startswith("tests/journeys")} == set(test_run._BESIDE)
    assert {"tests/core", "tests/features", "tests/pages", "tests/test_schema.py", "tests/web"} < set(others)
