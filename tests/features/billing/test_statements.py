"""Statements: what was owed then, each once whatever dies, in the patient's language, nothing private for others."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.core import clock, i18n
from portal_app.core.db import libpq_conninfo, secret_hash
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.billing import account_statements, desk_rules, statement_batches, statement_words
from portal_app.features.billing import service as billing
from portal_app.features.billing.account_statements import StatementView, month_of
from portal_app.features.billing.desk_rules import DeskRules
from portal_app.features.billing.errors import BatchRunning
from portal_app.features.billing.statement_words import AccountBill
from portal_app.features.notify.tables import OutboxMessage
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, share
from tests.features.billing.conftest import FEE, Office
from tests.features.billing.copied import copy_bill
from tests.features.billing.test_questions import ask, helping, wish

__all__ = ["share"]

HIDE = "update appointment set confidentiality = 'R' where id = :id"


async def mine(office: Office, by: Someone | None = None) -> list[StatementView]:
    async with office.database.act_as((by or office.visit.maria_strong).credential, "billing.see_bills") as tx:
        return list(await account_statements.my_statements(tx))


async def make_now(office: Office, key: UUID | None = None, by: Someone | None = None) -> list[UUID]:
    async with office.database.act_as((by or office.visit.maria_strong).credential, "billing.see_bills") as tx:
        return list(await account_statements.make_now(tx, key or uuid4()))


async def words_of(office: Office, statement_id: UUID) -> str:
    async with office.database.act_as_system("test") as tx:
        row = await tx.one(account_statements._ONE, {"id": statement_id})
    return str(row.content)


async def hide(office: Office) -> None:
    async with office.database.act_as_system("test") as tx:
        await tx.execute(HIDE, {"id": office.visit.appointment_id})


async def begin(office: Office, month: date, key: UUID | None = None) -> UUID:
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        return await statement_batches.start_batch(tx, month, key or uuid4())


async def go_on(office: Office, batch_id: UUID) -> bool:
    async with office.database.act_as_system("test") as tx:
        return await statement_batches.make_next(tx, batch_id, chunk=1)


def next_month(monkeypatch: pytest.MonkeyPatch) -> date:
    """Let the month be over in which everything happened; return its first day."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=32))
    return now.date().replace(day=1)


async def test_a_statement_says_how_the_account_stands_and_stays_as_it_was(office: Office) -> None:
    bill_id = await office.issue()
    await office.post(bill_id, "insurance", 11_000)
    key = uuid4()
    (made,) = await make_now(office, key)
    assert await make_now(office, key) == []
    await office.post(bill_id, "payment", 7_000)
    (seen,) = await mine(office)
    assert (seen.id, seen.owed_minor, seen.is_private) == (made, FEE - 11_000, False)
    said = await words_of(office, made)
    assert "$110.00" in said
    assert "$70.00" in said


async def test_a_private_visit_stands_on_no_statement_that_another_person_reads(
    office: Office, clinic: Clinic, share: Share
) -> None:
    bill_id = await office.issue()
    parent = await helping(office, clinic, share, "bills_view", "bills_act")
    await hide(office)
    assert await make_now(office, by=parent) == []
    (made,) = await make_now(office)
    assert [one.is_private for one in await mine(office)] == [True]
    assert await mine(office, parent) == []
    with pytest.raises(NotFound):
        async with office.database.act_as(parent.credential, "billing.see_bills") as tx:
            await account_statements.statement_file(tx, made)
    assert str((await office.bill(bill_id)).number) in await words_of(office, made)


async def test_a_statement_hides_when_a_visit_on_it_becomes_private(
    office: Office, clinic: Clinic, share: Share
) -> None:
    await office.issue()
    parent = await helping(office, clinic, share, "bills_view", "bills_act")
    await make_now(office, by=parent)
    assert len(await mine(office, parent)) == 1
    await hide(office)
    assert await mine(office, parent) == []
    assert [one.is_private for one in await mine(office)] == [True]


