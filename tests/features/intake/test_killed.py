"""`kill -9` before any statement of a positive item 9: the answer and its alert both stand, or neither does."""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest

from portal_app.core.db import libpq_conninfo
from portal_app.settings import Settings
from tests.conftest import Server
from tests.features.booking.killing import Mortal, mortal_process, until_nobody_acts
from tests.features.booking.world import as_superuser
from tests.features.intake.conftest import ITEM_NINE, PHQ, Forms, answer
from tests.features.intake.errand import KeepAnswer

SEVERAL_DAYS = "LA6569-3"
STATEMENTS_MAX = 60


@pytest.fixture
def mortal(settings: Settings, keys: None) -> Iterator[Mortal]:
    ours = {"PORTAL_MODE": "test", "PORTAL_DATA_DIR": str(settings.data_dir)}
    environment = {**os.environ, **ours, "PORTAL_DATABASE_URL": settings.database_url or ""}
    with mortal_process("tests.features.intake.errand", environment) as process:
        yield process


async def _written(forms: Forms) -> tuple[int, int, int]:
    """Return how many answers, alerts and jobs of alerts there are."""
    jobs = "select count(*) from procrastinate_jobs where task_name like 'alerts.%'"
    counts = [await forms.scalar(f"select count(*) from {table}") for table in ("form_answer", "alert")]
    return counts[0], counts[1], await forms.scalar(jobs)


async def test_a_process_killed_between_an_answer_and_its_alert_leaves_both_or_neither(
    forms: Forms, mortal: Mortal, settings: Settings, server: Server
) -> None:
    form_id, client_id = await forms.open(PHQ), uuid4()
    given = answer(1, ITEM_NINE, SEVERAL_DAYS)
    superuser, before = libpq_conninfo(as_superuser(server, settings.database_url or "")), await _written(forms)
    assert before[:2] == (0, 0)
    statement = 1
    while await mortal.killed(KeepAnswer(forms.maria.credential, form_id, client_id, given, statement)):
        await until_nobody_acts(superuser)
        assert await _written(forms) == before, statement
        statement += 1
        assert statement < STATEMENTS_MAX
    assert statement > 5

    # The last one was killed after its end: both stand, with the clock of the alert, and sent again it is the same
    done = await _written(forms)
    assert done[:2] == (1, 1)
    assert done[2] > before[2]
    await forms.save(form_id, given, client=client_id)
    assert await _written(forms) == done
