"""A teen's chart in which all that can be confidential is, each row with words that are found nowhere else."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from random import randrange
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from sqlmodel import SQLModel

import portal_app.core.files  # noqa: F401 - its table joins the metadata too
from portal_app import wiring
from portal_app.core import clock, crypto
from portal_app.features.access.rules import SHARES
from portal_app.settings import Settings
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.ages.conftest import born
from tests.journeys.clinic import Doctor
from tests.web.victim import World, make_world

wiring.load_features("tables")

OF_THE_CHART: Final = {
    "patient": "the chart itself, which a parent opens",
    "patient_word": "what staff find the chart by",
}
"""Tables with a mark that is the whole chart's, and no single thing's."""
FOLLOWS_ITS_VISIT: Final = {
    "appointment", "bill_balance", "bill_question", "charge_item", "chart_change", "chart_review", "clinical_note",
    "clinical_note_version", "encounter", "encounter_diagnosis", "estimate", "invoice",
    "ledger_entry", "ledger_posting", "payment_attempt", "payment_plan", "payment_share", "plan_instalment",
    "visit", "visit_participant", "visit_summary",
}  # fmt: skip
"""What came of a private visit, and is private without anybody's saying so."""
_FITTING: Final[Mapping[str, Mapping[str, Any]]] = {
    "activation": {"email": None}, "care_plan": {"measure": "pulse"},
    "care_plan_reminder": {"at": time(8), "measure": "pulse"},
    "care_range": {"low": 1, "severity": "urgent", "measure": "pulse", "unit": "/min"},
    "money_matter": {"resolution": None}, "payment_dispute": {"attempt_id": uuid4},
    "reading": {"measure": "pulse", "unit": "/min"}, "reading_surplus": {"measure": "pulse", "unit": "/min"},
    "refund": {"channel": "stripe"}, "relation_limit": {"lift_reason": None},
    "time_offer": {"request_id": uuid4, "slot_id": uuid4},
}  # fmt: skip
"""By table: what a row must say that its columns alone do not tell."""
_MARKED: Final = """
select table_name from information_schema.columns where table_schema = 'public' and column_name = 'confidentiality'
order by table_name
"""
_COLUMNS: Final = """
select column_name as name, udt_name as kind, is_nullable = 'YES' or column_default is not null
    or is_generated = 'ALWAYS' or is_identity = 'YES' as may_be_left_out
from information_schema.columns where table_schema = 'public' and table_name = %s order by ordinal_position
"""
_CHECKS: Final = "select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'c'"
_FIRST_OF: Final = re.compile(r"\(?(\w+) = ANY \(ARRAY\['([^']+)'")
_KEYS: Final = """
select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
where i.indrelid = %s::regclass and i.indisprimary and a.atttypid = 'uuid'::regtype
"""
_OF_PEOPLE: Final = ("patient_id", "person_id")
_FREE: Final = ("words", "name", "told_name", "sent_name")
"""Columns in plain that somebody writes as they like."""


@dataclass(frozen=True)
class PrivateChart:
    """A chart, whoever acts for it, and by what each thing in it would be known."""

    world: World
    parent: Someone
    teen: Someone
    marks: Mapping[str, str]
    """What must never be said, and of which column it is."""
    by_itself: frozenset[str]
    """The tables whose rows were private without being marked."""
    open_id: str
    """A visit that the parent knows of."""

    def private_rows(self) -> dict[str, str]:
        """Return a sum of the private rows of each table."""
        with psycopg.connect(self.world.dsn, row_factory=dict_row) as connection:
            names = _Marking(connection, self.world, self.parent.person_id).tables
            return {name: self._sum(connection, name) for name in names}

    def _sum(self, connection: psycopg.Connection[dict[str, Any]], table: str) -> str:
        query = sql.SQL(
            "select md5(string_agg(t::text, ',' order by t::text)) as sum from {} t"
            " where patient_id = %s and confidentiality <> 'N'"
        ).format(sql.Identifier(table))
        return str(connection.execute(query, [self.world.victim.patient_id]).fetchone())


async def make_private_chart(server: Server, settings: Settings, people: Clinic) -> PrivateChart:
    """Make a teen's private visits and all that comes of them, and keep private whatever else there is.

    They live where a parent reaches everything that is shared at that age.
    """
    world = await make_world(server, settings, people, "R", birth_date=born(13), state="AL")
    ana = await people.sign_in_again(await people.patient("Ana"), assurance=2)
    key = await invited(people.database, world.victim, ana.email, *SHARES, relationship="parent", until="open")
    await accept(people.database, ana, key)
    parent = await acting_for(people.database, ana, world.victim)
    with psycopg.connect(world.dsn, row_factory=dict_row) as connection:
        connection.execute("set session_replication_role = replica")
        marking = _Marking(connection, world, parent.person_id)
        by_itself = frozenset(name for name in marking.tables if marking.is_private(name))
        marks = marking.mark_all()
    doctor = Doctor(UUID(world.ids["practitioner_id"]), "", world.rightful["doctor"])
    open_id = await world.practices.video_visit_soon(world.victim, doctor, 120)
    named = {name: one for one, name in marks.items() if is_id(one)}
    ids = {key: named[of] for key, of in _NAMED.items()}
    return PrivateChart(
        replace(world, ids=dict(world.ids) | ids), parent, world.rightful["victim"], marks, by_itself, str(open_id)
    )


_NAMED: Final = {
    "offer_id": "time_offer.id", "request_id": "time_request.id", "task_id": "task.id", "statement_id": "statement.id",
    "limit_id": "relation_limit.id", "visit_id": "visit.id", "refund_id": "refund.id",
}  # fmt: skip
"""Ids of what the world has none of, by the name that pages and addresses have for them."""


