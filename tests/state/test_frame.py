"""What stands in the staff's menu, for whom."""

from typing import Any

import pytest
import reflex as rx

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.state.base import PortalState
from portal_app.state.frame import STAFF_PLACES, Frame
from portal_app.web.registry import all_pages
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.privacy.test_seeing import looking

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


async def filled(database: Database, someone: Someone, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(PortalState, "_locale", lambda _: "en")
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    frame: Any = root.get_substate(Frame.get_full_name().split("."))
    async with database.act_as(someone.credential, "booking.view") as tx:
        await frame._fill(tx)
    return frame


@pytest.mark.parametrize(("shared", "says"), [("booking_view", True), ("booking_act", False)])
async def test_a_caregiver_who_may_only_view_reads_who_can_change_it(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, shared: str, *, says: bool
) -> None:
    maria, ana = await clinic.patient(), await clinic.patient("Ana", "Moreno")
    await accept(database, ana, await invited(database, maria, ana.email, shared))
    frame = await filled(database, await acting_for(database, ana, maria), monkeypatch)
    said = "You may see this. Only Maria Alvarez, or somebody they let act, can change it."
    assert frame.only_view == (said if says else "")


async def test_support_reads_that_a_page_is_only_looked_at(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    frame = await filled(database, await looking(database, desk, maria.patient_id), monkeypatch)
    assert (frame.is_looked_at, frame.only_view != "", frame.is_staff) == (True, True, False)


async def test_a_patient_reads_nothing_of_the_kind(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = await filled(database, await clinic.patient(), monkeypatch)
    assert (frame.is_looked_at, frame.only_view) == (False, "")
