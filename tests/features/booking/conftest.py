"""A practice with hours, for tests of finding and booking."""

import pytest

from portal_app.core.db import Database
from tests.features.booking.practice_maker import PracticeMaker


@pytest.fixture
async def practice(database: Database) -> PracticeMaker:
    maker = PracticeMaker(database)
    await maker.practice()
    return maker
