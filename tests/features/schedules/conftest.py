"""A practice with hours, for tests of what changes them."""

import pytest

from portal_app.core.db import Database
from tests.features.schedules.roster import Roster


@pytest.fixture
async def practice(database: Database) -> Roster:
    roster = Roster(database)
    await roster.practice()
    return roster
