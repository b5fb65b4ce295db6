"""Seal the audit trail, so that even whoever owns the database cannot rewrite it unnoticed.

Writers never wait: they only insert. A periodic job takes the rows whose transactions are certainly over (older than
the oldest one still running) and closes them in a seal: one tag for each row, and a MAC over the tags and the MAC of
the seal before. The MAC key lies outside the database, and so does the head, a note of the last seal, without which
the newest seals could be cut off unnoticed.

Transaction ids are counted by a database cluster. After a restore into another cluster they start anew, so a seal
names its cluster; all seals form one chain.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Row, insert, text

from portal_app.core import clock
from portal_app.core.audit import AuditSeal
from portal_app.core.crypto import (
    MAC_KEY_BYTES,
    DemoKeyRefused,
    KeyRingMissing,
    KeyRingUnreadable,
    read_private,
    write_private,
)
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import PortalError
from portal_app.settings import Settings

ROWS_PER_SEAL: Final = 5000
FIRST_MAC: Final = bytes(MAC_KEY_BYTES)
TAG_BYTES: Final = 16
_ID_BYTES: Final = 8


class AuditChainBroken(PortalError):
    """The last seal in the database is not the one noted outside it: someone cut or replaced the chain's end."""

    code = "audit_chain_broken"


@dataclass(frozen=True)
class AuditKey:
    """The secret that seals are made with."""

    secret: bytes = field(repr=False)
    demo: bool

    @property
    def id(self) -> str:
        """Return a name for the key that tells nothing of it."""
        return hashlib.sha256(b"audit key " + self.secret).hexdigest()[:16]

    def mac(self, *parts: bytes) -> bytes:
        """Return the MAC over parts whose lengths are part of it."""
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self.secret, framed, hashlib.sha256)

    def tag(self, row: Row[Any]) -> bytes:
        """Return the short MAC of one event."""
        return self.mac(b"event", canonical(row))[:TAG_BYTES]

    def seal_mac(self, seal: Any) -> bytes:
        """Return what a seal's `mac` must be, given everything else in it and before it."""
        ends = f"{seal.number} {seal.cluster} {seal.from_tx} {seal.to_tx} {seal.row_count} {seal.key_id}"
        return self.mac(b"seal", ends.encode(), _moment(seal.sealed_at).encode(), seal.previous_mac, seal.entries)

    @classmethod
    def make(cls, path: Path, *, demo: bool) -> Self:
        """Write a fresh key. Raises FileExistsError rather than replacing one."""
        key = cls(secrets.token_bytes(MAC_KEY_BYTES), demo)
        held = {"format": 1, "demo": demo, "secret": key.secret.hex()}
        write_private(path, (json.dumps(held) + "\n").encode(), replacing=False)
        return key

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the key at `path`. Raises KeyRingMissing, KeyRingUnreadable."""
        try:
            held = json.loads(read_private(path))
            return cls(bytes.fromhex(held["secret"]), bool(held["demo"]))
        except (ValueError, KeyError, TypeError) as error:
            raise KeyRingUnreadable(f"{path} is not an audit key") from error


def load_audit_key(settings: Settings) -> AuditKey:
    """Return the key of these settings; a demo or a test makes its own. Raises as `crypto.load_key_ring` does."""
    path = settings.audit_key_path
    if settings.mode != "serve" and not path.exists():
        with suppress(FileExistsError):  # another process of the same start was faster
            AuditKey.make(path, demo=True)
    key = AuditKey.read(path)
    if key.demo and settings.mode == "serve":
        raise DemoKeyRefused(f"{path} is a demo's audit key; make one with ./portal keys make")
    return key


@dataclass(frozen=True)
class Head:
    """The last seal, as noted outside the database. Number 0 before there is any."""

    number: int = 0
    mac: bytes = FIRST_MAC

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the note, or None when there is no such file."""
        try:
            held = json.loads(read_private(path))
            return cls(int(held["number"]), bytes.fromhex(held["mac"]))
        except KeyRingMissing:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise KeyRingUnreadable(f"{path} is not a note of the last seal") from error

    def write(self, path: Path) -> None:
        """Replace the note."""
        write_private(path, (json.dumps({"number": self.number, "mac": self.mac.hex()}) + "\n").encode())


def head_path(settings: Settings) -> Path:
    """Return where the note of the last seal lies: beside the audit key."""
    return settings.audit_key_path.with_name(settings.audit_key_path.name + "_head")


EVENT_COLUMNS: Final = (
    "id, cluster, tx, at, person_id, session_id, address, task, patient_id, action, entity, entity_id, detail,"
    " person_name, roles"
)


def canonical(row: Row[Any]) -> bytes:
    """Write an event so that equal events, and no others, give equal bytes.

    An event from before names and roles were kept is written without them, as it was sealed.
    """
    said = [
        str(row.id), str(row.cluster), str(row.tx), _moment(row.at), str(row.person_id), str(row.session_id),
        row.address, row.task, str(row.patient_id), row.action, row.entity, str(row.entity_id), row.detail,
    ]  # fmt: skip
    if row.person_name is not None or row.roles is not None:
        said += [row.person_name, row.roles]
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def write_entries(rows: Sequence[Row[Any]], key: AuditKey) -> bytes:
    """Return id and tag of each event, in the order sealed."""
    return b"".join(row.id.to_bytes(_ID_BYTES, "big") + key.tag(row) for row in rows)


