"""One way to log: a JSON object a line, with nothing in it that was typed or read by a patient.

An exception is written as its type and the places it passed, never its message: messages quote values, as
PostgreSQL's do, and a log is read by more people than a chart.
"""

import logging
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

if TYPE_CHECKING:
    from portal_app.settings import Settings

_QUIET = ("asyncio", "engineio", "engineio.server", "granian.access", "httpx", "socketio", "socketio.server")


def configure(settings: "Settings", stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's loggers to `stream`, standard error by default, as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(json_formatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def json_formatter() -> logging.Formatter:
    """Return the formatter of all our handlers, with structlog set up to speak through them.

    The web server makes its handlers itself and asks for this by name in granian_log.json.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        exception_without_words,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    finish: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish)


_OURS: Final = f"{Path(__file__).parent.parent}/"


def exception_without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type, its code if it is one of ours, and where it passed."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = f"{type(error).__module__}.{type(error).__qualname__}"
        event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in _frames(error)]
        code = getattr(error, "code", None)
        if isinstance(code, str):
            event["code"] = code
    return event


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the last of where an error passed, and before them where it last left our own sources.

    What fails in the database fails more frames deep in its driver than are kept.
    """
    passed = list(traceback.extract_tb(error.__traceback__))
    own = [frame for frame in passed[:-12] if _OURS in frame.filename]
    return [*own[-4:], *passed[-12:]]
