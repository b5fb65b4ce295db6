"""What stands in the staff's menu, for whom."""

import pytest
import reflex as rx

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.state.frame import STAFF_PLACES, Frame
from portal_app.web.registry import all_pages
from tests.factories import Clinic

wiring.load_features("policies")
PLACES = {page.route for page in all_pages()} & set(STAFF_PLACES)


@pytest.mark.parametrize(
    ("role", "closed_to_them"),
    [("manager", {"/staff/schedule"}), ("billing", {"/staff/schedule", "/staff/settings"}), ("nurse", set())],
)
async def test_a_place_without_a_screen_or_for_others_is_closed(
    database: Database, clinic: Clinic, role: str, closed_to_them: set[str]
) -> None:
    someone = await clinic.staff(role)
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    frame = root.get_substate(Frame.get_full_name().split("."))
    async with database.act_as(someone.credential, "access.who_am_i") as tx:
        await frame._fill(tx)  # type: ignore[attr-defined]
    assert set(frame.closed) >= (set(STAFF_PLACES) - PLACES) | (closed_to_them & PLACES)  # type: ignore[attr-defined]
    assert "/staff/inbox" not in frame.closed  # type: ignore[attr-defined]
    assert frame.is_staff  # type: ignore[attr-defined]