async def test_another_patients_statement_is_not_found(office: Office, clinic: Clinic) -> None:
    await office.issue()
    (made,) = await make_now(office)
    other = await clinic.sign_in_again(await clinic.patient("Sam"), assurance=2)
    assert await mine(office, other) == []
    for someone, error in ((other, NotFound), (await clinic.staff("manager"), NotAllowed)):
        with pytest.raises(error):
            async with office.database.act_as(someone.credential, "billing.see_bills") as tx:
                await account_statements.statement_file(tx, made)


async def test_what_is_asked_about_need_not_be_paid_and_the_practices_words_stand_on_it(
    office: Office, clinic: Clinic
) -> None:
    bill_id = await office.issue()
    await ask(office, wish(bill_id))
    manager = await clinic.staff("manager")
    async with office.database.act_as(manager.credential, "billing.set_up") as tx:
        await desk_rules.set_desk_rules(tx, DeskRules({"en": "Ask for our fund."}))
    (made,) = await make_now(office)
    said = await words_of(office, made)
    assert "Nothing is owed now." in said
    assert "Ask for our fund." in said


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_a_statement_is_a_file_in_the_language_of_its_patient(
    office: Office, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    await office.issue()
    async with office.database.act_as_system("test") as tx:
        await tx.execute("update patient set language = :l where id = :id",
                         {"l": locale, "id": office.visit.maria.patient_id})  # fmt: skip
    batch_id = await begin(office, next_month(monkeypatch))
    while await go_on(office, batch_id):
        pass
    (one,) = await mine(office)
    with i18n.use(locale):
        title = i18n._("Statement of the account")
    assert title in await words_of(office, one.id)
    async with office.database.act_as(office.visit.maria_strong.credential, "billing.see_bills") as tx:
        file = await account_statements.statement_file(tx, one.id)
    assert file.content.startswith(b"%PDF")


async def test_a_statement_reads_the_same_for_the_patient_and_for_whoever_acts_for_them(office: Office) -> None:
    bill_id = await office.issue()
    for kind, minor, reason in (("insurance", 9_000, ""), ("adjustment", 2_000, "Agreed"), ("payment", 1_500, "")):
        await office.post(bill_id, kind, minor, reason)  # type: ignore[arg-type]
    said = await words_of(office, (await make_now(office))[0])
    assert "The insurance paid" in said
    assert not re.search(r"\b(you|yours?)\b(?! portal)", str(said), re.IGNORECASE)


SENT = "select count(*) from outbox_message where template = 'billing_statement_ready'"


async def test_a_batch_that_dies_in_the_middle_goes_on_where_it_was_and_makes_each_once(
    office: Office, clinic: Clinic, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.issue()
    accounts = 11
    await _more_accounts(office, clinic, settings, accounts)
    month = next_month(monkeypatch)
    batch_id = await begin(office, month)
    assert await begin(office, month, batch_id) == batch_id
    assert await go_on(office, batch_id)
    with pytest.raises(RuntimeError, match="killed"):
        await _killed(office, batch_id)
    while any(await asyncio.gather(go_on(office, batch_id), go_on(office, batch_id))):  # two workers with one job
        pass
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        (done,) = await statement_batches.batches(tx)
    assert (done.status, done.total, done.done, done.made) == ("done", accounts + 1, accounts + 1, accounts + 1)
    async with office.database.act_as_system("test") as tx:
        made = await tx.one("select count(*) as all, count(distinct patient_id) as accounts from statement")
        assert (made.all, made.accounts, await tx.scalar(SENT)) == (accounts + 1, accounts + 1, accounts + 1)


async def _killed(office: Office, batch_id: UUID) -> None:
    async with office.database.act_as_system("test") as tx:
        await statement_batches.make_next(tx, batch_id, chunk=5)
        raise RuntimeError("killed")


async def test_the_same_month_again_makes_nothing_twice(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await office.issue()
    month = next_month(monkeypatch)
    for _ in range(2):
        batch_id = await begin(office, month)
        while await go_on(office, batch_id):
            pass
    assert len(await mine(office)) == 1
    async with office.database.act_as_system("test") as tx:
        assert await tx.scalar(SENT) == 1


async def test_the_mail_has_a_link_to_pay_of_which_only_a_hash_is_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.issue()
    batch_id = await begin(office, next_month(monkeypatch))
    while await go_on(office, batch_id):
        pass
    async with office.database.act_as_system("test") as tx:
        mail = select(col(OutboxMessage.content)).where(col(OutboxMessage.template) == "billing_statement_ready")
        content = (await tx.connection.execute(mail)).scalar_one()
        kept = await tx.scalar("select token_hash from payment_link")
    token = re.search(r"/pay-link\?key=([\w-]+)", str(content))
    assert token is not None
    assert (secret_hash(token[1]), token[1] in kept) == (kept, False)


async def test_one_batch_runs_at_a_time_and_stops_when_it_is_stopped(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.issue()
    month = next_month(monkeypatch)
    batch_id = await begin(office, month)
    with pytest.raises(BatchRunning):
        await begin(office, month)
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        await statement_batches.cancel_batch(tx, batch_id)
    assert not await go_on(office, batch_id)
    assert await mine(office) == []


async def test_a_month_that_is_not_over_has_no_statements_yet_and_patients_make_no_batches(office: Office) -> None:
    with pytest.raises(InputRefused):
        await begin(office, clock.now().date())
    with pytest.raises(NotAllowed):
        await begin(replace(office, keeper=office.visit.maria_strong), date(2020, 1, 1))


@pytest.mark.parametrize(("day", "first", "last"), [
    (date(2024, 2, 29), datetime(2024, 2, 1, 5, tzinfo=UTC), datetime(2024, 3, 1, 5, tzinfo=UTC)),
    (date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 12, 1, 5, tzinfo=UTC)),
    (date(2026, 12, 31), datetime(2026, 12, 1, 5, tzinfo=UTC), datetime(2027, 1, 1, 5, tzinfo=UTC)),
])  # fmt: skip
def test_a_month_ends_where_the_next_begins_on_the_practices_clock(day: date, first: datetime, last: datetime) -> None:
    period = month_of(day, "America/New_York")
    assert (period.begins_at(), period.ends_at()) == (first, last)


@pytest.mark.parametrize(("currency", "said"), [("JPY", "¥1,234"), ("KWD", "1.234"), ("USD", "$12.34")])
def test_amounts_have_the_decimals_of_their_currency(currency: str, said: str) -> None:
    bill = AccountBill(
        uuid4(), 7, currency, "", clock.now(), "UTC", date(2026, 1, 1), "Dr. A", None, is_asked_about=False,
        owed_minor=1234, charged_minor=1234, insured_minor=0, reduced_minor=0, paid_minor=0,
    )  # fmt: skip
    with i18n.use("en"):
        assert said in statement_words.sum_of([bill]).intro
        assert said in statement_words.part_of(bill).lines[-1].amount


async def _more_accounts(office: Office, clinic: Clinic, settings: Settings, count: int) -> None:
    """Give so many other patients a bill as Maria's, by copies of her rows."""
    others = [(await clinic.patient(f"P{n}")).patient_id for n in range(count)]
    assert settings.database_owner_url
    async with await psycopg.AsyncConnection.connect(libpq_conninfo(settings.database_owner_url)) as owner:
        await owner.execute("set portal.maintenance = 'test'")
        for patient_id in others:
            await copy_bill(owner, office.visit.appointment_id, patient_id)
    async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
        for row in await tx.all("select id from invoice where patient_id <> :m", {"m": office.visit.maria.patient_id}):
            await billing.post(tx, billing.Posting(row.id, "charge", FEE, row.id))
