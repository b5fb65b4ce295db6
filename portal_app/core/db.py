"""The one way to reach the database: a transaction opened for an actor."""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import DeadlockDetected, LockNotAvailable, ReadOnlySqlTransaction, SerializationFailure
from psycopg.rows import dict_row
from sqlalchemy import Connection, Executable, PoolProxiedConnection, Row, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from portal_app.core import policy as policies
from portal_app.core.actor import Actor, Credential, Role
from portal_app.core.connections import Connections, driver_of
from portal_app.core.errors import DatabaseAway, NotSignedIn, OnlyLooking, RecordsBusy
from portal_app.core.herald import Herald
from portal_app.core.i18n import DEFAULT_LOCALE
from portal_app.core.lanes import Lane, lane_size
from portal_app.core.scope import ASK_SCOPE, require_scope

SYSTEM_PERSON_ID = UUID("00000000-0000-4000-8000-000000000001")
"""The person that jobs and the command line act as."""

VISITOR = Actor(UUID(int=0), frozenset(), None, None, 0, DEFAULT_LOCALE, "")
"""Somebody who has not signed in; the database shows them nothing."""

# A transaction's beginning and what tells the database who acts travel together, and so do its last writes and the
# commit: five round trips become three (docs/decisions/0005-round-trips.md).
_BEGIN_AS = "begin; select to_json(begin_as(%(secret_hash)s, %(address)s)) as who"
_BEGIN_AS_GUEST = _BEGIN_AS.replace("begin_as(", "begin_as_guest(")
GUEST_PREFIX = "room-"
"""How the secret of a guest of one visit begins; no session's does."""
_BUSY = (DeadlockDetected, LockNotAvailable, SerializationFailure)
"""What a transaction meets in others that run beside it; the same one, begun again, is likely to go through."""
_SCOPED = frozenset({Role.caregiver, Role.onlooker})
_BEGIN_AS_SYSTEM = "begin; select begin_as_system(%(task)s)"
_TELL = f"{_BEGIN_AS_SYSTEM}; select tell_changes(%(has_jobs)s); commit"
_CHANGED = "current_setting('portal.changed', true) as changed"
_BEGIN_AS_WITNESS = "commit; begin; select begin_as_witness(%(secret_hash)s, %(address)s)"
_OF_THE_TRAIL = "insert into audit_event "
_BEGIN_AS_VISITOR = "begin; select begin_as_visitor(%(browser_hash)s, %(address)s)"


