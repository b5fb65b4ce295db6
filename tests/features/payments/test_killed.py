"""`kill -9` between the webhook and the books: the payment and that its event is done both stand, or neither does."""

import os
from collections.abc import Iterator

import pytest

from portal_app.core.db import libpq_conninfo
from portal_app.features.payments import events
from portal_app.features.payments import service as payments
from portal_app.settings import Settings
from tests.conftest import Server
from tests.features.billing.conftest import FEE
from tests.features.booking.killing import Mortal, mortal_process, until_nobody_acts
from tests.features.booking.world import as_superuser
from tests.features.payments.conftest import Till
from tests.features.payments.errand import SeeToEvent

STATEMENTS_MAX = 80
COUNTS = (
    "select count(*) from ledger_posting", "select count(*) from processor_event where done_at is not null",
    "select count(*) from payment_attempt where status = 'paid'", "select count(*) from outbox_message",
    "select count(*) from audit_event where action = 'payments.paid'",
)  # fmt: skip
"""What is written of a payment that came in: in the books, of its event, of its attempt, to its payer, in the trail."""


@pytest.fixture
def mortal(settings: Settings, keys: None) -> Iterator[Mortal]:
    ours = {"PORTAL_MODE": "test", "PORTAL_DATA_DIR": str(settings.data_dir)}
    environment = {**os.environ, **ours, "PORTAL_DATABASE_URL": settings.database_url or ""}
    with mortal_process("tests.features.payments.errand", environment) as process:
        yield process


async def _written(till: Till) -> list[int]:
    return [await till.count(query) for query in COUNTS]


async def test_a_worker_killed_between_the_webhook_and_the_books_has_posted_nothing_and_the_next_one_posts_once(
    till: Till, mortal: Mortal, settings: Settings, server: Server
) -> None:
    attempt_id = await till.begun()
    page = till.bank.set(attempt_id, "paid")
    async with till.database.act_as_system("test") as tx:
        await payments.take_event(tx, till.bank.tell(attempt_id))
        row_id = await tx.scalar("select id from processor_event")
    superuser, before = libpq_conninfo(as_superuser(server, settings.database_url or "")), await _written(till)
    assert (before[1], before[2]) == (0, 0)
    statement = 1
    while await mortal.killed(SeeToEvent(row_id, page, statement)):
        await until_nobody_acts(superuser)
        assert await _written(till) == before, statement
        statement += 1
        assert statement < STATEMENTS_MAX
    assert statement > 5

    # The last one was killed after its end: all of it stands once, and whoever takes the job over adds nothing
    await until_nobody_acts(superuser)
    done = await _written(till)
    assert [now - then for now, then in zip(done, before, strict=True)] == [1, 1, 1, 1, 1]
    await events.see_to_all(till.work, [row_id])
    assert (await _written(till), (await till.bill()).paid_minor) == (done, FEE)
