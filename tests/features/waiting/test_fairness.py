"""The report says how it goes by group, and nothing about the few."""

import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.errors import NotAllowed
from portal_app.features.waiting import service
from tests.features.waiting.conftest import Waiting


async def test_groups_are_counted_and_small_ones_hidden(waiting: Waiting) -> None:
    for n in range(6):
        await waiting.somebody(str(n))
        assert await waiting.offer(waiting.time(5 + n))
    child = await waiting.clinic.patient("Tim", birth_date=waiting.time().date().replace(year=2020))
    await waiting.ask(child)
    assert await waiting.offer(waiting.time(12))
    manager = await waiting.clinic.staff("manager")
    rows = {(one.split, one.band): one for one in await waiting.act(manager, "waiting.report", service.fairness)}
    assert (rows["age", "40"].offers, rows["age", "40"].accepted) == (6, 0)
    assert rows["age", "0"].offers is None
    assert rows["language", "en"].offers == 7
    assert rows["channel", "mail"].median_waiting_h is not None


async def test_it_is_no_way_to_see_more(waiting: Waiting) -> None:
    billing = await waiting.clinic.staff("billing")
    with pytest.raises(NotAllowed):
        await waiting.act(billing, "waiting.report", service.fairness)
    with pytest.raises(DBAPIError):
        async with waiting.database.act_as(billing.credential, "tasks.view") as tx:
            await tx.all("select * from waitlist_fairness(now())")
    manager = await waiting.clinic.staff("manager")
    await waiting.somebody()
    async with waiting.database.act_as(manager.credential, "waiting.report") as tx:
        await service.fairness(tx)
        assert await tx.scalar("select count(*) from waitlist_entry") == 0
