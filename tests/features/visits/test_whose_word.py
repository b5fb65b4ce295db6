"""What the database refuses about a visit: nobody lets in, begins, ends, or speaks for others by a bare statement."""

from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.features.visits import service as visits
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, share
from tests.features.visits.conftest import Visit

__all__ = ["share"]

pytestmark = pytest.mark.usefixtures("mother", "in_time")


@pytest.fixture
async def mother(visit: Visit, share: Share) -> Someone:
    """Act for Maria, who shared her visits; the clock is held after that."""
    return await share(visit.maria, "booking_act", "visits_act")


async def refused(database: Database, credential: Credential, statement: str, **params: object) -> None:
    """Have a statement fail for want of a right, in a transaction of somebody's."""
    with pytest.raises(DBAPIError) as caught:
        async with database.act_as(credential, "visits.room") as tx:
            await tx.execute(statement, params)
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege), caught.value.orig


@pytest.mark.parametrize("changed", [
    "admitted_at = now()", "name = 'Dr. Ada Okafor'", "secret_hash = 'x'", "secret_expires_at = now()",
    "link_expires_at = now()", "redeemed_at = now()", "agreed_by_patient_at = now()", "language = 'es'",
    "outside_since = now()", "state = 'in'",
])  # fmt: skip
async def test_of_ones_own_place_only_what_joining_and_leaving_change_can_change(
    database: Database, visit: Visit, changed: str
) -> None:
    place = await visit.join()
    await refused(database, visit.maria.credential,
                  f"update visit_participant set {changed} where id = :id", id=place.participant_id)  # fmt: skip


async def test_whoever_leaves_the_waiting_room_comes_back_to_it_however_they_write_it(
    database: Database, visit: Visit
) -> None:
    place = await visit.join()
    async with database.act_as(visit.maria.credential, "visits.room") as tx:
        await visits.leave(tx, place.visit_id)
    await refused(database, visit.maria.credential,
                  "update visit_participant set admitted_at = now(), state = 'admitted' where id = :id",
                  id=place.participant_id)  # fmt: skip
    assert (await visit.join()).state == "waiting"


_ADD = """
insert into visit_participant (id, visit_id, patient_id, confidentiality, person_id, role, name, state, admitted_at,
  link_hash, link_expires_at, invited_by)
select gen_random_uuid(), v.id, v.patient_id, v.confidentiality, :who, :role, :name, 'waiting', :admitted_at,
  cast(:link as text), case when cast(:link as text) is not null then now() + interval '1 hour' end, :who
from visit v
"""


@pytest.mark.parametrize("said", [
    {"role": "patient"}, {"role": "clinician"}, {"name": "Maria Alvarez"}, {"who": "doctor"}, {"who": "maria"},
    {"who": None, "role": "family", "link": "made up"}, {"admitted_at": True},
])  # fmt: skip
async def test_whoever_joins_writes_down_themself_under_their_own_name_and_waits(
    database: Database, visit: Visit, mother: Someone, said: dict[str, object], in_time: datetime
) -> None:
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.open_room(tx, visit.appointment_id)
    people = {"mother": mother.person_id, "doctor": visit.doctor.person_id, "maria": visit.maria.person_id, None: None}
    values: dict[str, object] = {"role": "caregiver", "name": "Ana Moreno", "link": None, "admitted_at": None,
                                 "who": "mother"} | said  # fmt: skip
    values["admitted_at"] = in_time if values["admitted_at"] else None
    who = values["who"]
    assert who is None or isinstance(who, str)
    await refused(database, mother.credential, _ADD, **values | {"who": people[who]})


@pytest.mark.parametrize("changed", [
    "state = 'left'", "state = 'removed'", "admitted_at = null", "name = 'Nobody'", "connection_id = gen_random_uuid()",
])  # fmt: skip
async def test_nobody_changes_the_place_of_another_person(
    database: Database, visit: Visit, mother: Someone, changed: str
) -> None:
    place = await visit.admitted()
    await visit.join(mother)
    for other in ("id = :id", "role = 'clinician'"):
        await refused(database, mother.credential,
                      f"update visit_participant set {changed} where {other}", id=place.participant_id)  # fmt: skip


@pytest.mark.parametrize("changed", [
    "state = 'waiting'", "name = 'Dr. Who'", "secret_hash = 'mine', secret_expires_at = now() + interval '1 day'",
    "link_expires_at = link_expires_at + interval '1 day'", "redeemed_at = now()", "admitted_at = now()",
    "agreed_by_patient_at = now(), agreed_by = invited_by", "agreed_by_patient_at = now()",
])  # fmt: skip
async def test_of_a_guest_the_patient_side_says_yes_or_no_in_its_own_name_and_nothing_else(
    database: Database, visit: Visit, changed: str
) -> None:
    place = await visit.admitted()
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        link = await visits.invite(tx, place.visit_id, "interpreter", "Rosa Diaz")
    await refused(database, visit.maria.credential,
                  f"update visit_participant set {changed} where id = :id", id=link.participant_id)  # fmt: skip


@pytest.mark.parametrize("changed", [
    "agreed_by = id", "link_expires_at = now() + interval '9 days'", "redeemed_at = null", "language = 'es'",
    "name = 'Dr. Ada Okafor'", "admitted_at = now()",
])  # fmt: skip
async def test_a_guest_changes_nothing_of_how_they_came(database: Database, visit: Visit, changed: str) -> None:
    place = await visit.admitted()
    _guest_id, guest = await visit.guest(place.visit_id)
    await refused(database, guest, f"update visit_participant set {changed} where id = actor_guest()")


