"""Rows of the demo, written many at a time."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from portal_app.core.db import Transaction

Row = dict[str, Any]


def as_json(rows: Iterable[Row]) -> str:
    """Return rows as the database takes them."""
    return json.dumps(list(rows), default=str)


async def insert_rows(tx: Transaction, table: str, rows: Sequence[Row]) -> None:
    """Add rows that all have the columns of the first."""
    columns = ", ".join(rows[0])
    await tx.execute(
        f"insert into {table} ({columns}) select {columns}"  # noqa: S608 - names written above
        f" from jsonb_populate_recordset(null::{table}, cast(:rows as jsonb))",
        {"rows": as_json(rows)},
    )
