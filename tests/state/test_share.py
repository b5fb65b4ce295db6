"""The form that shares a chart: it asks for what sharing takes before a word is typed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData

from portal_app import wiring
from portal_app.core import db
from portal_app.core.db import Database
from portal_app.core.errors import StepUpNeeded
from portal_app.state.base import PortalState
from portal_app.state.share import Share
from tests.factories import Clinic, Someone

wiring.load_features("policies")


@pytest_asyncio.fixture
async def opened(database: Database) -> AsyncIterator[Database]:
    db.use(database)
    yield database
    db.use(None)


def form_of(someone: Someone, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(PortalState, "_credential", lambda _: someone.credential)
    monkeypatch.setattr(PortalState, "_locale", lambda _: "en")
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    url = "http://localhost:4100/profile/caregivers/invite"
    headers = HeaderData(origin="http://localhost:4100", host="localhost:4100")
    root.router = RouterData(headers=headers, url=ReflexURL(url))
    return root.get_substate(Share.get_full_name().split("."))


async def test_after_a_code_alone_the_page_asks_for_more_before_anything_is_typed(
    opened: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = await clinic.patient()
    form = form_of(maria, monkeypatch)
    with pytest.raises(StepUpNeeded):
        await Share.on_load.fn(form)
    assert not form.is_ready
    form = form_of(await clinic.sign_in_again(maria, assurance=2), monkeypatch)
    await Share.on_load.fn(form)
    assert form.is_ready