@pytest.mark.parametrize("changed", [
    "status = 'in_progress', started_at = now()", "status = 'finished', ended_at = now()", "status = 'cancelled'",
    "started_at = now()", "ended_by = actor_person()", "host_id = actor_person()", "modality = 'phone'",
    "is_locked = true", "is_alone = true", "is_through_hub = true", "called_back_at = now()",
    "consented_at = now(), consented_by = host_id", "wants_call_at = now(), wants_call_by = host_id",
])  # fmt: skip
async def test_the_patient_side_neither_begins_nor_ends_a_visit_nor_gives_it_to_anybody(
    database: Database, visit: Visit, changed: str
) -> None:
    place = await visit.join()
    await refused(database, visit.maria.credential, f"update visit set {changed} where id = :id", id=place.visit_id)


async def test_a_visit_that_goes_on_is_not_put_back_by_the_patient_side(database: Database, visit: Visit) -> None:
    place = await visit.admitted()
    for status in ("planned", "waiting"):
        await refused(database, visit.maria.credential,
                      "update visit set status = :status where id = :id", id=place.visit_id, status=status)  # fmt: skip


_OPEN = """
insert into visit (id, appointment_id, patient_id, confidentiality, practitioner_id, host_id, modality, status,
  opened_at, started_at)
select gen_random_uuid(), :appointment_id, :patient_id, 'N', :practitioner_id, :host_id, 'video', :status, now(),
  case when :status = 'in_progress' then now() end
"""


@pytest.mark.parametrize(("status", "is_own_host"), [("in_progress", False), ("waiting", False), ("planned", True)])
async def test_the_patient_side_opens_a_visit_as_it_was_booked(
    database: Database, visit: Visit, status: str, is_own_host: bool
) -> None:
    host = visit.maria if is_own_host else visit.doctor
    await refused(database, visit.maria.credential, _OPEN, appointment_id=visit.appointment_id, status=status,
                  patient_id=visit.maria.patient_id, practitioner_id=visit.place.practitioner_id,
                  host_id=host.person_id)  # fmt: skip


async def test_nobody_opens_the_visit_of_an_appointment_in_another_chart(
    database: Database, clinic: Clinic, visit: Visit
) -> None:
    sam = await clinic.patient("Sam")
    await refused(database, sam.credential, _OPEN, appointment_id=visit.appointment_id, status="planned",
                  patient_id=sam.patient_id, practitioner_id=visit.place.practitioner_id,
                  host_id=visit.doctor.person_id)  # fmt: skip
    assert (await visit.join()).state == "waiting"


async def test_a_guest_who_left_waits_again_however_they_write_it(database: Database, visit: Visit) -> None:
    place = await visit.admitted()
    guest_id, guest = await visit.guest(place.visit_id)
    async with database.act_as(visit.maria.credential, "visits.agree") as tx:
        await visits.agree(tx, place.visit_id, guest_id, is_welcome=True)
    await visit.admit(place.visit_id, guest_id)
    async with database.act_as(guest, "visits.room") as tx:
        await visits.leave(tx, place.visit_id)
    for state in ("in", "admitted"):
        await refused(database, guest, f"update visit_participant set state = '{state}' where id = actor_guest()")


async def test_what_one_agreed_to_is_not_dated_by_another(database: Database, visit: Visit, mother: Someone) -> None:
    place = await visit.join()
    async with database.act_as(visit.maria.credential, "visits.room") as tx:
        await tx.execute("update visit set consented_at = now(), consented_by = actor_person(), wants_call_at = now(),"
                         " wants_call_by = actor_person() where id = :id", {"id": place.visit_id})  # fmt: skip
    for changed in ("consented_at = null", "consented_at = now() - interval '1 day'", "wants_call_at = 'infinity'"):
        await refused(database, mother.credential, f"update visit set {changed} where id = :id", id=place.visit_id)


@pytest.mark.parametrize("state", ["invited", "waiting"])
async def test_a_no_to_somebody_whose_link_has_run_out_is_a_no(
    database: Database, visit: Visit, in_time: datetime, state: str
) -> None:
    place = await visit.admitted()
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        link = await visits.invite(tx, place.visit_id, "interpreter", "Rosa Diaz")
    if state == "waiting":
        async with database.act_as_system("visits.redeem") as tx:
            await visits.redeem(tx, link.secret)
    with clock.frozen_at(in_time + timedelta(hours=25)):
        async with database.act_as(visit.maria.credential, "visits.agree") as tx:
            await visits.agree(tx, place.visit_id, link.participant_id, is_welcome=False)
    async with database.act_as_system("test") as tx:
        assert (
            await tx.scalar("select state from visit_participant where id = :id", {"id": link.participant_id})
            == "removed"
        )


async def test_nobody_is_asked_about_a_link_that_has_run_out_or_once_the_visit_is_over(
    database: Database, visit: Visit, in_time: datetime
) -> None:
    async def asked() -> int:
        async with database.act_as(visit.maria.credential, "visits.view") as tx:
            return len((await visits.my_visit(tx, visit.appointment_id, is_repeated=True)).guests)

    place = await visit.admitted()
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.invite(tx, place.visit_id, "interpreter", "Rosa Diaz")
    assert await asked() == 1
    with clock.frozen_at(in_time + timedelta(hours=25)):
        assert await asked() == 0
    async with database.act_as_system("test") as tx:
        await tx.execute("update visit set status = 'finished', ended_at = now()")
    assert await asked() == 0
