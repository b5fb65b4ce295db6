"""By whose clock the page of sign-in and devices says when a browser was used."""

from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx

from portal_app import wiring
from portal_app.core import clock, i18n
from portal_app.core.db import Database
from portal_app.state.base import PortalState
from portal_app.state.devices import Devices
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker

wiring.load_features("policies")
HERE = "America/Los_Angeles"


async def shown(database: Database, someone: Someone, monkeypatch: pytest.MonkeyPatch, browsers: str) -> Any:
    """Return the page as it is filled in a browser whose clock stands in a zone, "" if it does not say."""
    router = SimpleNamespace(headers=SimpleNamespace(cookie=f"sala-zone={browsers}" if browsers else ""))
    monkeypatch.setattr(Devices, "router", router)
    monkeypatch.setattr(PortalState, "_locale", lambda _: "en")
    devices: Any = rx.State(_reflex_internal_init=True).get_substate(  # type: ignore[call-arg]
        Devices.get_full_name().split(".")
    )
    async with database.act_as(someone.credential, "access.keep_passkeys") as tx:
        await devices._show(tx)
    return devices


async def practice_here(database: Database) -> None:
    practice = PracticeMaker(database)
    await practice.practice()
    await practice.place()
    async with database.act_as_system("test") as tx:
        await tx.execute("update location set zone = :zone", {"zone": HERE})


async def test_staff_read_moments_by_the_clock_of_the_practice_which_is_named_where_the_browser_has_another(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await practice_here(database)
    before, nurse = clock.now(), await clinic.staff("nurse")
    devices = await shown(database, nurse, monkeypatch, "Asia/Tokyo")
    (session,) = devices.sessions
    minutes = {i18n.format_moment(one, HERE) for one in (before, clock.now())}
    assert any(f"Signed in on {moment}" in session["detail"] for moment in minutes)
    assert devices.zone_note.startswith("Times are in Pacific ")
    assert "(Los Angeles)" in devices.zone_note


@pytest.mark.parametrize(("browsers", "is_named"), [(HERE, False), ("America/Vancouver", False), ("", True)])
async def test_the_zone_is_not_named_to_whoever_lives_by_that_clock(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, browsers: str, *, is_named: bool
) -> None:
    await practice_here(database)
    devices = await shown(database, await clinic.staff("nurse"), monkeypatch, browsers)
    assert bool(devices.zone_note) is is_named


async def test_patients_read_moments_by_the_clock_of_their_own_chart(
    database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await practice_here(database)
    devices = await shown(database, await clinic.patient(zone="Asia/Tokyo"), monkeypatch, HERE)
    assert "(Tokyo)" in devices.zone_note
