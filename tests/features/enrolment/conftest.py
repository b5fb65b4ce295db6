import pytest

from portal_app.core.db import Database
from tests.factories import Clinic
from tests.features.enrolment.world import World, open_world


@pytest.fixture
async def world(database: Database, clinic: Clinic) -> World:
    return await open_world(database, clinic)
