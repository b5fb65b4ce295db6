"""Statements: what an account was charged, what was paid and what is left, as it was told at one time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from portal_app.core import audit, clock, i18n, policy
from portal_app.core.crypto import EncryptedJSON
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.core.printing import Line, Part, Sheet, print_sheet
from portal_app.features.billing import policies, statement_words
from portal_app.features.billing.desk_rules import desk_rules
from portal_app.features.billing.statement_tables import Statement, StatementBill
from portal_app.features.billing.statement_words import AccountBill
from portal_app.features.practice import service as practice

SHOWN: Final = 60
"""How many statements are listed: five years of months."""
LOOKS_BACK: Final = timedelta(days=90)
"""How far a statement of today goes back for what is settled; what is owed stands on it however old it is."""
PRIVATE: Final = "R"

_HOLD: Final = """
select pg_advisory_xact_lock(hashtextextended('bill:' || b.id::text, 0))
from (select i.id from invoice i where i.patient_id = :patient_id and i.issued_at < :until order by i.id) b
"""
_BILLS: Final = """
select i.id, i.number, i.currency, i.confidentiality, i.words, i.served_at, l.zone, i.due_on,
  trim(w.title || ' ' || w.name) as practitioner, i.voided_at < :until as is_void,
  exists (select from bill_question q where q.invoice_id = i.id and q.status = 'new') as is_asked_about,
  s.owed_minor, s.charged_minor, s.insured_minor, s.reduced_minor, s.paid_minor
from invoice i
join practitioner w on w.id = i.practitioner_id
join location l on l.id = i.location_id
cross join lateral (
  select coalesce(sum(e.amount_minor) filter (where e.account = 'receivable'), 0)::bigint as owed_minor,
    coalesce(-sum(e.amount_minor) filter (where e.account = 'revenue'), 0)::bigint as charged_minor,
    coalesce(sum(e.amount_minor) filter (where e.account = 'insurance'), 0)::bigint as insured_minor,
    coalesce(sum(e.amount_minor) filter (where e.account in ('adjustment', 'write_off')), 0)::bigint as reduced_minor,
    coalesce(sum(e.amount_minor) filter (where e.account in ('desk', 'processor', 'credit', 'disputed')), 0)::bigint
      as paid_minor,
    max(p.made_at) as moved_at
  from ledger_entry e join ledger_posting p on p.id = e.posting_id
  where e.invoice_id = i.id and p.made_at < :until) s
where i.patient_id = :patient_id and i.issued_at < :until and (s.owed_minor <> 0 or s.moved_at >= :from)
order by i.served_at, i.number
"""
_NAME: Final = """
select coalesce((select p.given_name || ' ' || p.family_name from patient p where p.id = :patient_id),
  billed_name(:patient_id, 'N'), '') as name,
  coalesce((select p.language from patient p where p.id = :patient_id), '') as language
"""
_MINE: Final = """
select s.id, s.number, s.from_on, s.until_on, s.currency, s.owed_minor, s.made_at,
  s.confidentiality <> 'N' as is_private
