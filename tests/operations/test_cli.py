"""The command line: what each verb is given, and how failures are said."""

import argparse
from pathlib import Path

import pytest

from portal_app import cli
from portal_app.operations import catalogues, demo, test_run
from portal_app.operations.build import BuildFailed
from portal_app.operations.startup import CannotStart

VERBS = ["demo", "serve", "migrate", "worker", "doctor", "test", "bench", "i18n", "lock"]
VERBS += ["backup", "restore", "audit", "keys", "user"]


def test_every_verb_is_named_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = capsys.readouterr().out
    assert [verb for verb in VERBS if f"    {verb} " not in said] == []


@pytest.mark.parametrize(
    ("arguments", "passed_on"),
    [
        (["-k", "name"], (None, "name", [])),
        (["--database-url", "postgresql://x"], ("postgresql://x", None, [])),
        (["tests/core", "-x", "-m", "not slow"], (None, None, ["tests/core", "-x", "-m", "not slow"])),
    ],
)
def test_what_test_does_not_know_goes_to_pytest_in_order(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], passed_on: tuple[object, ...]
) -> None:
    monkeypatch.setattr(test_run, "main", lambda *given: 0 if given == passed_on else 1)
    assert cli.main(["test", *arguments]) == 0


def test_other_verbs_refuse_what_they_do_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["doctor", "--tests"])
    assert "unknown: --tests" in capsys.readouterr().err


@pytest.mark.parametrize("problem", [CannotStart("Port 1 is taken."), BuildFailed("Port 1 is taken.")])
def test_what_a_person_can_mend_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: Exception
) -> None:
    monkeypatch.setattr(demo, "main", lambda _port, _lan: raise_(problem))
    assert cli.main(["demo"]) == cli.EXIT_UNAVAILABLE
    assert capsys.readouterr().err.strip() == "Port 1 is taken."


def test_what_nobody_expected_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "main", lambda _action: raise_(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["i18n", "check"])


def raise_(problem: Exception) -> int:
    raise problem


def test_upkeep_acts_on_the_operators_installation_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
    settings = cli._settings(argparse.Namespace(demo=4107))
    assert (settings.mode, settings.port, settings.data_dir) == ("demo", 4107, tmp_path / "demo-4107")