def secret_hash(secret: str) -> str:
    """Return what the database keeps of a session or browser secret (random, hence unsalted SHA-256)."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(slots=True)
class Transaction:
    """An open transaction in which the database knows who acts."""

    engine: AsyncEngine
    pooled: PoolProxiedConnection
    actor: Actor
    _connection: AsyncConnection | None = field(default=None, repr=False)
    _writes: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list, repr=False)
    _notes: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list, repr=False)
    _calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list, repr=False)
    has_jobs: bool = False
    witness: Mapping[str, str] | None = None
    """By what the audit events of a read-only transaction are written, in one of their own that follows it."""

    @property
    def connection(self) -> AsyncConnection:
        """Return SQLAlchemy's view of the connection; it neither begins nor ends the transaction."""
        if self._connection is None:
            self._connection = AsyncConnection(self.engine, Connection(self.engine.sync_engine, connection=self.pooled))
        return self._connection

    @property
    def driver(self) -> psycopg.AsyncConnection[Any]:
        """Return psycopg's own connection, for what is asked often and for libraries that speak to it."""
        return driver_of(self.pooled)

    async def execute(self, statement: Executable | str, params: Mapping[str, Any] | None = None) -> int:
        """Run a statement that returns no rows and return how many it touched."""
        result = await self.connection.execute(_executable(statement), params)
        return int(result.rowcount)

    async def first(self, statement: Executable | str, params: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """Return the first row, or None."""
        return (await self.connection.execute(_executable(statement), params)).first()

    async def one(self, statement: Executable | str, params: Mapping[str, Any] | None = None) -> Row[Any]:
        """Return the only row; a different number of rows is an error of ours."""
        return (await self.connection.execute(_executable(statement), params)).one()

    async def all(self, statement: Executable | str, params: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Return all rows."""
        return (await self.connection.execute(_executable(statement), params)).all()

    async def scalar(self, statement: Executable | str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the first column of the first row, or None."""
        return (await self.connection.execute(_executable(statement), params)).scalar()

    def write_at_commit(self, statement: str, params: Mapping[str, Any]) -> None:
        """Run an insert without an answer just before the commit, in one round trip with all others of its kind.

        For what accompanies an act (audit events of a list): it stands if and only if the act does.
        """
        self._writes.append((statement, params))

    def note_at_commit(self, call: str, params: Mapping[str, Any], *, is_once: bool = False) -> None:
        """Call a function that writes down what was done or seen, just before the commit, in that same round trip.

        `is_once`: not if the very same is noted already.
        """
        if not is_once or (call, params) not in self._notes:
            self._notes.append((call, params))

    def call_at_commit(self, call: str, params: Mapping[str, Any]) -> None:
        """Call a function of the database just before the commit, in that same round trip."""
        self._calls.append((call, params))

    async def flush(self) -> None:
        """Send what waits for the commit, for whoever wants to read it back earlier."""
        if self.witness is not None:
            return
        statement, params = self._waiting()
        if statement:
            await ask_driver(self.driver, statement, params)

    async def commit(self) -> bool:
        """Send what waits and commit, in one round trip; nobody but the opener of the transaction calls it.

        Returns:
            whether there is something to tell to listeners or workers.
        """
        if self.witness is not None:
            return await self._commit_look(self.witness)
        statement, params = self._waiting()
        if self.has_jobs and not statement:  # there is something to tell, whatever else changed
            await self.driver.commit()
            return True
        asked = f"{statement}, {_CHANGED}" if statement else f"select {_CHANGED}"
        said = await ask_driver(self.driver, f"{asked}; commit", params)
        return self.has_jobs or bool(said and said["changed"])

    async def _commit_look(self, witness: Mapping[str, str]) -> bool:
        """End a transaction that could only read, and write down in the next one what was seen."""
        if self._calls or not all(sql.startswith(_OF_THE_TRAIL) for sql, _ in self._writes):
            raise OnlyLooking
        statement, params = self._waiting()
        if statement:
            await ask_driver(self.driver, f"{_BEGIN_AS_WITNESS}; {statement}; commit", {**params, **witness})
        return False

    def _waiting(self) -> tuple[str, dict[str, Any]]:
        calls = [*self._notes, *self._calls]
        waiting = [*self._writes, *calls]
        if not waiting:
            return "", {}
        params = {f"{name}_{n}": value for n, (_, given) in enumerate(waiting) for name, value in given.items()}
        statement = _together(tuple(sql for sql, _ in self._writes), tuple(sql for sql, _ in calls))
        self._writes, self._notes, self._calls = [], [], []
        return statement, params


async def ask_driver(
    connection: psycopg.AsyncConnection[Any], statements: str, params: Mapping[str, Any], *, answer: int = 0
) -> dict[str, Any] | None:
    """Run statements separated by semicolons in one round trip; return the first row of the one numbered `answer`.

    Values are quoted by the driver, since the server takes parameters for one statement at a time only.
    """
    async with psycopg.AsyncClientCursor(connection, row_factory=dict_row) as cursor:
        await cursor.execute(statements, params)
        has_answer = all(cursor.nextset() for _ in range(answer))
        return await cursor.fetchone() if has_answer and cursor.description else None


@lru_cache(maxsize=256)
def _together(writes: tuple[str, ...], calls: tuple[str, ...]) -> str:
    """Return one statement that runs them all, as the driver takes it; the nth one's parameters get the suffix `_n`."""
    named = [sql.replace("%", "%%") for sql in (*writes, *calls)]
    numbered = [re.sub(r"(?<!:):([a-z_]+)\b", rf"%(\1_{n})s", sql) for n, sql in enumerate(named)]
    parts = ", ".join(f"w{n} as ({sql})" for n, sql in enumerate(numbered[: len(writes)]))
    answers = ", ".join(numbered[len(writes) :]) or "1"
    return f"with {parts} select {answers}" if parts else f"select {answers}"


@lru_cache(maxsize=1024)
def _parsed(statement: str) -> Executable:
    return text(statement)


def _executable(statement: Executable | str) -> Executable:
    return _parsed(statement) if isinstance(statement, str) else statement


class Database:
    """The connections of one process, as the role that owns nothing.

    Args:
        url: SQLAlchemy address (`postgresql+psycopg://…`) of the application's role.
        pool: how many connections to keep; a further transaction waits.
        pool_wait_s: how long it waits before the database counts as away.
    """

    def __init__(self, url: str, pool: int = 10, pool_wait_s: float = 10.0) -> None:
        """Prepare the pool; nothing connects until the first transaction."""
        self._herald = Herald(self._tell)
        self._has_jobs = False
        self.engine = create_async_engine(
            url,
            pool_size=pool,
            max_overflow=1,  # for whoever asks the engine itself
            isolation_level="AUTOCOMMIT",  # transactions begin and end by statements of ours
            pool_reset_on_return=None,  # for the same reason: none comes back open
            pool_timeout=pool_wait_s,
            hide_parameters=True,  # the text of an error goes to the log, and parameters are health information
            connect_args={
                "connect_timeout": 5,
                "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c timezone=UTC"
                " -c idle_in_transaction_session_timeout=30000",
            },
        )
        self.connections = Connections(self.engine, pool, pool_wait_s)
        self._lanes: dict[str, Lane] = {}

    async def told(self) -> None:
        """Wait until all that was committed here is announced."""
        await self._herald.rest()

    async def close(self) -> None:
        """Tell what there is to tell, and close every connection."""
        await self.told()
        await self.connections.close()

    @asynccontextmanager
    async def act_as(self, credential: Credential, policy: str, *, lane: str = "") -> AsyncIterator[Transaction]:
        """Open a transaction for whoever holds this session, or this guest's secret, if the named policy lets them.

        `lane` names the kind of heavy writers that this is one of: together they hold a part of the connections alone.

        Raises:
            NotSignedIn: if the session is unknown, ended or expired.
            NotAllowed, StepUpNeeded: as the policy says.
            OutOfScope, AccessEnded: if the actor acts for somebody who does not share this with them.
            OnlyLooking, NotShownToRole: if the actor sees a patient's pages as that patient does, and anything would
                change, or they do not see this part of the chart at work either.
            DatabaseAway: if the database cannot be reached; RecordsBusy, one of them, if others change the same now.
        """
        params = {"secret_hash": secret_hash(credential.session_secret), "address": credential.address}
        begin = _BEGIN_AS_GUEST if credential.session_secret.startswith(GUEST_PREFIX) else _BEGIN_AS
        async with self._lane(lane), self._begin(begin, params) as (pooled, answer):
            if answer is None:
                raise NotSignedIn
            actor = _actor(answer["who"])
            wanted = policies.require(actor, policy)
            transaction = Transaction(self.engine, pooled, actor, witness=params if actor.is_onlooker() else None)
            if wanted.section is not None and actor.patient_id is not None and actor.roles & _SCOPED:
                section = wanted.seen_by if actor.is_onlooker() and wanted.seen_by else wanted.section
                shared = {"section": section, "verb": wanted.verb, "patient_id": actor.patient_id}
                require_scope(section, await transaction.one(ASK_SCOPE, shared), is_look=actor.is_onlooker())
            yield transaction
            await self._commit(transaction)

    @asynccontextmanager
    async def act_as_system(self, task: str) -> AsyncIterator[Transaction]:
        """Open a transaction for a job or a command; `task` names it in the audit trail."""
        actor = Actor(SYSTEM_PERSON_ID, frozenset({Role.system}), None, None, 2, DEFAULT_LOCALE, task)
        async with self._begin(_BEGIN_AS_SYSTEM, {"task": task}) as (pooled, _):
            transaction = Transaction(self.engine, pooled, actor)
            yield transaction
            await self._commit(transaction)

    @asynccontextmanager
    async def act_as_visitor(self, browser_secret: str, policy: str, address: str = "") -> AsyncIterator[Transaction]:
        """Open a transaction for a browser that nobody has signed in on; it sees its own codes only.

        Raises:
            NotAllowed: if the policy is not a public one.
        """
        policies.require(VISITOR, policy)
        params = {"browser_hash": secret_hash(browser_secret), "address": address}
        async with self._begin(_BEGIN_AS_VISITOR, params) as (pooled, _):
            transaction = Transaction(self.engine, pooled, VISITOR)
            yield transaction
            await self._commit(transaction)

    def _lane(self, name: str) -> AbstractAsyncContextManager[None]:
        if not name:
            return nullcontext()
        return self._lanes.setdefault(name, Lane(lane_size(self.connections.size))).enter()

    async def _commit(self, transaction: Transaction) -> None:
        if await transaction.commit():
            self._has_jobs |= transaction.has_jobs
            self._herald.wake()

    async def _tell(self) -> None:
        """Announce what committed transactions have changed, and that there are jobs.

        Not in those transactions themselves: PostgreSQL lets transactions that notify commit only one at a time.
        """
        params = {"task": "announce", "has_jobs": self._has_jobs}
        self._has_jobs = False
        async with self._begin(_TELL, params):
            pass

    @asynccontextmanager
    async def _begin(
        self, statements: str, params: Mapping[str, Any]
    ) -> AsyncIterator[tuple[PoolProxiedConnection, dict[str, Any] | None]]:
        """Lend a connection on which these statements have begun a transaction; whoever gets it commits."""
        try:
            pooled, answer = await self._opened(statements, params)
            try:
                yield pooled, answer
            finally:
                await self.connections.give_back(pooled)
        except DBAPIError as error:
            if _is_away(error):
                raise DatabaseAway from error
            if isinstance(error.orig, _BUSY):
                raise RecordsBusy from error
            if isinstance(error.orig, ReadOnlySqlTransaction):
                raise OnlyLooking from error
            raise
        except psycopg.Error as error:
            if is_lost(error):
                raise DatabaseAway from error
            if isinstance(error, _BUSY):
                raise RecordsBusy from error
            if isinstance(error, ReadOnlySqlTransaction):
                raise OnlyLooking from error
            raise
        except TimeoutError as error:
            raise DatabaseAway from error

    async def _opened(
        self, statements: str, params: Mapping[str, Any]
    ) -> tuple[PoolProxiedConnection, dict[str, Any] | None]:
        """Begin on a connection of the pool, on the next one if the server had dropped it since its last use."""
        for left in range(self.connections.size, -1, -1):
            pooled = await self.connections.borrow()
            connection = driver_of(pooled)
            try:
                return pooled, await ask_driver(connection, statements, params, answer=1)
            except psycopg.Error:
                was_dropped = connection.closed
                await self.connections.give_back(pooled)
                if not (was_dropped and left):
                    raise
            except BaseException:
                await self.connections.give_back(pooled)
                raise
        raise DatabaseAway

    async def is_reachable(self) -> bool:
        """Tell whether a connection answers, for the readiness check."""
        try:
            async with self._begin("select 1", {}):
                return True
        except (DatabaseAway, DBAPIError, psycopg.Error, OSError):
            return False


def is_lost(error: psycopg.Error) -> bool:
    """Tell whether the driver's error means that the server or the way to it is gone."""
    sqlstate = error.sqlstate
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and (
        sqlstate is None or sqlstate[:2] in {"08", "57", "53"}
    )


def _is_away(error: DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    sqlstate = getattr(error.orig, "sqlstate", None)
    return isinstance(error, OperationalError) and (sqlstate is None or sqlstate[:2] in {"08", "57", "53"})


def libpq_conninfo(url: str) -> str:
    """Return a SQLAlchemy address as psycopg itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _actor(who: Mapping[str, Any]) -> Actor:
    person_id, patient_id, session_id = (
        UUID(who[name]) if who[name] else None for name in ("person_id", "patient_id", "session_id")
    )
    if person_id is None:
        raise NotSignedIn
    roles = frozenset(map(Role, who["roles"]))
    return Actor(person_id, roles, patient_id, session_id, who["assurance"], who["locale"], who["display_name"])


_opened: Database | None = None


def use(database: Database | None) -> None:
    """Make this the database of the process; called once by the wiring, and by tests."""
    global _opened  # noqa: PLW0603 - Reflex makes its states itself, so they cannot be handed a database
    _opened = database


def opened() -> Database:
    """Return the database of this process.

    Raises:
        DatabaseAway: if the process has none.
    """
    if _opened is None:
        raise DatabaseAway
    return _opened
