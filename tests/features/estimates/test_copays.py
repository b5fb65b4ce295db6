"""The co-pay of a visit that is ahead: the amount is the insurer's, and it is paid once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.features.estimates import service
from portal_app.features.payments import attempts, settling
from portal_app.features.payments.errors import NothingOwed
from portal_app.features.payments.service import Copay
from tests.factories import Someone
from tests.features.estimates.conftest import Asker
from tests.features.payments.conftest import Bank

COPAY = 2_500


async def due(asker: Asker, by: Someone | None = None) -> Copay | None:
    async with asker.database.act_as((by or asker.maria).credential, "booking.view") as tx:
        return await service.copay_now(tx, asker.appointment_id)


async def begin(asker: Asker, key: UUID | None = None, by: Someone | None = None) -> UUID:
    async with asker.database.act_as((by or asker.maria).credential, "payments.pay") as tx:
        return await service.start_visit_copay(tx, asker.appointment_id, key or uuid4(), "en")


async def test_it_is_due_until_it_is_paid_once_and_is_the_patients_credit(asker: Asker) -> None:
    await asker.insured(copay_minor=COPAY)
    found, key, bank = await due(asker), uuid4(), Bank()
    assert found is not None
    assert (found.amount_minor, found.currency) == (COPAY, "USD")
    attempt_id = await begin(asker, key)
    assert await begin(asker, key) == await begin(asker) == attempt_id
    await attempts.open_page(asker.database, bank, attempt_id)
    bank.set(attempt_id, "paid")
    assert await settling.settle(asker.database, bank, attempt_id) == "paid"
    assert await due(asker) is None
    with pytest.raises(NothingOwed):
        await begin(asker)
    async with asker.database.act_as_system("test") as tx:
        assert await tx.scalar("select -sum(amount_minor) from ledger_entry where account = 'credit'") == COPAY


async def test_of_a_private_visit_it_is_a_credit_as_private(asker: Asker) -> None:
    await asker.insured(copay_minor=COPAY)
    async with asker.database.act_as_system("test") as tx:
        hidden = "update appointment set confidentiality = 'R' where id = :id"
        await tx.execute(hidden, {"id": asker.appointment_id})
    attempt_id, bank = await begin(asker), Bank()
    await attempts.open_page(asker.database, bank, attempt_id)
    bank.set(attempt_id, "paid")
    await settling.settle(asker.database, bank, attempt_id)
    async with asker.database.act_as_system("test") as tx:
        levels = await tx.all("select confidentiality from ledger_entry where account = 'credit'")
    assert [row.confidentiality for row in levels] == ["R"]


async def test_none_is_due_without_an_insurer_who_said_so(asker: Asker) -> None:
    assert await due(asker) is None
    await asker.insured()
    assert await due(asker) is None
    with pytest.raises(NothingOwed):
        await begin(asker)


async def test_none_is_due_of_a_visit_that_is_over_or_of_somebody_else(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asker.insured(copay_minor=COPAY)
    other = await asker.people.sign_in_again(await asker.people.patient("Rosa"), assurance=2)
    assert await due(asker, other) is None
    with pytest.raises(NothingOwed):
        await begin(asker, by=other)
    monkeypatch.setattr(clock, "now", lambda now=clock.now: now() + timedelta(days=400))
    assert await due(asker) is None
