"""Bills that are being paid, in bulk, and a processor that says of each what a real one would: it is paid."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg

from bench._clinic import ZONE, Person, Practice, sign_in
from portal_app import wiring
from portal_app.core.jobs import Workplace
from portal_app.features.payments.ports import Event, Facts, PaymentPort
from portal_app.operations import worker
from portal_app.settings import Settings

AMOUNT: Final = 4_500
SECRET: Final = "whsec_of_the_bench"  # noqa: S105 - nobody else has it
KEY: Final = "sk_test_practice_of_the_bench"


# What the ledger's trigger would have kept: it is off while rows are copied in.
_KEPT: Final = """
insert into bill_balance (invoice_id, patient_id, confidentiality, currency, number, served_at, due_on,
  owed_minor, charged_minor, insured_minor, reduced_minor, paid_minor, moved_at)
select i.id, i.patient_id, i.confidentiality, i.currency, i.number, i.served_at, i.due_on, s.owed, s.charged, 0, 0,
  s.paid, i.issued_at
from invoice i join (
  select invoice_id, sum(amount_minor) filter (where account = 'receivable') as owed,
    -sum(amount_minor) filter (where account = 'revenue') as charged,
    coalesce(sum(amount_minor) filter (where account = 'desk'), 0) as paid
  from ledger_entry group by invoice_id) s on s.invoice_id = i.id
join unnest(%s::uuid[]) n (id) on n.id = i.id
"""


class PaidProcessor:
    """Says of every page that it is paid, after as long as a processor nearby takes to answer."""

    is_live = False
    is_standin = True

    async def session(self, session_id: str) -> Facts:
        """Return that the attempt of a page is paid."""
        await asyncio.sleep(0.005)
        attempt = str(UUID(session_id.removeprefix("cs_")))
        return Facts(attempt, session_id, f"pi_{session_id[3:]}", "paid", AMOUNT, "USD", is_live=False)

    async def events_since(self, _moment: datetime) -> Sequence[Event]:
        """Return nothing: what did not arrive is none of the bench's."""
        return []


@dataclass(frozen=True)
class Till:
    """A bill and the attempt that pays it."""

    bill_id: UUID
    attempt_id: UUID

    def body(self) -> bytes:
        """Return the event that tells of the payment, as it goes over the wire."""
        told = {
            "id": f"cs_{self.attempt_id.hex}", "object": "checkout.session", "livemode": False, "currency": "usd",
            "amount_total": AMOUNT, "client_reference_id": str(self.attempt_id),
            "metadata": {"attempt": str(self.attempt_id)},
        }  # fmt: skip
        event = {
            "id": f"evt_{self.attempt_id.hex}", "object": "event", "type": "checkout.session.completed",
            "created": int(time.time()), "livemode": False, "data": {"object": told},
        }  # fmt: skip
        return json.dumps(event).encode()


