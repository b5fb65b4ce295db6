"""`./portal worker`: does the jobs."""

import asyncio
import contextlib
import faulthandler
import signal
from typing import Final

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException

from portal_app import wiring
from portal_app.core import jobs
from portal_app.core.db import libpq_conninfo
from portal_app.core.jobs import Workplace
from portal_app.operations import logs
from portal_app.settings import Settings

CONCURRENCY: Final = 8
RESCUE_EVERY_S: Final = 5.0
AWAY_WAIT_S: Final = 1.0
CONNECT_S: Final = 3.0
SHUTDOWN_S: Final = 4.0
"""Within the supervisor's patience, so that jobs end or are given back before it kills."""
AGAIN_S: Final = SHUTDOWN_S + 0.5
GIVE_UP_S: Final = 30.0
"""After this a worker that was asked to stop and cannot says where it stands and ends; its jobs go to others."""

log = structlog.get_logger(__name__)


def main(settings: Settings) -> int:
    """Work until SIGTERM or SIGINT; what is under way is finished, or given back to the queue."""
    logs.configure(settings)
    asyncio.run(_until_signalled(settings))
    return 0


async def _until_signalled(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    working = asyncio.create_task(work(wiring.open_workplace(settings)))

    def stop() -> None:
        working.cancel()
        loop.call_later(GIVE_UP_S, _say_what_stands)
        # By the clock of the interpreter: it ends a loop that stands still too, and one that waits for a thread.
        faulthandler.dump_traceback_later(GIVE_UP_S + 1, exit=True)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    with contextlib.suppress(asyncio.CancelledError):
        await working
    await _end_the_rest()


async def _end_the_rest() -> None:
    """End what libraries left running; asyncio.run asks only once, and waits for what did not hear it."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)


def _say_what_stands() -> None:
    at = [(task.get_name(), task.get_stack(limit=1)) for task in asyncio.all_tasks()]
    standing = [f"{name}: {stack[0].f_code.co_qualname}, line {stack[0].f_lineno}" for name, stack in at if stack]
    log.error("worker_does_not_stop", standing=sorted(standing))


async def work(workplace: Workplace) -> None:
    """Do jobs until cancelled. A database that goes away is waited for."""
    working = asyncio.create_task(_work(workplace))
    try:
        await asyncio.shield(working)
    finally:
        # One that comes while a connection is waited for can be lost: asyncio.wait_for before Python 3.12. Once more
        # is no sooner than jobs have had their time, since it ends what they are given.
        while not working.done():
            working.cancel()
            await asyncio.wait((working,), timeout=AGAIN_S)


async def _work(workplace: Workplace) -> None:
    conninfo = libpq_conninfo(workplace.settings.database_url or "")
    try:
        while not _is_cancelled():
            try:
                await _work_once(workplace, conninfo)
            except (ConnectorException, psycopg.OperationalError) as error:
                log.warning("worker_lost_database", error=type(error).__name__)
            if not _is_cancelled():
                await asyncio.sleep(AWAY_WAIT_S)
    finally:
        await workplace.database.close()


def _is_cancelled() -> bool:
    # Asked besides CancelledError: while the database is away, procrastinate's farewell fails, and its error comes
    # instead.
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _work_once(workplace: Workplace, conninfo: str) -> None:
    """Run one worker until it is cancelled or the database is lost, which procrastinate ends a worker for."""
    # One connection listens, the others fetch and finish jobs, which are short statements.
    connector = procrastinate.PsycopgConnector(conninfo=conninfo, min_size=2, max_size=4, timeout=CONNECT_S)
    with jobs.app.replace_connector(connector) as app:
        async with app.open_async():
            rescuing = asyncio.create_task(_rescue_again_and_again())
            try:
                await app.run_worker_async(
                    concurrency=CONCURRENCY,
                    fetch_job_polling_interval=jobs.POLLING_S,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    update_heartbeat_interval=jobs.HEARTBEAT_S,
                    stalled_worker_timeout=jobs.STALLED_AFTER_S,
                    shutdown_graceful_timeout=SHUTDOWN_S,
                    additional_context={"workplace": workplace},
                )
            finally:
                rescuing.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectorException):
                    await rescuing


async def _rescue_again_and_again() -> None:
    while True:
        try:
            rescued = await jobs.rescue_stalled()
            if rescued:
                log.warning("jobs_rescued", count=rescued)
        except ConnectorException as error:
            log.warning("rescue_failed", error=type(error).__name__)
        await asyncio.sleep(RESCUE_EVERY_S)
