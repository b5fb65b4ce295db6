"""The one way to reach the database: a transaction opened for an actor."""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Executable, Row, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

from portal_app.core import policy as policies
from portal_app.core.actor import Actor, Credential, Role
from portal_app.core.errors import DatabaseAway, NotSignedIn
from portal_app.core.i18n import DEFAULT_LOCALE

SYSTEM_PERSON_ID = UUID("00000000-0000-4000-8000-000000000001")
"""The person that jobs and the command line act as."""

VISITOR = Actor(UUID(int=0), frozenset(), None, None, 0, DEFAULT_LOCALE, "")
"""Somebody who has not signed in; the database shows them nothing."""

_BEGIN_AS = text(
    "select person_id, session_id, patient_id, assurance, roles, locale, display_name"
    " from begin_as(:secret_hash, :address)"
)
_BEGIN_AS_SYSTEM = text("select begin_as_system(:task)")
_BEGIN_AS_VISITOR = text("select begin_as_visitor(:browser_hash, :address)")


def secret_hash(secret: str) -> str:
    """Return what the database keeps of a session or browser secret (random, hence unsalted SHA-256)."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(slots=True)
class Transaction:
    """An open transaction in which the database knows who acts."""

    connection: AsyncConnection
    actor: Actor
    _session: AsyncSession | None = field(default=None, repr=False)
    _writes: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list, repr=False)
    _calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list, repr=False)

    @property
    def session(self) -> AsyncSession:
        """Return an ORM session on the same connection and transaction; flushed at the commit."""
        if self._session is None:
            self._session = AsyncSession(bind=self.connection, expire_on_commit=False)
        return self._session

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

    async def driver_connection(self) -> psycopg.AsyncConnection[Any]:
        """Return psycopg's own connection, for libraries that speak to it (jobs, COPY)."""
        raw = await self.connection.get_raw_connection()
        connection = raw.driver_connection
        assert isinstance(connection, psycopg.AsyncConnection)  # noqa: S101 - the engine has one driver
        return connection

    def write_at_commit(self, statement: str, params: Mapping[str, Any]) -> None:
        """Run an insert without an answer just before the commit, in one round trip with all others of its kind.

        For what accompanies every act (audit events): it stands if and only if the act does.
        """
        self._writes.append((statement, params))

    def call_at_commit(self, call: str, params: Mapping[str, Any]) -> None:
        """Call a function of the database just before the commit, in that same round trip."""
        self._calls.append((call, params))

    async def flush(self) -> None:
        """Send what waits for the commit; done before it, and by whoever wants to read it back earlier."""
        if self._session is not None:
            await self._session.flush()
        if not self._writes and not self._calls:
            return
        waiting = [*self._writes, *self._calls]
        params = {f"{name}_{n}": value for n, (_, given) in enumerate(waiting) for name, value in given.items()}
        statement = _together(tuple(sql for sql, _ in self._writes), tuple(sql for sql, _ in self._calls))
        self._writes, self._calls = [], []
        await self.connection.execute(statement, params)


@lru_cache(maxsize=256)
def _together(writes: tuple[str, ...], calls: tuple[str, ...]) -> Executable:
    """Return one statement that runs them all; the parameters of the nth get the suffix `_n`."""
    numbered = [re.sub(r"(?<!:):([a-z_]+)\b", rf":\1_{n}", sql) for n, sql in enumerate((*writes, *calls))]
    parts = ", ".join(f"w{n} as ({sql})" for n, sql in enumerate(numbered[: len(writes)]))
    answers = ", ".join(numbered[len(writes) :]) or "1"
    return text(f"with {parts} select {answers}" if parts else f"select {answers}")


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
        self.engine = create_async_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=pool_wait_s,
            hide_parameters=True,  # the text of an error goes to the log, and parameters are health information
            connect_args={
                "connect_timeout": 5,
                "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c timezone=UTC"
                " -c idle_in_transaction_session_timeout=30000",
            },
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    @asynccontextmanager
    async def act_as(self, credential: Credential, policy: str) -> AsyncIterator[Transaction]:
        """Open a transaction for whoever holds this session, if the named policy lets them.

        Raises:
            NotSignedIn: if the session is unknown, ended or expired.
            NotAllowed, StepUpNeeded: as the policy says.
            DatabaseAway: if the database cannot be reached.
        """
        params = {"secret_hash": secret_hash(credential.session_secret), "address": credential.address}
        async with self._begin() as connection:
            row = (await connection.execute(_BEGIN_AS, params)).one()
            if row.person_id is None:
                raise NotSignedIn
            actor = Actor(
                person_id=row.person_id,
                roles=frozenset(map(Role, row.roles)),
                patient_id=row.patient_id,
                session_id=row.session_id,
                assurance=row.assurance,
                locale=row.locale,
                display_name=row.display_name,
            )
            policies.require(actor, policy)
            transaction = Transaction(connection, actor)
            yield transaction
            await transaction.flush()

    @asynccontextmanager
    async def act_as_system(self, task: str) -> AsyncIterator[Transaction]:
        """Open a transaction for a job or a command; `task` names it in the audit trail."""
        actor = Actor(SYSTEM_PERSON_ID, frozenset({Role.system}), None, None, 2, DEFAULT_LOCALE, task)
        async with self._begin() as connection:
            await connection.execute(_BEGIN_AS_SYSTEM, {"task": task})
            transaction = Transaction(connection, actor)
            yield transaction
            await transaction.flush()

    @asynccontextmanager
    async def act_as_visitor(self, browser_secret: str, policy: str, address: str = "") -> AsyncIterator[Transaction]:
        """Open a transaction for a browser that nobody has signed in on; it sees its own codes only.

        Raises:
            NotAllowed: if the policy is not a public one.
        """
        policies.require(VISITOR, policy)
        async with self._begin() as connection:
            await connection.execute(
                _BEGIN_AS_VISITOR, {"browser_hash": secret_hash(browser_secret), "address": address}
            )
            transaction = Transaction(connection, VISITOR)
            yield transaction
            await transaction.flush()

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if _is_away(error):
                raise DatabaseAway from error
            raise
        except TimeoutError as error:
            raise DatabaseAway from error

    async def is_reachable(self) -> bool:
        """Tell whether a connection answers, for the readiness check."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("select 1"))
        except (DBAPIError, TimeoutError, OSError):
            return False
        return True


def _is_away(error: DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    sqlstate = getattr(error.orig, "sqlstate", None)
    return isinstance(error, OperationalError) and (sqlstate is None or sqlstate[:2] in {"08", "57", "53"})


def libpq_conninfo(url: str) -> str:
    """Return a SQLAlchemy address as psycopg itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


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
