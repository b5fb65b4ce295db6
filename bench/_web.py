"""The real web process on the production build, for one benchmark."""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench._clinic import Installation
from portal_app.operations.build import ensure_built
from portal_app.operations.places import Places
from portal_app.operations.startup import unused_port
from portal_app.operations.web_server import process_environment, web_program
from portal_app.settings import Settings

START_LIMIT_S = 60


@dataclass(frozen=True)
class Served:
    """A web process that answers. `environment` gives another process the same settings.

    `hashes` are what a page of the build says of the states it comes with, when it asks for the rest.
    """

    settings: Settings
    pid: int
    environment: Mapping[str, str]
    hashes: tuple[str, ...]


@contextlib.contextmanager
def serving(here: Installation) -> Iterator[Served]:
    """Build the pages if need be and serve them on an unused port, as `./portal serve` does, until the block ends."""
    places = Places.from_environment()
    pages = ensure_built(places, lambda line: print(line, flush=True))
    settings = here.settings.model_copy(update={"port": unused_port()})
    log_path = settings.data_dir / "web.log"
    process = web_program(settings, places, pages, log_path).start()
    try:
        _wait_until_ready(settings, process.poll)
        environment = {**os.environ, **process_environment(settings, places)}
        yield Served(settings, process.pid, environment, _hashes(pages))
    except Exception:
        print(log_path.read_text(errors="replace")[-4000:])
        raise
    finally:
        process.terminate()
        process.wait(10)


def _hashes(pages: Path) -> tuple[str, ...]:
    scripts = (pages / "build" / "client" / "assets").glob("*.js")
    (found,) = (said for one in scripts if (said := re.search(r"initialStateHashes=`([0-9a-f.]+)`", one.read_text())))
    return tuple(found[1].split("."))


def _wait_until_ready(settings: Settings, poll: Callable[[], int | None]) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while poll() is None and time.monotonic() < limit:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{settings.public_origin}/readyz", trust_env=False).status_code == httpx.codes.OK:
                return
        time.sleep(0.05)
    raise TimeoutError("the web process does not answer")
