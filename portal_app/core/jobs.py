"""Work done after the tap: enqueued in the tap's own transaction, done once, by whichever worker is alive.

A job's arguments are ids and nothing else, because its row has no row-level security. Two forms:

- `job`: one transaction as the system. It commits together with a note that the job is done, so a job whose worker
  was killed is repeated from the start or not at all: its effects in the database happen exactly once.
- `long_job`: several transactions, or work outside the database. It must bear being repeated from any point.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID

import procrastinate
from procrastinate.tasks import Task
from sqlalchemy import BigInteger, Column, DateTime, text
from sqlmodel import Field, SQLModel

from portal_app.core import policy as policies
from portal_app.core.actor import Role
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import NotAllowed
from portal_app.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

MAX_TRIES: Final = 10
RETRY: Final = procrastinate.RetryStrategy(max_attempts=MAX_TRIES, exponential_wait=3)
"""After 3, 9, 27 … seconds; the tenth and last try comes about half a day after the first."""
HEARTBEAT_S: Final = 2.0
STALLED_AFTER_S: Final = 10.0
"""A worker silent for this long counts as dead, and its jobs go to the others."""
POLLING_S: Final = 1.0
"""A worker looks this often by itself, if it was not told of a job."""

logging.getLogger("procrastinate.periodic").setLevel(logging.WARNING)

app = procrastinate.App(connector=procrastinate.PsycopgConnector())


class FinishedJob(SQLModel, table=True):
    """The note that a job's transaction has committed."""

    __tablename__ = "finished_job"

    job_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    finished_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )


@dataclass(frozen=True)
class Workplace:
    """What a worker hands to its jobs. `ports` holds the implementation of each port, by the port's class."""

    database: Database
    settings: Settings
    ports: Mapping[type, object] = field(default_factory=dict)

    def port(self, kind: type[T]) -> T:
        """Return the implementation of a port, given to this worker by the wiring."""
        return self.ports[kind]  # type: ignore[return-value]  # the wiring pairs them


JobTask = Task[Any, Any, Any]

_policies: dict[str, str] = {}


def all_jobs() -> Mapping[str, str]:
    """Return the policy that each registered job names, by job."""
    return dict(_policies)


def job(
    name: str, *, policy: str, every: str = "", retry: procrastinate.RetryStrategy = RETRY
) -> Callable[[Callable[Concatenate[Transaction, P], Awaitable[None]]], JobTask]:
    """Make an async function a job of one transaction: it gets an open one, as the system, and its ids as text.

    `every` is a cron line with an optional sixth field for seconds, for a job without ids that repeats by itself.
    """

    def decorate(function: Callable[Concatenate[Transaction, P], Awaitable[None]]) -> JobTask:
        async def run(context: procrastinate.JobContext, timestamp: int | None = None, **ids: Any) -> None:
            del timestamp
            _require(policy)
            async with _workplace(context).database.act_as_system(name) as tx:
                if await _is_first(tx, context.job.id):
                    await function(tx, **ids)  # type: ignore[call-arg]  # ids arrive from the queue, untyped

        return _register(run, name, policy, every, retry)

    return decorate


def long_job(
    name: str, *, policy: str, every: str = "", retry: procrastinate.RetryStrategy = RETRY
) -> Callable[[Callable[Concatenate[Workplace, P], Awaitable[None]]], JobTask]:
    """Make an async function a job that opens its own transactions (`work.database.act_as_system`)."""

    def decorate(function: Callable[Concatenate[Workplace, P], Awaitable[None]]) -> JobTask:
        async def run(context: procrastinate.JobContext, timestamp: int | None = None, **ids: Any) -> None:
            del timestamp
            _require(policy)
            await function(_workplace(context), **ids)  # type: ignore[call-arg]  # ids arrive from the queue, untyped

        return _register(run, name, policy, every, retry)

    return decorate


def _register(
    run: Callable[..., Awaitable[None]], name: str, policy: str, every: str, retry: procrastinate.RetryStrategy
) -> JobTask:
    task: JobTask = app.task(name=name, queue="portal", retry=retry, pass_context=True)(run)
    if every:
        app.periodic(cron=every)(task)
    _policies[name] = policy
    return task


def _require(policy: str) -> None:
    if Role.system not in policies.get(policy).roles:
        raise NotAllowed(policy)


def _workplace(context: procrastinate.JobContext) -> Workplace:
    workplace = context.additional_context["workplace"]
    if not isinstance(workplace, Workplace):
        raise NotAllowed("jobs run in a worker")
    return workplace


async def _is_first(tx: Transaction, job_id: int | None) -> bool:
    # Two workers with the same job meet here: the second waits for the first one's commit, then has nothing to do.
    noted = await tx.execute("insert into finished_job (job_id) values (:id) on conflict do nothing", {"id": job_id})
    return noted == 1


# What `defer_async` runs in the end, without the layers above it, on every tap that writes.
_ENQUEUE: Final = "enqueue_job(cast(:task as text), cast(:args as jsonb), cast(:run_at as timestamptz))"


async def enqueue(tx: Transaction, task: JobTask, *, run_at: datetime | None = None, **ids: UUID | str | int) -> None:
    """Have a job done after this transaction commits, or at `run_at` (aware); never if it rolls back.

    Raises:
        ValueError: if an argument is neither a UUID nor a whole number: anything else could say too much.
    """
    arguments = {name: _only_id(name, value) for name, value in ids.items()}
    tx.call_at_commit(_ENQUEUE, {"task": task.name, "args": json.dumps(arguments), "run_at": run_at})
    tx.has_jobs = True


def _only_id(name: str, value: UUID | str | int) -> str | int:
    return value if isinstance(value, int) else str(value if isinstance(value, UUID) else _parsed(name, value))


def _parsed(name: str, value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise ValueError(f"a job's {name} is an id") from error


async def rescue_stalled() -> int:
    """Give the jobs of dead workers back to the queue, and return how many.

    A job that has ended with its worker time after time is set aside as failed: it may be what kills them.
    """
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S))
    for stuck in stalled:
        if stuck.attempts < MAX_TRIES:
            await app.job_manager.retry_job(stuck)
        else:
            await app.job_manager.finish_job(stuck, procrastinate.jobs.Status.FAILED, delete_job=False)
    return len(stalled)


async def sweep(tx: Transaction) -> int:
    """Forget notes of finished jobs after a week, when no worker comes back to them, and failed jobs after a month."""
    failed = await tx.execute(
        "delete from procrastinate_jobs j where j.status in ('failed', 'aborted', 'cancelled') and not exists"
        " (select from procrastinate_events e where e.job_id = j.id and e.at > now() - interval '30 days')"
    )
    notes = await tx.execute("delete from finished_job where finished_at < now() - interval '7 days'")
    return failed + notes