def make_bills(
    superuser: str, practice: Practice, patients: Sequence[UUID], each: int = 1, *, minor: int = AMOUNT, unpaid: int = 0
) -> list[tuple[UUID, UUID]]:
    """Give each chart so many bills, a month apart, with their charge in the books; return chart and bill.

    With `unpaid` all but so many of the newest are paid, each at the desk.
    """
    now = datetime.now(UTC)
    made, bills, postings, entries = [], [], [], []
    for chart in patients:
        for number in range(each):
            bill_id, posting_id = uuid4(), uuid4()
            at = now - timedelta(days=30 * number + 1)
            bills.append((
                bill_id, uuid4(), uuid4(), chart, "USD", "T1015", "A visit", at, practice.practitioner_ids[0],
                practice.location_id, "in_person", at, uuid4(), at.date(),
            ))  # fmt: skip
            postings.append((posting_id, "charge", chart, "USD", uuid4(), uuid4(), at, 1))
            entries.append((posting_id, 0, "receivable", bill_id, chart, minor))
            entries.append((posting_id, 1, "revenue", bill_id, chart, -minor))
            if unpaid and number >= unpaid:
                paid_id = uuid4()
                postings.append((paid_id, "payment", chart, "USD", uuid4(), uuid4(), at, 1))
                entries.append((paid_id, 0, "desk", bill_id, chart, minor))
                entries.append((paid_id, 1, "receivable", bill_id, chart, -minor))
            made.append((chart, bill_id))
    with psycopg.connect(superuser) as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # of these rows only the sums matter
        _copy(
            cursor,
            "invoice (id, charge_item_id, appointment_id, patient_id, currency, service_code, words, served_at,"
            " practitioner_id, location_id, modality, issued_at, issued_by, due_on)",
            bills,
        )
        _copy(
            cursor,
            "ledger_posting (id, kind, patient_id, currency, made_by, request_key, made_at, mark)",
            postings,
        )
        _copy(cursor, "ledger_entry (posting_id, line, account, invoice_id, patient_id, amount_minor)", entries)
        cursor.execute("analyze invoice, ledger_entry")
        cursor.execute(_KEPT, [[bill_id for _chart, bill_id in made]])
    return made


def make_charts(superuser: str, count: int) -> list[UUID]:
    """Make so many charts, of people who never signed in."""
    charts = [uuid4() for _ in range(count)]
    with psycopg.connect(superuser) as connection, connection.cursor() as cursor:
        rows = [(one, "Alvarez", "Maria", date(1964, 5, 1), ZONE) for one in charts]
        _copy(cursor, "patient (id, family_name, given_name, birth_date, zone)", rows)
    return charts


def make_keeper(superuser: str) -> Person:
    """Make somebody who keeps the books, with a live session."""
    person = Person(uuid4(), None, uuid4().hex)
    with psycopg.connect(superuser) as connection:
        connection.execute("insert into person (id, display_name) values (%s, 'Ines Costa')", [person.person_id])
        connection.execute(
            "insert into person_role (id, person_id, role) values (gen_random_uuid(), %s, 'billing')",
            [person.person_id],
        )
    sign_in(superuser, [person])
    return person


def make_tills(superuser: str, practice: Practice, people: Sequence[Person]) -> list[Till]:
    """Give each person a bill, and an attempt at paying it whose page is open."""
    payers = {one.patient_id: one.person_id for one in people if one.patient_id}
    made = make_bills(superuser, practice, list(payers))
    tills = [Till(bill_id, uuid4()) for _chart, bill_id in made]
    now = datetime.now(UTC)
    attempts = [
        (
            till.attempt_id, chart, "bills", "portal", AMOUNT, "USD", "open", uuid4(), payers[chart], "en", False,
            f"cs_{till.attempt_id.hex}", now, now + timedelta(hours=1),
        )
        for till, (chart, _bill_id) in zip(tills, made, strict=True)
    ]  # fmt: skip
    shares = [
        (till.attempt_id, till.bill_id, chart, AMOUNT) for till, (chart, _bill_id) in zip(tills, made, strict=True)
    ]
    with psycopg.connect(superuser) as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        _copy(
            cursor,
            "payment_attempt (id, patient_id, purpose, via, amount_minor, currency, status, request_key, person_id,"
            " locale, keeps_method, session_id, created_at, expires_at)",
            attempts,
        )
        _copy(cursor, "payment_share (attempt_id, invoice_id, patient_id, amount_minor)", shares)
    return tills


def _copy(cursor: "psycopg.Cursor[tuple[Any, ...]]", target: str, rows: Sequence[tuple[object, ...]]) -> None:
    with cursor.copy(f"copy {target} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def main() -> None:
    """Be one worker of the bench: the portal's own, with the processor above."""
    settings = Settings()
    ports: dict[type, object] = {PaymentPort: PaidProcessor()}
    place = Workplace(wiring.open_portal(settings), settings, ports)
    print("ready", flush=True)
    asyncio.run(worker.work(place))


if __name__ == "__main__":
    main()
