"""What the stand-in remembers: one SQLite file, so that it survives a restart and every process sees the same."""

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from portal_app.integrations.stripe.sandbox.refusals import missing

Thing = dict[str, Any]
_WAIT_S: Final = 20.0
_WITHOUT_MODE: Final = frozenset({"balance_transaction", "refund"})
_TABLES: Final = """
create table if not exists thing (
  seq integer primary key autoincrement, id text not null unique, kind text not null, body text not null);
create index if not exists thing_kind on thing (kind, seq);
create index if not exists thing_intent on thing (kind, json_extract(body, '$.payment_intent'));
create table if not exists answer (
  key text primary key, asked text not null, begun_at real not null, status integer, body text);
create table if not exists delivery (
  seq integer primary key autoincrement, event_id text not null, due_at real not null, tries integer not null default 0,
  state text not null default 'waiting');
create index if not exists delivery_due on delivery (state, due_at);
create table if not exists setting (name text primary key, value text not null);
"""


def told(thing: Any) -> Any:
    """Return a thing as Stripe tells it, without what is kept here beside it."""
    if isinstance(thing, dict):
        return {name: told(value) for name, value in thing.items() if not name.startswith("practice_")}
    return [told(one) for one in thing] if isinstance(thing, list) else thing


class Work:
    """One piece of work: everything in it is kept together, or nothing is."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.sql = connection
        self.now = int(self.clock())
        self.asked_with: tuple[str, str | None] = ("", None)

    def clock(self) -> float:
        """Return the time here, which a test may set ahead."""
        return time.time() + float(self.setting("clock_ahead_s", 0))

    def setting(self, name: str, default: Any = None) -> Any:
        """Return what was set by a name."""
        row = self.sql.execute("select value from setting where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def set(self, name: str, value: Any) -> None:
        """Set something by a name."""
        self.sql.execute("insert or replace into setting values (?, ?)", (name, json.dumps(value)))

    def add(self, prefix: str, kind: str, **fields: Any) -> Thing:
        """Make a thing with an id of its own."""
        body: Thing = {"id": f"{prefix}_{secrets.token_hex(12)}", "object": kind, "created": self.now}
        body |= {} if kind in _WITHOUT_MODE else {"livemode": False}
        body |= fields
        row = (body["id"], kind, json.dumps(body))
        self.sql.execute("insert into thing (id, kind, body) values (?, ?, ?)", row)
        return body

    def put(self, body: Thing, **changed: Any) -> Thing:
        """Keep a thing as it is now."""
        body.update(changed)
        self.sql.execute("update thing set body = ? where id = ?", (json.dumps(body), body["id"]))
        return body

    def any(self, thing_id: str) -> Thing | None:
        """Return a thing of whatever kind, or None."""
        row = self.sql.execute("select body from thing where id = ?", (thing_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def find(self, kind: str, thing_id: str) -> Thing | None:
        """Return a thing, or None."""
        row = self.sql.execute("select body from thing where id = ? and kind = ?", (thing_id, kind)).fetchone()
        return json.loads(row[0]) if row else None

    def get(self, kind: str, thing_id: str, param: str = "id") -> Thing:
        """Return a thing. Raises Refused."""
        found = self.find(kind, thing_id)
        if found is None:
            raise missing(kind, thing_id, param)
        return found

    def unset(self, name: str) -> None:
        """Forget what was set by a name."""
        self.sql.execute("delete from setting where name = ?", (name,))

    def settings(self, beginning: str) -> dict[str, Any]:
        """Return what was set by names that begin so, by the rest of the name."""
        rows = self.sql.execute("select name, value from setting where name glob ?", (f"{beginning}*",))
        return {name.removeprefix(beginning): json.loads(value) for name, value in rows}

    def every(self, kind: str, **wanted: Any) -> list[Thing]:
        """Return the things of a kind with these values, the oldest first."""
        tests = "".join(f" and json_extract(body, '$.{name}') = ?" for name in wanted)
        rows = self.sql.execute(
            f"select body from thing where kind = ?{tests} order by seq",  # noqa: S608 - names of ours
            (kind, *(int(value) if isinstance(value, bool) else value for value in wanted.values())),
        )
        return [json.loads(body) for (body,) in rows]


class Store:
    """The file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(self._open()) as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(_TABLES)
        path.chmod(0o600)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None)
        connection.execute("pragma synchronous = normal")
        return connection

    @contextmanager
    def work(self) -> Iterator[Work]:
        """Do one piece of work, alone."""
        with closing(self._open()) as connection:
            connection.execute("begin immediate")
            try:
                yield Work(connection)
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")