@dataclass(frozen=True)
class _Marking:
    """Whose rows are marked, by the owner of the database, whom nothing stops."""

    connection: psycopg.Connection[dict[str, Any]]
    world: World
    parent_id: UUID

    @property
    def tables(self) -> list[str]:
        found = [row["table_name"] for row in self.connection.execute(_MARKED)]
        return [name for name in found if name not in OF_THE_CHART]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of the chart, without the parent's own relation."""
        query = sql.SQL("select ctid::text as row_at, * from {} where patient_id = %s").format(sql.Identifier(table))
        rows = self.connection.execute(query, [self.world.victim.patient_id]).fetchall()
        return [one for one in rows if table != "related_person" or one["person_id"] != self.parent_id]

    def is_private(self, table: str) -> bool:
        rows = self.rows(table)
        return bool(rows) and all(one["confidentiality"] == "R" for one in rows)

    def mark_all(self) -> dict[str, str]:
        """Make everything private, fill what is empty, and return what each row would be known by."""
        marks: dict[str, str] = {}
        for table in self.tables:
            if not self.rows(table):
                self._fill(table)
            words = {one: f"zq{len(marks)}{one}zq".replace("_", "") for one in self._free(table)}
            for row in self.rows(table):
                self._write(table, row["row_at"], self._marked(table, row, words) | {"confidentiality": "R"})
            marks |= {mark: f"{table}.{column}" for column, mark in words.items()}
            keys = [row["attname"] for row in self.connection.execute(_KEYS, [table])]
            known = {
                str(row[key]): f"{table}.{key}" for row in self.rows(table) for key in keys if key not in _OF_PEOPLE
            }
            marks = known | marks  # an id is called by the table that it was first found in
        return marks

    def _free(self, table: str) -> list[str]:
        names = [row["name"] for row in self.connection.execute(_COLUMNS, [table])]
        return [one for one in names if one in _FREE or one in _encrypted(table)]

    def _marked(self, table: str, row: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
        encrypted = _encrypted(table)
        said = {column: crypto.decrypt(row[column]) if column in encrypted else row[column]
                for column in words if row[column] is not None}  # fmt: skip
        new = {column: _with_word(text, words[column], encrypted.get(column, "")) for column, text in said.items()}
        return {column: crypto.encrypt(text) if column in encrypted else text for column, text in new.items()}

    def _write(self, table: str, at: str, values: Mapping[str, Any]) -> None:
        pairs = [sql.SQL("{} = {}").format(sql.Identifier(one), sql.Placeholder(one)) for one in values]
        query = sql.SQL("update {} set {} where ctid = {}::tid").format(
            sql.Identifier(table), sql.SQL(", ").join(pairs), sql.Placeholder("row_at")
        )
        self.connection.execute(query, dict(values) | {"row_at": at})

    def _fill(self, table: str) -> None:
        """Write a row of the chart into a table, with whatever its columns take."""
        first = dict(found for row in self.connection.execute(_CHECKS, [table])
                     for found in _FIRST_OF.findall(row["pg_get_constraintdef"]))  # fmt: skip
        values = {row["name"]: first.get(row["name"]) or self._value(table, row["name"], row["kind"])
                  for row in self.connection.execute(_COLUMNS, [table])
                  if not row["may_be_left_out"] or row["name"] in _encrypted(table)}  # fmt: skip
        values |= {"patient_id": self.world.victim.patient_id} | {
            name: one() if callable(one) else one for name, one in _FITTING.get(table, {}).items()
        }
        query = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(map(sql.Placeholder, values)),
        )  # fmt: skip
        self.connection.execute(query, values)

    def _value(self, table: str, column: str, kind: str) -> Any:
        known = {
            "timestamptz": clock.now(),
            "date": date(2026, 1, 1),
            "bool": False,
            "_text": [],
            "_uuid": [uuid4()],
            "jsonb": "{}",
        }
        if kind == "uuid":
            return self.world.ids.get({"invoice_id": "bill_id"}.get(column, column), str(uuid4()))
        if column in (encrypted := _encrypted(table)):
            return crypto.encrypt('{"words": "A word"}' if encrypted[column] == "EncryptedJSON" else "A word")
        if column == "currency":
            return "USD"
        if column == "number":
            return randrange(1, 30_000)
        return known.get(kind, f"A word {uuid4().hex}" if kind == "text" else 1)


def _encrypted(table: str) -> dict[str, str]:
    """Return the columns of a table that are under the key ring and hold words, with the names of their types."""
    columns = SQLModel.metadata.tables[table].columns
    kinds = {one.name: type(one.type).__name__ for one in columns if one.name != "content_key"}
    return {name: kind for name, kind in kinds.items() if kind.startswith("Encrypted")}


def _with_word(text: str, word: str, kind: str) -> str:
    """Add a word to what somebody wrote; a date or a number stays what it is."""
    if kind == "EncryptedJSON":
        return json.dumps(_with_words(json.loads(text), word))
    return f"{text} {word}" if re.search("[A-Za-z]", text) else text


def _with_words(content: Any, word: str) -> Any:
    if isinstance(content, dict):
        return {name: _with_words(one, word) for name, one in content.items()}
    if isinstance(content, list):
        return [_with_words(one, word) for one in content]
    return f"{content} {word}" if isinstance(content, str) and " " in content else content


def is_id(one: str) -> bool:
    """Tell whether a word is an id."""
    try:
        return bool(UUID(one))
    except ValueError:
        return False
