"""What was looked at before it is saved can be saved once more while the records are away: nothing chosen is lost."""

from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, RouterData

from portal_app.core import db
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import DatabaseAway
from portal_app.state.base import PortalState
from portal_app.state.closed_days import ClosedDays
from portal_app.state.line import Line
from portal_app.state.place_rooms import PlaceRooms
from portal_app.state.schedules import Schedules
from portal_app.state.visit_limits import Limits

CHANGE = object()
KEPT: dict[type[rx.State], tuple[str, Any]] = {
    ClosedDays: ("_wish", ["close", "2027-03-01", "Painting"]),
    PlaceRooms: ("_change", CHANGE),
    Schedules: ("_change", CHANGE),
    Limits: ("_change", CHANGE),
}


@pytest.fixture(autouse=True)
async def away(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """Have these pages look for their database where none is."""
    monkeypatch.setattr(PortalState, "_credential", lambda _: Credential("nobody"))
    nowhere = Database(f"postgresql+psycopg://portal_app@/portal?host={tmp_path}", pool=1)
    monkeypatch.setattr(db, "_opened", nowhere)
    yield
    await nowhere.close()


def _page(kind: type[rx.State]) -> Any:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    origin = "http://localhost:4100"
    root.router = RouterData(headers=HeaderData(origin=origin, host="localhost:4100"), url=ReflexURL(f"{origin}/staff"))
    return root.get_substate(kind.get_full_name().split("."))


@pytest.mark.parametrize("kind", list(KEPT))
async def test_a_change_that_was_looked_at_waits_to_be_saved(kind: Any) -> None:
    page, (name, wanted) = _page(kind), KEPT[kind]
    setattr(page, name, wanted)
    with pytest.raises(DatabaseAway):
        await kind.on_save.fn(page)
    assert getattr(page, name) == wanted


async def test_the_reason_why_somebody_is_taken_off_the_line_stays_open() -> None:
    page = _page(Line)
    page.taking_off, page.whys = "7c9e6679-7425-40de-944b-e07fc1f90ae7", [{"value": "asked", "label": "They asked"}]
    with pytest.raises(DatabaseAway):
        await Line.on_take_off.fn(page, {"why": "asked"})
    assert page.taking_off
