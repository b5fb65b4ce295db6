"""Jobs for the tests of jobs; run as a program, a worker that says when it is in the middle of one.

`python -m tests.core.sample_jobs before` stops before the job's transaction commits, `… after` between its commit and
the queue hearing of it. Whoever started it then kills it.
"""

import asyncio
import sys
from uuid import UUID

from portal_app import wiring
from portal_app.core import audit, jobs, policy
from portal_app.core.actor import Role
from portal_app.core.db import Transaction
from portal_app.core.jobs import Workplace, job, long_job
from portal_app.operations import worker
from portal_app.settings import get_settings

policy.register("test.job", {Role.system})
policy.register("test.job_of_people", {Role.patient})

hold = asyncio.Event()
hold.set()


@job("test.mark", policy="test.job")
async def mark(tx: Transaction, mark_id: str) -> None:
    """Leave an audit event: an effect that would show if it happened twice."""
    await audit.record(tx, "test.mark", patient_id=None, entity="Basic", entity_id=UUID(mark_id))
    if not hold.is_set():
        sys.stdout.write("in the middle\n")
        sys.stdout.flush()
    await hold.wait()


@job("test.forbidden", policy="test.job_of_people")
async def forbidden(tx: Transaction, mark_id: str) -> None:
    """Never run: its policy does not name the system."""
    await audit.record(tx, "test.mark", patient_id=None, entity="Basic", entity_id=UUID(mark_id))


@long_job("test.long", policy="test.job")
async def long_mark(work: Workplace, mark_id: str) -> None:
    """Open its own transaction."""
    async with work.database.act_as_system("test.long") as tx:
        await audit.record(tx, "test.mark", patient_id=None, entity="Basic", entity_id=UUID(mark_id))


def hurry() -> None:
    """Notice dead workers at once."""
    jobs.HEARTBEAT_S, jobs.STALLED_AFTER_S = 0.2, 1.0  # type: ignore[misc]
    worker.RESCUE_EVERY_S, worker.AWAY_WAIT_S = 0.1, 0.1  # type: ignore[misc]


async def _never_finish(*_: object, **__: object) -> None:
    sys.stdout.write("in the middle\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    hurry()
    if sys.argv[1] == "before":
        hold.clear()
    else:
        jobs.app.job_manager.finish_job = _never_finish  # type: ignore[method-assign]
    asyncio.run(worker.work(wiring.open_workplace(get_settings())))
