"""A statement's link: a sum, the practice and one button; the amount is the server's, nothing of a chart is said."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import payment_links
from portal_app.core import clock, db, i18n
from portal_app.core.db import libpq_conninfo
from portal_app.features.billing import account_statements, undoing
from portal_app.features.billing.account_statements import Period
from portal_app.features.payments import links
from portal_app.features.payments import service as payments
from portal_app.settings import Settings
from tests.features.billing.conftest import FEE, Office, office
from tests.features.billing.copied import copy_bill
from tests.features.notes.conftest import visit
from tests.features.payments.conftest import Till, till

__all__ = ["Office", "office", "till", "visit"]
wiring.load_features("policies")
ATTEMPTS = "select count(*) from payment_attempt"


@dataclass(frozen=True)
class Post:
    """Somebody who got a statement by mail and has not signed in."""

    till: Till
    browser: httpx.AsyncClient
    path: str

    @property
    def key(self) -> str:
        return self.path.partition("key=")[2]

    async def read(self, path: str = "") -> tuple[int, str]:
        answer = await self.browser.get(path or self.path)
        return answer.status_code, html.unescape(answer.text)

    async def tap(self, request: UUID | None = None, **sent: str) -> str:
        form = {"key": self.key, "request": str(request or uuid4())} | sent
        return (await self.browser.post(payments.LINK_PATH, data=form)).text

    async def attempt(self) -> UUID:
        async with self.till.database.act_as_system("test") as tx:
            attempt_id: UUID = await tx.scalar("select id from payment_attempt")
            return attempt_id


async def mailed(till: Till) -> str:
    """Make a statement and return the link in its mail."""
    maria = till.office.visit.maria_strong
    assert maria.patient_id is not None
    today = clock.now().date()
    async with till.database.act_as_system("test") as tx:
        period = Period(today - timedelta(days=90), today, "UTC")
        (statement_id,) = await account_statements.make_statements(tx, maria.patient_id, period, uuid4())
        path = await links.make_link(tx, statement_id, maria.person_id)
        assert await links.make_link(tx, statement_id, maria.person_id) == ""
    return path


@pytest.fixture
async def post(till: Till) -> AsyncIterator[Post]:
    path = await mailed(till)
    db.use(till.database)
    payments.use_processor(till.bank)
    transport = httpx.ASGITransport(Starlette(routes=payment_links.routes), client=(f"{uuid4()}", 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as browser:
        yield Post(till, browser, path)
    payments.use_processor(None)
    db.use(None)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_it_says_how_much_and_to_whom_and_nothing_else_and_opening_it_changes_nothing(
    post: Post, locale: str
) -> None:
    status, page = await post.read(i18n.localized_path(locale, post.path))
    with i18n.use(locale):
        assert i18n.format_money(FEE, "USD", 2) in page
    assert (status, f'lang="{locale}"' in page) == (200, True)
    for secret in ("Maria", "Alvarez", "Clinic visit", str(post.till.bill_id)):
        assert secret not in page
    assert await post.till.count(ATTEMPTS) == 0


async def test_what_is_paid_is_what_is_owed_whatever_the_form_says_and_two_taps_are_one(post: Post) -> None:
    request = uuid4()
    pages = [await post.tap(request, amount="1", bill=str(uuid4())) for _tap in range(2)]
    attempt_id = await post.attempt()
    assert all(f"https://pay.example/{attempt_id.hex}" in page for page in pages)
    assert post.till.bank.pages[f"cs_{attempt_id.hex}"].amount == FEE
    assert await post.till.count(ATTEMPTS) == 1


async def test_once_paid_the_way_back_says_so_and_the_link_that_nothing_is_left(post: Post) -> None:
    await post.tap()
    attempt_id = await post.attempt()
    back = f"{payments.LINK_RETURN_PATH}?attempt={attempt_id}"
    post.till.bank.set(attempt_id, "paid")
    assert "Paid: $180.00" in (await post.read(back))[1]
    assert (await post.till.bill()).owed_minor == 0
    assert "nothing left to pay" in (await post.read())[1]
    assert "nothing left to pay" in await post.tap()


async def test_while_an_answer_is_set_aside_nobody_is_told_that_they_were_not_charged(post: Post) -> None:
    await post.tap()
    attempt_id = await post.attempt()
    post.till.bank.set(attempt_id, "paid", amount=FEE + 1)
    status, page = await post.read(f"{payments.LINK_RETURN_PATH}?attempt={attempt_id}")
    assert await post.till.count("select count(*) from quarantined_payment") == 1
    assert (status, "We are asking whether you have paid" in page, "You were not charged" in page) == (503, True, False)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
@pytest.mark.parametrize(
    ("problem", "said"), [("", "You have not paid yet"), ("funds", "The payment did not go through")]
)
async def test_whoever_leaves_the_page_unpaid_reads_at_once_that_they_have_not_paid_and_goes_on_with_the_same(
    post: Post, locale: str, problem: str, said: str
) -> None:
    await post.tap()
    attempt_id = await post.attempt()
    if problem:
        post.till.bank.set(attempt_id, "open", problem=problem)
    back = i18n.localized_path(locale, f"{payments.LINK_RETURN_PATH}?attempt={attempt_id}")
    status, page = await post.read(back)
    with i18n.use(locale):
        words = (i18n._(said), i18n._("Pay {amount}").format(amount=i18n.format_money(FEE, "USD", 2)))
    assert status == 200
    assert all(one in page for one in words)
    gone_on = await post.browser.post(back.partition("?")[0], data={"attempt": str(attempt_id)})
    assert f"https://pay.example/{attempt_id.hex}" in gone_on.text
    assert await post.till.count(ATTEMPTS) == 1


@pytest.mark.parametrize(
    ("how", "said"), [("paid", "Paid: $180.00"), ("expired", "You have not paid"), ("away", "We are asking")]
)
async def test_whoever_would_go_on_with_a_payment_that_is_over_reads_what_became_of_it(
    post: Post, how: str, said: str
) -> None:
    await post.tap()
    attempt_id = await post.attempt()
    post.till.bank.is_away = how == "away"
    if how != "away":
        post.till.bank.set(attempt_id, how)
    sent = {"attempt": str(attempt_id)}
    page = await post.browser.post(payments.LINK_RETURN_PATH, data=sent, follow_redirects=True)
    assert said in page.text
    assert "https://pay.example" not in page.text


async def test_nobody_goes_on_by_link_with_a_payment_of_somebody_who_signed_in(post: Post) -> None:
    attempt_id = await post.till.begun()
    for attempt in (attempt_id, uuid4(), "x"):
        answer = await post.browser.post(payments.LINK_RETURN_PATH, data={"attempt": str(attempt)})
        assert answer.status_code == 404


@pytest.mark.parametrize("how", ["failed", "expired"])
async def test_of_a_payment_that_is_over_it_says_that_nobody_was_charged(post: Post, how: str) -> None:
    await post.tap()
    attempt_id = await post.attempt()
    post.till.bank.set(attempt_id, how)
    assert "You were not charged" in (await post.read(f"{payments.LINK_RETURN_PATH}?attempt={attempt_id}"))[1]


@pytest.mark.parametrize("how", ["paid", "void"])
async def test_of_a_bill_that_is_paid_or_taken_back_nothing_is_asked(post: Post, how: str) -> None:
    office = post.till.office
    if how == "paid":
        await office.post(post.till.bill_id, "payment", FEE)
    else:
        async with office.database.act_as(office.keeper.credential, "billing.keep_books") as tx:
            await undoing.void_bill(tx, post.till.bill_id, "Another patient's", uuid4())
    assert "nothing left to pay" in (await post.read())[1]
    assert "nothing left to pay" in await post.tap()


async def test_forged_cut_off_and_old_links_say_the_same_without_blame(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = ["", "x" * 5_000, post.key[:-1], f"{post.key}x", "%00"]
    said = {await post.read(f"{payments.LINK_PATH}?key={one}") for one in wrong}
    monkeypatch.setattr(clock, "now", lambda now=clock.now: now() + links.LIFE)
    said |= {await post.read(), (404, html.unescape(await post.tap()))}
    ((status, page),) = said
    assert (status, "This link does not work any more" in page) == (404, True)
    assert await post.till.count(ATTEMPTS) == 0


async def test_what_became_private_since_is_not_paid_by_a_link_that_others_may_read(post: Post) -> None:
    async with post.till.database.act_as_system("test") as tx:
        hidden = "update appointment set confidentiality = 'R' where id = :id"
        assert await tx.execute(hidden, {"id": post.till.office.visit.appointment_id})
    assert "nothing left to pay" in (await post.read())[1]


async def test_once_its_holder_may_see_less_a_link_is_for_what_they_still_see(post: Post, settings: Settings) -> None:
    office, maria = post.till.office, post.till.office.visit.maria_strong
    async with await psycopg.AsyncConnection.connect(libpq_conninfo(settings.database_owner_url or "")) as owner:
        await owner.execute("set portal.maintenance = 'test'")
        other = await copy_bill(owner, office.visit.appointment_id, maria.patient_id)
    await office.post(other, "charge", 7_000)
    async with post.till.database.act_as_system("test") as tx:
        for bill_id, level in ((post.till.bill_id, "R"), (other, "V")):
            of_bill = "(select i.appointment_id from invoice i where i.id = :id)"
            changed = f"update appointment set confidentiality = :level where id = {of_bill}"
            await tx.execute(changed, {"level": level, "id": bill_id})
    private = replace(post, path=await mailed(post.till))
    assert "$250.00" in (await private.read())[1]
    await _limit(post.till, "R")
    assert "$180.00" in (await private.read())[1]
    await private.tap()
    assert post.till.bank.pages[f"cs_{(await post.attempt()).hex}"].amount == FEE
    await _limit(post.till, "N")
    assert "nothing left to pay" in (await private.read())[1]
    assert "nothing left to pay" in await private.tap()


async def _limit(till: Till, level: str) -> None:
    maria = till.office.visit.maria_strong
    async with till.database.act_as_system("test") as tx:
        limited = "update access_grant set up_to = :level where grantee = :person_id and patient_id = :patient_id"
        whose = {"person_id": maria.person_id, "patient_id": maria.patient_id}
        assert await tx.execute(limited, whose | {"level": level})


async def test_the_way_back_tells_nothing_of_a_payment_of_somebody_who_signed_in(post: Post) -> None:
    attempt_id = await post.till.begun()
    for attempt in (attempt_id, uuid4(), "x"):
        assert (await post.read(f"{payments.LINK_RETURN_PATH}?attempt={attempt}"))[0] == 404


async def test_a_link_is_begun_with_so_often_and_no_more(post: Post) -> None:
    pages = [await post.tap() for _try in range(21)]
    assert re.search("https://pay.example", pages[19])
    assert "https://pay.example" not in pages[20]


async def test_while_the_processor_is_away_it_says_that_nobody_was_charged(post: Post) -> None:
    post.till.bank.is_away = True
    assert "You were not charged" in await post.tap()
    post.till.bank.is_away = False
    assert "https://pay.example" in await post.tap()
