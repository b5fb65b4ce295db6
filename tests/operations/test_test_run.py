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


def test_without_a_browser_without_windows_the_systems_own_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/chromium" if name == "chromium" else None)
    assert test_run.test_environment(None)["PORTAL_TEST_BARE_BROWSER"] == "/usr/bin/chromium"
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert test_run.test_environment(None)["PORTAL_TEST_BARE_BROWSER"] == "/usr/bin/chromium-headless-shell"


def test_settings_of_a_real_portal_do_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_TEST_DATABASE_URL", raising=False)  # this run may have been given a server itself
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql+psycopg://real")
    environment = test_run.test_environment(None)
    assert "PORTAL_DATABASE_URL" not in environment
    assert "PORTAL_TEST_DATABASE_URL" not in environment


def test_a_given_server_reaches_the_tests() -> None:
    assert test_run.test_environment("postgresql://given")["PORTAL_TEST_DATABASE_URL"] == "postgresql://given"


def _tests_in(checkout: Path, words: str) -> None:
    """Write a test for each part; these words are the one that needs no browser."""
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


@pytest.mark.parametrize("codes", [(0, 0, 0), (1, 0, 0), (0, 2, 0), (0, 0, 3)])
def test_all_parts_are_run_and_told_and_each_fails_the_whole(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], codes: tuple[int, int, int]
) -> None:
    left = list(codes)

    def part(_environment: dict[str, str], *_arguments: str, output: TextIO | None = None) -> "subprocess.Popen[bytes]":
        number = len(codes) - len(left)
        return subprocess.Popen(["sh", "-c", f"echo part {number} ran; exit {left.pop(0)}"], stdout=output)

    monkeypatch.setattr(test_run, "run_checks", lambda _: [])
    monkeypatch.setattr(test_run, "test_environment", lambda _: {})
    monkeypatch.setattr(test_run, "_pytest", part)
    assert test_run.main(None, None, []) == sum(codes)
    said = capfd.readouterr().out
    assert [f"part {number} ran" in said for number in range(3)] == [True] * 3
    assert ("All tests passed." in said) == (not any(codes))


def test_each_test_is_in_one_part() -> None:
    """A folder of tests that were in none would pass for ever."""
    journeys, *others = test_run._parts().values()
    left_out = [given.removeprefix("--ignore=") for given in journeys if given.startswith("--ignore=")]
    elsewhere = [path for part in others for path in part]
    tests = Path(__file__).parent.parent
    tops = {f"tests/{path.relative_to(tests).parts[0]}" for path in tests.rglob("test_*.py")}
    assert len(elsewhere) == len(set(elsewhere))
    assert {path for path in elsewhere if path.startswith("tests/journeys")} == set(left_out)
    named = {path for path in elsewhere if path not in left_out} | {"tests/journeys"}
    assert named >= tops