from statement s where s.patient_id = :patient_id order by s.made_at desc, s.number desc limit :most
"""
_ONE: Final = text("""
select s.id, s.number, s.patient_id, s.locale, s.content from statement s where s.id = :id
""").columns(content=EncryptedJSON)


@dataclass(frozen=True, slots=True)
class Period:
    """The days a statement is about, both of them included, in the practice's own zone."""

    from_on: date
    until_on: date
    zone: str

    def begins_at(self) -> datetime:
        """Return the first moment of it, aware."""
        return datetime.combine(self.from_on, time(), ZoneInfo(self.zone))

    def ends_at(self) -> datetime:
        """Return the first moment after it, aware."""
        return datetime.combine(self.until_on + timedelta(days=1), time(), ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement in a list."""

    id: UUID
    number: int
    from_on: date
    until_on: date
    currency: str
    owed_minor: int
    made_at: datetime
    is_private: bool


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A statement as a file; its name says nothing about health or money."""

    filename: str
    content: bytes


def month_of(day: date, zone: str) -> Period:
    """Return the calendar month of a day."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1), zone)


async def zone_of(tx: Transaction) -> str:
    """Return the zone in which the practice counts its days: that of its first place."""
    return await practice.home_zone(tx)


async def make_now(tx: Transaction, request_key: UUID) -> Sequence[UUID]:
    """Make the statements of today for the chart acted for, as far as the actor sees it; the same key, the same ones.

    None where nothing is owed and nothing has happened for three months.
    """
    policy.require(tx.actor, policies.TAKE_STATEMENT.name)
    if tx.actor.patient_id is None:
        raise NotFound
    zone = await zone_of(tx)
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    period = Period(today - LOOKS_BACK, today, zone)
    return await make_statements(tx, tx.actor.patient_id, period, request_key, locale=i18n.current())


async def make_statements(
    tx: Transaction, patient_id: UUID, period: Period, key: UUID, *, batch_id: UUID | None = None, locale: str = ""
) -> list[UUID]:
    """Make what an account is told of a period: one statement for each currency, and others for what is private.

    Part of another use case. `key` and what a statement is about make its id, so that it is made once.
    """
    until = {"patient_id": patient_id, "until": min(period.ends_at(), clock.now())}
    await tx.all(_HOLD, until)  # a visit that is made private now is waited for
    rows: Sequence[Any] = await tx.all(_BILLS, until | {"from": period.begins_at()})
    groups: dict[tuple[bool, str], list[AccountBill]] = {}
    for row in rows:
        columns = row._asdict()
        is_private = columns.pop("confidentiality") != "N"
        groups.setdefault((is_private, row.currency), []).append(AccountBill(**columns))
    whose: Any = await tx.one(_NAME, {"patient_id": patient_id}) if groups else None
    made = []
    for (is_private, currency), bills in groups.items():
        level = PRIVATE if is_private else "N"
        said_in = locale or (whose.language if whose.language in i18n.LOCALES else i18n.DEFAULT_LOCALE)
        statement_id = uuid5(key, f"{patient_id}:{level}:{currency}")
        values = {
            "id": statement_id, "patient_id": patient_id, "confidentiality": level, "currency": currency,
            "from_on": period.from_on, "until_on": period.until_on, "locale": said_in, "batch_id": batch_id,
            "owed_minor": sum(one.owed_minor for one in bills), "made_by": tx.actor.person_id, "made_at": clock.now(),
        }  # fmt: skip
        with i18n.use(said_in):
            values["content"] = await _content(tx, whose.name, period, bills, is_private=is_private)
        if await _keep(tx, values, bills):
            made.append(statement_id)
    return made


async def _keep(tx: Transaction, values: dict[str, Any], bills: Sequence[AccountBill]) -> bool:
    added = insert(Statement).values(**values).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if not await tx.execute(added):
        return False
    common = {"statement_id": values["id"], "patient_id": values["patient_id"],
              "confidentiality": values["confidentiality"]}  # fmt: skip
    for one in bills:
        await tx.execute(insert(StatementBill).values(invoice_id=one.id, **common))
    await audit.record(
        tx, "billing.make_statement", patient_id=values["patient_id"], entity="Statement", entity_id=values["id"]
    )
    return True


async def my_statements(tx: Transaction) -> Sequence[StatementView]:
    """Return the statements of the chart acted for that the actor may read, the newest first."""
    policy.require(tx.actor, policies.SEE_BILLS.name)
    rows: Sequence[Any] = await tx.all(_MINE, {"patient_id": tx.actor.patient_id, "most": SHOWN})
    return [StatementView(*row) for row in rows]


async def statement_file(tx: Transaction, statement_id: UUID) -> StatementFile:
    """Return a statement as PDF, in the words and the language in which it was made.

    Raises:
        NotFound: if the actor sees no such statement.
    """
    policy.require(tx.actor, (policies.KEEP_BOOKS if tx.actor.is_staff() else policies.SEE_BILLS).name)
    row: Any = await tx.first(_ONE, {"id": statement_id})
    if row is None:
        raise NotFound
    await audit.record(
        tx, "billing.print_statement", patient_id=row.patient_id, entity="Statement", entity_id=statement_id
    )
    with i18n.use(row.locale):
        return StatementFile(f"statement-{row.number}.pdf", await print_sheet(_sheet(row.content, row.number)))


async def _content(
    tx: Transaction, name: str, period: Period, bills: Sequence[AccountBill], *, is_private: bool
) -> dict[str, Any]:
    us, line = await practice.practice(tx), await practice.phone_line(tx, "billing")
    rules = await desk_rules(tx)
    ours, language = rules.help_in(i18n.current()), rules.language_for(i18n.current())
    facts = [
        name,
        _("{first} to {last}").format(
            first=i18n.format_long_date(period.from_on), last=i18n.format_long_date(period.until_on)
        ),
        us.name,
    ]
    if is_private:
        facts.append(_("Private: only you can see this statement."))
    parts = (statement_words.sum_of(bills), *map(statement_words.part_of, bills),
             statement_words.ways_of(line.number, ours, language))  # fmt: skip
    return {"title": _("Statement of the account"), "practice": us.name, "facts": facts,
            "parts": [_packed(part) for part in parts]}  # fmt: skip


def _packed(part: Part) -> dict[str, Any]:
    lines = [[one.text, list(one.notes), one.language, one.amount] for one in part.lines]
    return {"name": part.name, "title": part.title, "intro": part.intro, "lines": lines}


def _sheet(content: dict[str, Any], number: int) -> Sheet:
    parts = tuple(
        Part(
            one["name"], one["title"], tuple(Line(t, tuple(n), lang, a) for t, n, lang, a in one["lines"]), one["intro"]
        )
        for one in content["parts"]
    )
    facts = (*content["facts"], _("Statement {number}").format(number=number))
    return Sheet(content["title"], content["practice"], facts, parts)
