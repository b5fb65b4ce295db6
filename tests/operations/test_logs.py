"""A log line is one JSON object, and no value of a patient's is in it."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from portal_app.operations import logs
from portal_app.settings import Settings


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers, root.level
    logs.configure(Settings(mode="test", log_level="info"), stream)
    yield stream
    root.handlers, root.level = before
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_object_with_level_and_utc_time(written: io.StringIO) -> None:
    structlog.get_logger("portal").info("booked", count=2)
    (line,) = lines(written)
    assert line["event"] == "booked"
    assert line["count"] == 2
    assert line["level"] == "info"
    assert str(line["timestamp"]).endswith("Z")


def test_other_libraries_speak_the_same_way(written: io.StringIO) -> None:
    logging.getLogger("granian").warning("worker %s ended", 1)
    (line,) = lines(written)
    assert (line["event"], line["logger"]) == ("worker 1 ended", "granian")


def test_an_exception_is_told_without_its_words(written: io.StringIO) -> None:
    try:
        int("Ana Secret, 1950-01-01")
    except ValueError:
        logging.getLogger("anything").exception("it failed")
    (line,) = lines(written)
    assert line["exception"] == "builtins.ValueError"
    assert "test_logs.py" in str(line["at"])
    assert "Secret" not in written.getvalue()


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    structlog.get_logger("portal").debug("detail")
    assert written.getvalue() == ""


def test_the_web_servers_own_lines_are_made_by_the_same_formatter(written: io.StringIO) -> None:
    config = json.loads(Path(logs.__file__).with_name("granian_log.json").read_text())
    assert config["formatters"]["json"] == {"()": "portal_app.operations.logs.json_formatter"}
    assert isinstance(logs.json_formatter(), structlog.stdlib.ProcessorFormatter)
    assert {handler["formatter"] for handler in config["handlers"].values()} == {"json"}


def test_an_error_deep_in_a_library_still_says_where_it_left_our_sources(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    library: dict[str, Any] = {}
    source = "def sink(left):\n    if not left: raise ValueError\n    sink(left - 1)"
    exec(compile(source, "/elsewhere/library.py", "exec"), library)
    monkeypatch.setattr(logs, "_OURS", str(Path(__file__).parent))
    try:
        library["sink"](30)
    except ValueError:
        logging.getLogger("anything").exception("it failed")
    at = lines(written)[0]["at"]
    assert isinstance(at, list)
    assert ("test_logs.py" in at[0], "library.py" in at[-1], len(at)) == (True, True, 13)
