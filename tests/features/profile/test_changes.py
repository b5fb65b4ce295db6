"""What a patient changed about themself stands, old and new, until the practice has accepted it, one by one."""

import pytest

from portal_app import wiring
from portal_app.core.db import Transaction
from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.access.rules import SHARES
from portal_app.features.profile import service
from portal_app.features.profile.changes import note_change
from portal_app.features.profile.errors import ChangedAgain
from portal_app.features.profile.views import EmergencyContact, Pharmacy, ProfileChange
from portal_app.web.policies import CONNECT
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, share
from tests.features.checkin.conftest import Desk, desk
from tests.features.privacy.test_seeing import looking

wiring.load_features("policies")
__all__ = ["desk", "share"]
ANA = EmergencyContact("Ana Alvarez", "Mother", "(718) 555-0142")


async def changes(desk: Desk, by: Someone | None = None) -> list[ProfileChange]:
    async with desk.database.act_as((by or desk.clerk).credential, "profile.see_changes") as tx:
        _patient, found = await service.changes_before(tx, desk.id)
    return list(found)


async def be_called(desk: Desk, *names: str) -> None:
    for name in names:
        async with desk.database.act_as(desk.maria.credential, "profile.change") as tx:
            await service.be_called(tx, name)


async def accept(desk: Desk, one: ProfileChange, by: Someone | None = None) -> None:
    async with desk.database.act_as((by or desk.clerk).credential, "profile.accept_change") as tx:
        await service.accept_change(tx, one.id, one.changed_at)


async def test_what_was_changed_stands_with_what_it_was_until_somebody_accepts_it(desk: Desk, clinic: Clinic) -> None:
    await be_called(desk, "Mari", "Mia")
    strong = await clinic.sign_in_again(desk.maria, assurance=2)
    async with desk.database.act_as(strong.credential, "profile.name_emergency") as tx:
        await service.name_emergency_contact(tx, ANA)
    name, whom = await changes(desk)
    assert (name.kind, name.before, name.after, name.is_by_patient) == ("called", {"said": ""}, {"said": "Mia"}, True)
    wanted = {"name": "Ana Alvarez", "relation": "Mother", "phone": "(718) 555-0142"}
    assert (whom.kind, whom.before, whom.after) == ("emergency", {}, wanted)
    await accept(desk, name)
    assert [one.kind for one in await changes(desk)] == ["emergency"]

    # And from then on what is accepted is what it was
    await be_called(desk, "Maria")
    _whom, again = await changes(desk)
    assert (again.before, again.after) == ({"said": "Mia"}, {"said": "Maria"})


async def test_what_is_as_it_was_leaves_nothing_to_accept(desk: Desk) -> None:
    await be_called(desk, "Mari", "")
    assert await changes(desk) == []


async def test_nobody_accepts_what_they_have_not_seen_or_twice(desk: Desk) -> None:
    await be_called(desk, "Mari")
    [seen] = await changes(desk)
    await be_called(desk, "Mia")
    with pytest.raises(ChangedAgain):
        await accept(desk, seen)
    [now] = await changes(desk)
    await accept(desk, now)
    with pytest.raises(ChangedAgain):
        await accept(desk, now)


async def test_only_who_attends_sees_it_and_no_patient_accepts(desk: Desk, clinic: Clinic) -> None:
    await be_called(desk, "Mari")
    [one] = await changes(desk)
    for someone in (desk.maria, await clinic.staff("billing"), await clinic.patient()):
        with pytest.raises(NotAllowed):
            await changes(desk, someone)
        with pytest.raises(NotAllowed):
            await accept(desk, one, someone)
    elsewhere = await clinic.staff("nurse")
    with pytest.raises(NotFound):
        await changes(desk, elsewhere)
    with pytest.raises(ChangedAgain):
        await accept(desk, one, elsewhere)


async def _everything_changed(desk: Desk, clinic: Clinic) -> None:
    """Change one thing of each kind: two that the chart shows, two of the profile, and how they sign in."""
    await be_called(desk, "Mari")
    strong = await clinic.sign_in_again(desk.maria, assurance=2)
    async with desk.database.act_as(strong.credential, "profile.name_emergency") as tx:
        await service.say_pronouns(tx, "she")
        await service.name_emergency_contact(tx, ANA)
        await service.choose_pharmacy(tx, Pharmacy("Corner pharmacy", "(718) 555-0143", "1 Main Street"))
    async with desk.database.act_as(strong.credential, "profile.change_contact") as tx:
        await note_change(tx, "email", {"said": "old@example.test"}, {"said": "new@example.test"})
        await note_change(tx, "phone", {"said": "+17185550144"}, {"said": "+17185550145"})


@pytest.mark.parametrize("role", ["nurse", "clinician"])
async def test_whoever_treats_the_patient_reads_what_the_chart_shows_and_of_the_rest_that_it_changed(
    desk: Desk, clinic: Clinic, role: str
) -> None:
    await _everything_changed(desk, clinic)
    who = await clinic.staff(role, location_id=desk.place.location_id)
    found = await changes(desk, who)
    assert {one.kind for one in found if one.is_shown} == {"called", "pronouns", "phone"}
    unseen = [one for one in found if not one.is_shown]
    assert {one.kind for one in unseen} == {"email", "emergency", "pharmacy"}
    assert all((one.before, one.after, one.changed_name) == ({}, {}, "") for one in unseen)
    for one in unseen:
        with pytest.raises(ChangedAgain):
            await accept(desk, one, who)
    for one in found[:3]:
        await accept(desk, one, who)
    assert {one.kind for one in await changes(desk, who)} == {"email", "emergency", "pharmacy"}
    async with desk.database.act_as(who.credential, "profile.see_changes") as tx:
        assert await tx.scalar("select count(*) from profile_change where accepted_at is null") == 0


