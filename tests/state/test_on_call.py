"""Whom a manager may put on call, as the roster's form offers them."""

from uuid import uuid4

import pytest
from sqlalchemy import insert

from portal_app.core import db
from portal_app.core.db import Database
from portal_app.features.practice.tables import Location, Practitioner
from portal_app.state.base import PortalState
from portal_app.state.on_call import OnCall
from tests.factories import Clinic, Someone
from tests.features.reconciling.test_currencies import opened


@pytest.fixture
async def rita(clinic: Clinic) -> Someone:
    return await clinic.staff("manager", name="Rita Sole")


@pytest.fixture(autouse=True)
def at_the_desk(database: Database, rita: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PortalState, "_credential", lambda _: rita.credential)
    monkeypatch.setattr(db, "_opened", database)


async def _place(database: Database, name: str) -> Location:
    place = Location(id=uuid4(), name=name, address="1 Main Street", zone="UTC", phone="+17185550100")
    async with database.act_as_system("test") as tx:
        values = {part: getattr(place, part) for part in ("id", "name", "address", "zone", "phone")}
        await tx.execute(insert(Location).values(**values))
    return place


async def test_people_of_one_name_are_told_apart_by_what_they_do_and_where(database: Database, clinic: Clinic) -> None:
    # Given two who differ by their place, one by what they are, and two by nothing but their address
    for name in ("Eastside", "Harbour"):
        await clinic.staff("nurse", name="Ana Ruiz", location_id=(await _place(database, name)).id)
    doctor = await clinic.staff("clinician", name="Ana Ruiz")
    async with database.act_as_system("test") as tx:
        named = {"name": "Ana Ruiz", "title": "MD", "initials": "AR", "languages": ["en"]}
        specialty = {"specialty": {"en": "Heart"}, "person_id": doctor.person_id}
        await tx.execute(insert(Practitioner).values(id=uuid4(), **named, **specialty))
    alike = [(await clinic.staff("nurse", name="Ana Ruiz")).email for _ in range(2)]

    page = await opened(OnCall, "/staff/settings/on-call")

    said = sorted(one["detail"] for one in page.people if one["label"] == "Ana Ruiz")
    wanted = ["Clinician · Heart", "Nurse · Eastside", "Nurse · Harbour", *(f"Nurse · {one}" for one in alike)]
    assert said == sorted(wanted)


async def test_who_is_unlike_all_others_is_offered_without_an_address(clinic: Clinic) -> None:
    noor = await clinic.staff("nurse", name="Noor Haddad")
    page = await opened(OnCall, "/staff/settings/on-call")
    assert {"value": str(noor.person_id), "label": "Noor Haddad", "detail": "Nurse"} in page.people
