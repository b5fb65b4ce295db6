"""Somebody who measures at home, and the browser on which readings are sent."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.api import carried_readings, import_readings, passkeys
from portal_app.core import db, limits
from portal_app.core.db import Database
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.factories import Someone
from tests.features.vitals.conftest import home

__all__ = ["browser", "headers", "home"]


@pytest.fixture
async def browser(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(passkeys, "get_settings", lambda: settings)
    limits.forget_all()
    db.use(database)
    transport = httpx.ASGITransport(Starlette(routes=[*carried_readings.routes, *import_readings.routes]))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


def headers(someone: Someone) -> dict[str, str]:
    return {"cookie": f"{cookies.cookie_name()}={someone.credential.session_secret}"}