async def test_what_was_changed_is_as_private_as_the_chart(desk: Desk, clinic: Clinic) -> None:
    await desk.change("update patient set confidentiality = 'V' where id = :id", id=desk.maria.patient_id)
    await _everything_changed(desk, clinic)
    for role in ("front_desk", "nurse", "clinician"):
        who = await clinic.staff(role, location_id=desk.place.location_id)
        async with desk.database.act_as(who.credential, CONNECT) as tx:
            assert await tx.scalar("select count(*) from patient where id = :id", {"id": desk.maria.patient_id}) == 0
            assert await _reached(tx, desk) == (0, 0)
    strong = await clinic.sign_in_again(desk.maria, assurance=2)
    async with desk.database.act_as(strong.credential, CONNECT) as tx:
        assert await _reached(tx, desk) == (6, 0)


@pytest.mark.parametrize("said_first", [True, False])
async def test_what_somebody_says_is_as_private_as_their_chart_whenever_that_changes(
    desk: Desk, clinic: Clinic, *, said_first: bool
) -> None:
    level = "update patient set confidentiality = :level where id = :id"
    if said_first:
        await _everything_changed(desk, clinic)
    await desk.change(level, id=desk.maria.patient_id, level="V")
    if not said_first:
        await _everything_changed(desk, clinic)
    strong = await clinic.sign_in_again(desk.maria, assurance=2)
    for role in ("front_desk", "nurse", "clinician"):
        who = await clinic.staff(role, location_id=desk.place.location_id)
        async with desk.database.act_as(who.credential, CONNECT) as tx:
            assert await tx.scalar("select count(*) from patient_profile") == 0
            assert await _reached(tx, desk) == (0, 0)
    async with desk.database.act_as(strong.credential, "profile.view") as tx:
        assert (await service.profile(tx)).emergency_contact.name == ANA.name
    await desk.change(level, id=desk.maria.patient_id, level="N")
    async with desk.database.act_as(desk.clerk.credential, CONNECT) as tx:
        assert await tx.scalar("select count(*) from patient_profile") == 1
        assert await _reached(tx, desk) == (6, 0)


async def test_nobody_writes_what_is_less_private_than_the_chart(desk: Desk, clinic: Clinic) -> None:
    await desk.change("update patient set confidentiality = 'V' where id = :id", id=desk.maria.patient_id)
    strong = await clinic.sign_in_again(desk.maria, assurance=2)
    async with desk.database.act_as(strong.credential, "profile.change") as tx:
        raw = "insert into patient_profile (patient_id, confidentiality) values (:id, 'N') returning confidentiality"
        assert await tx.scalar(raw, {"id": desk.maria.patient_id}) == "V"


async def test_the_front_desk_reads_and_accepts_all_of_it(desk: Desk, clinic: Clinic) -> None:
    await _everything_changed(desk, clinic)
    found = await changes(desk)
    assert len(found) == 6
    assert all(one.is_shown for one in found)
    for one in found:
        await accept(desk, one)
    assert await changes(desk) == []


@pytest.mark.parametrize("role", ["billing", "manager"])
async def test_nobody_else_at_work_reaches_a_row_or_that_there_is_one(desk: Desk, clinic: Clinic, role: str) -> None:
    await _everything_changed(desk, clinic)
    who = await clinic.staff(role, location_id=desk.place.location_id)
    async with desk.database.act_as(who.credential, CONNECT) as tx:
        assert await _reached(tx, desk) == (0, 0)


@pytest.mark.parametrize("assurance", [1, 2])
async def test_a_caregiver_with_every_box_reaches_none(
    desk: Desk, clinic: Clinic, share: Share, assurance: int
) -> None:
    await _everything_changed(desk, clinic)
    ana = await clinic.sign_in_again(await share(desk.maria, *SHARES), assurance=assurance)
    async with desk.database.act_as(ana.credential, CONNECT) as tx:
        assert await _reached(tx, desk) == (0, 0)


@pytest.mark.parametrize("role", ["front_desk", "nurse", "clinician"])
async def test_a_look_at_the_patients_pages_reaches_none(desk: Desk, clinic: Clinic, role: str) -> None:
    await _everything_changed(desk, clinic)
    who = await clinic.staff(role, location_id=desk.place.location_id)
    look = await looking(desk.database, who, desk.maria.patient_id)
    async with desk.database.act_as(look.credential, CONNECT) as tx:
        assert await _reached(tx, desk) == (0, 0)


async def _reached(tx: Transaction, desk: Desk) -> tuple[int, int]:
    """Return how many rows, and how many signs of one, somebody gets of the database itself."""
    rows = await tx.scalar("select count(*) from profile_change")
    signs = await tx.scalar("select count(*) from unseen_profile_changes(:id)", {"id": desk.maria.patient_id})
    return rows, signs
