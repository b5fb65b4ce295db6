"""What is asked of a chart's readings finds them by an index, however many readings there are of everybody else."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from unittest.mock import patch
from uuid import uuid4

import psycopg
import pytest

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.vitals import importing, service
from portal_app.features.vitals.service import NewReading
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.vitals.conftest import AtHome
from tests.statements import Asked, statements_asked


def a_year_ago() -> datetime:
    return clock.now() - timedelta(days=366)


Use = Callable[[Transaction], Awaitable[object]]
USES: dict[str, Use] = {
    "harmless": lambda tx: service.log_reading(tx, NewReading("oxygen", "%", Decimal(97), uuid4())),
    "dangerous": lambda tx: service.log_reading(tx, NewReading("oxygen", "%", Decimal(88), uuid4())),
    "last": service.last_readings,
    "sheet": service.carried_sheet,
    "back": lambda tx: service.look_back(tx, "oxygen", since=a_year_ago()),
    "file": lambda tx: importing.preview(tx, "taken_at,measure,value,unit\n2026-03-01T07:10Z,oxygen,97,%\n"),
}


async def reading_plans(tx: Transaction, asked: Asked) -> list[str]:
    """Return how the database would look each of these up, if it went through a whole table only where it must."""
    await tx.driver.execute("set local enable_seqscan = off")
    plans = []
    for statement, params in asked:
        if "from reading" in statement:
            rows = await (await tx.driver.execute(f"explain {statement}", params)).fetchall()
            plans.append("\n".join(row[0] for row in rows))
    return plans


@pytest.mark.parametrize("use", USES)
async def test_nobody_s_readings_are_looked_for_among_everybody_s(home: AtHome, use: str) -> None:
    await PracticeMaker(home.database).practice()
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        with statements_asked() as asked:
            await USES[use](tx)
        plans = await reading_plans(tx, asked)
    assert plans
    assert [plan for plan in plans if "Seq Scan on reading" in plan] == []


async def test_looking_back_asks_for_the_chart_its_readings_its_rules_and_what_was_counted_at_once(
    home: AtHome,
) -> None:
    await home.log("oxygen", "97")
    pipeline = psycopg.AsyncConnection.pipeline
    async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
        together = patch.object(psycopg.AsyncConnection, "pipeline", autospec=True, side_effect=pipeline)
        with statements_asked() as asked, together as pipelines:
            chart, found, shown = await service.look_back(tx, "oxygen", since=a_year_ago())
    assert (len(asked), pipelines.call_count) == (4, 1)
    assert shown
    assert (chart.patient_id, [one.value for one in found]) == (home.patient.patient_id, [Decimal(97)])
    assert shown.found == tuple(found)


async def test_a_harmless_reading_asks_four_times_before_the_commit(home: AtHome) -> None:
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        with statements_asked() as asked:
            await USES["harmless"](tx)
    assert [statement.split()[0] for statement, _ in asked] == ["select", "select", "select", "insert"]