def read_entries(entries: bytes) -> dict[int, bytes]:
    """Return tags by event id, in the order sealed."""
    size = _ID_BYTES + TAG_BYTES
    parts = (entries[i : i + size] for i in range(0, len(entries), size))
    return {int.from_bytes(part[:_ID_BYTES], "big"): part[_ID_BYTES:] for part in parts}


async def seal_pending(database: Database, settings: Settings) -> int:
    """Seal every event that can be sealed now, and return how many.

    Only one process seals at a time; another returns 0 at once. Raises AuditChainBroken, sealing nothing, when the
    chain does not end where the head says.
    """
    key, path = load_audit_key(settings), head_path(settings)
    total = 0
    while True:
        async with database.act_as_system("audit.seal") as tx:
            if not await tx.scalar("select pg_try_advisory_xact_lock(hashtext('audit_seal'))"):
                return total
            last = await _agreed_end(tx, key, Head.read(path))
            seal = await _next_seal(tx, key, last)
            if seal is not None:
                await tx.execute(insert(AuditSeal).values(seal.model_dump()))
                last = Head(seal.number, seal.mac)
        # After the commit, not before: a note ahead of the database would look like a cut.
        if last != Head.read(path):
            last.write(path)
        if seal is None:
            return total
        total += seal.row_count


async def _agreed_end(tx: Transaction, key: AuditKey, head: Head | None) -> Head:
    """Return the chain's end if database and note agree; a process killed between the two leaves the note behind."""
    since = head or Head()
    rows = await tx.all("select * from audit_seal where number >= :n order by number", {"n": since.number})
    if head is None:
        if rows:
            raise AuditChainBroken("there are seals, but no note of the last one")
        return since
    end = Head()
    if since.number:
        if not rows or rows[0].number != since.number or rows[0].mac != since.mac:
            raise AuditChainBroken(f"seal {since.number}, the last one noted, is not in the database")
        end, rows = since, rows[1:]
    for row in rows:
        if row.previous_mac != end.mac or row.number != end.number + 1 or row.mac != key.seal_mac(row):
            raise AuditChainBroken(f"seal {row.number} was not made here")
        end = Head(row.number, row.mac)
    return end


_RANGE: Final = text("""
    with here as (select this_cluster() as cluster)
    select h.cluster, pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest_running,
           (select max(s.to_tx) from audit_seal s where s.cluster = h.cluster) as sealed_to
    from here h
""")
_FOREIGN: Final = text("""
    select e.cluster, max(e.tx) + 1 as to_tx,
           coalesce((select max(s.to_tx) from audit_seal s where s.cluster = e.cluster), 0) as from_tx
    from audit_event e where e.cluster <> :cluster
    group by e.cluster
    having max(e.tx) >= coalesce((select max(s.to_tx) from audit_seal s where s.cluster = e.cluster), 0)
    order by e.cluster limit 1
""")
_ROWS: Final = text(f"""
    select {EVENT_COLUMNS} from audit_event
    where cluster = :cluster and tx >= :from_tx and tx < :to_tx order by tx, id limit :limit
""")  # noqa: S608 — column names from above


async def _next_seal(tx: Transaction, key: AuditKey, last: Head) -> AuditSeal | None:
    here = await tx.one(_RANGE)
    cluster, from_tx, to_tx = here.cluster, here.sealed_to or 0, here.oldest_running
    if here.sealed_to is None:
        # The first seal in this cluster: what a restore brought from another one goes before it.
        brought = await tx.first(_FOREIGN, {"cluster": cluster})
        if brought is not None:
            cluster, from_tx, to_tx = brought.cluster, brought.from_tx, brought.to_tx
    rows, to_tx = await _whole_transactions(tx, cluster, from_tx, to_tx)
    if not rows:
        return None
    seal = AuditSeal(
        number=last.number + 1,
        cluster=cluster,
        from_tx=from_tx,
        to_tx=to_tx,
        row_count=len(rows),
        entries=write_entries(rows, key),
        key_id=key.id,
        previous_mac=last.mac,
        mac=b"",
        sealed_at=clock.now(),
    )
    seal.mac = key.seal_mac(seal)
    return seal


async def _whole_transactions(
    tx: Transaction, cluster: int, from_tx: int, to_tx: int
) -> tuple[Sequence[Row[Any]], int]:
    """Return about ROWS_PER_SEAL rows, never a part of a transaction, and where they end."""
    bounds = {"cluster": cluster, "from_tx": from_tx, "to_tx": to_tx}
    rows = await tx.all(_ROWS, {**bounds, "limit": ROWS_PER_SEAL + 1})
    if len(rows) <= ROWS_PER_SEAL:
        return rows, to_tx
    cut = rows[-1].tx
    if cut == rows[0].tx:
        return await tx.all(_ROWS, {**bounds, "to_tx": cut + 1, "limit": None}), cut + 1
    return [row for row in rows if row.tx < cut], cut
