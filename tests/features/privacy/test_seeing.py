"""Seeing a patient's own pages as the patient does: what is seen, how it ends, and that nothing can be changed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy.exc

from portal_app import wiring
from portal_app.core import audit, clock
from portal_app.core import policy as policies
from portal_app.core.actor import Credential, Role
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.errors import (
    InputRefused,
    LookOver,
    NotAllowed,
    NotFound,
    NotShownToRole,
    NotSignedIn,
    OnlyLooking,
)
from portal_app.features.access import service as access
from portal_app.features.booking import service as booking
from portal_app.features.coverage import service as coverages
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import LookQuery, Side
from portal_app.features.profile import service as profile
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.access.conftest import invited
from tests.features.booking.practice_maker import PracticeMaker, in_days
from tests.features.coverage.conftest import typed

wiring.load_features("policies")
SEE = "privacy.see_as_patient"


async def looking(database: Database, who: Someone, chart: UUID | None, kind: str = "asked") -> Someone:
    """Let a staff member see a chart's pages as its patient does."""
    assert chart is not None
    async with database.act_as(who.credential, SEE) as tx:
        session = await privacy.see_as_patient(tx, chart, kind)
    return replace(who, patient_id=chart, credential=Credential(session.secret, "192.0.2.9"))


async def back(database: Database, who: Someone) -> access.NewSession | None:
    async with database.act_as_visitor("", "privacy.stop_seeing") as tx:
        return await privacy.stop_seeing(tx, who.credential.session_secret)


async def gets_in(database: Database, who: Someone, policy: str = "booking.view") -> None:
    async with database.act_as(who.credential, policy):
        pass


async def test_the_front_desk_sees_the_patients_own_pages_in_the_patients_language(
    database: Database, clinic: Clinic
) -> None:
    maria, tom = await clinic.proven(language="es", called="Mari"), await clinic.staff("front_desk")
    async with database.act_as_system("test") as tx:
        await tx.execute("update person set locale = 'es' where id = :id", {"id": maria.person_id})
    look = await looking(database, tom, maria.patient_id)
    async with database.act_as(look.credential, "profile.view_me") as tx:
        assert (tx.actor.patient_id, tx.actor.roles, tx.actor.locale) == (
            maria.patient_id,
            frozenset({Role.onlooker}),
            "es",
        )
        assert (await profile.called(tx), (await profile.contacts(tx)).email) == ("Mari", maria.email)
        now = await privacy.look_now(tx)
    assert now is not None
    assert (now.name, now.locale) == ("Mari Alvarez", "en")
    assert clock.now() < now.until <= clock.now() + timedelta(minutes=15)


async def test_it_is_in_the_patients_trail_with_its_reason_and_so_is_each_page(
    database: Database, clinic: Clinic
) -> None:
    maria, tom = await clinic.proven(), await clinic.staff("front_desk", name="Tom Ortiz")
    look = await looking(database, tom, maria.patient_id, "present")
    for _ in range(2):
        async with database.act_as(look.credential, "booking.view") as tx:
            await privacy.note_page(tx)
    async with database.act_as(maria.credential, "privacy.who_looked") as tx:
        (day,) = (await privacy.who_looked(tx, LookQuery(), is_repeated=True)).days
    said = [(one.action, one.times, one.person_name, one.roles, one.side) for one in day.lines]
    assert said == [
        (SEE, 2, "Tom Ortiz", ("front_desk",), Side.staff),
        (f"{SEE}_present", 1, "Tom Ortiz", ("front_desk",), Side.staff),
    ]


@pytest.mark.parametrize("role", ["manager", "billing", "caregiver"])
async def test_nobody_may_who_sees_no_charts(database: Database, clinic: Clinic, role: str) -> None:
    someone = await clinic.staff(role)
    with pytest.raises(NotAllowed):
        await gets_in(database, someone, SEE)


async def test_a_reason_is_needed_and_a_chart_of_ones_own_patients(database: Database, clinic: Clinic) -> None:
    maria, tom, nurse = await clinic.proven(), await clinic.staff("front_desk"), await clinic.staff("nurse")
    with pytest.raises(InputRefused):
        await looking(database, tom, maria.patient_id, "curious")
    with pytest.raises(NotFound):
        await looking(database, nurse, maria.patient_id)
    hidden = await clinic.proven("Vera", confidentiality="V")
    with pytest.raises(NotFound):
        await looking(database, tom, hidden.patient_id)


async def test_nobody_sees_their_own_chart_in_this_way(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "insert into person_role (id, person_id, role) values (gen_random_uuid(), :id, 'front_desk')",
            {"id": maria.person_id},
        )
    at_work = await clinic.sign_in_again(replace(maria, patient_id=None))
    with pytest.raises(NotFound):
        await looking(database, at_work, maria.patient_id)


async def test_no_other_chart_is_seen_and_nothing_that_the_role_may_not_see(database: Database, clinic: Clinic) -> None:
    practice = PracticeMaker(database)
    await practice.practice()
    place, maria, leo = await practice.place(), await clinic.proven(), await clinic.proven("Leo")
    day = in_days(3)
    shown = await practice.booked(maria, place.request(place.at(day, "09:00"), reason="my knee"))
    hidden = await practice.booked(maria, place.request(place.at(day, "10:00")))
    other = await practice.booked(leo, place.request(place.at(day, "11:00")))
    async with database.act_as_system("test") as tx:
        await tx.execute("update appointment set confidentiality = 'V' where id = :id", {"id": hidden.id})
    look = await looking(database, await clinic.staff("front_desk"), maria.patient_id)
    async with database.act_as(look.credential, "booking.view") as tx:
        assert [(one.id, one.reason) for one in await booking.my_appointments(tx)] == [(shown.id, "")]
        for one in (hidden, other):
            with pytest.raises(NotFound):
                await booking.appointment(tx, one.id)
        assert await tx.scalar("select count(*) from patient") == 1
        assert not await tx.scalar("select may('view', 'notes', :id, 'N')", {"id": maria.patient_id})


async def test_a_nurse_sees_less_of_a_chart_than_the_front_desk_of_the_profile(
    database: Database, clinic: Clinic
) -> None:
    practice = PracticeMaker(database)
    await practice.practice()
    place, maria = await practice.place(), await clinic.proven()
    await practice.booked(maria, place.request(place.at(in_days(3), "09:00")))
    look = await looking(database, await clinic.staff("nurse", location_id=place.location_id), maria.patient_id)
    await gets_in(database, look)
    with pytest.raises(NotShownToRole):
        await gets_in(database, look, "profile.view")
    async with database.act_as(look.credential, "profile.view_me") as tx:
        with pytest.raises(NotFound):
            await profile.contacts(tx)


AT_THE_DESK = {"booking.view", "profile.view", "coverage.see", "access.see_caregivers"}
CLINICAL = {"booking.view", "intake.see", "vitals.see", "visits.view", "notes.read_own", "notes.see_ended", "chart.see"}
OF_BILLS = {"billing.see_bills", "estimates.see", "payments.see_plan"}
OPENED: dict[tuple[str, ...], set[str]] = {
    ("front_desk",): AT_THE_DESK,
    ("front_desk", "billing"): AT_THE_DESK | OF_BILLS,
    ("nurse",): CLINICAL,
    ("clinician",): CLINICAL,
    ("nurse", "front_desk"): AT_THE_DESK | CLINICAL,
}


@pytest.mark.parametrize("roles", OPENED)
async def test_a_look_opens_what_the_roles_see_of_the_chart_at_work_and_no_more(
    database: Database, clinic: Clinic, roles: tuple[str, ...]
) -> None:
    practice = PracticeMaker(database)
    await practice.practice()
    place, maria = await practice.place(), await clinic.proven()
    await practice.booked(maria, place.request(place.at(in_days(3), "09:00")))
    look = await looking(database, await clinic.staff(*roles, location_id=place.location_id), maria.patient_id)
    opened, shut = set(), set()
    for name in sorted(AT_THE_DESK | CLINICAL | OF_BILLS):
        try:
            await gets_in(database, look, name)
            opened.add(name)
        except NotShownToRole:
            shut.add(name)
    assert opened == OPENED[roles]
    assert opened | shut == AT_THE_DESK | CLINICAL | OF_BILLS


async def test_the_desk_sees_insurance_and_caregivers_of_this_chart_and_no_row_above_its_limit(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    maria, leo, tom = await clinic.proven(), await clinic.proven("Leo"), await clinic.staff("front_desk")
    strong = [await clinic.sign_in_again(one, assurance=2) for one in (maria, leo)]
    for one in strong:
        async with database.act_as(one.credential, "coverage.change") as tx:
            await coverages.add_coverage(tx, typed(), uuid4())
        await invited(database, one, f"eve.{one.person_id}@example.test", "booking_view")
    look = await looking(database, tom, maria.patient_id)
    assert await insurances_and_caregivers(database, look) == (1, 1)
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url)) as connection:
        connection.execute("set portal.maintenance = 'test'")
        connection.execute("update coverage set confidentiality = 'V'")
        connection.execute("update related_person set confidentiality = 'V'")
    assert await insurances_and_caregivers(database, look) == (0, 0)


async def insurances_and_caregivers(database: Database, look: Someone) -> tuple[int, int]:
    async with database.act_as(look.credential, "coverage.see") as tx:
        found = await coverages.my_coverages(tx)
    async with database.act_as(look.credential, "access.see_caregivers") as tx:
        count: int = await tx.scalar("select count(*) from related_person")
        assert len(await access.list_caregivers(tx)) == count
    return len(found), count


def may_look() -> set[str]:
    ours = (one for one in policies.all_policies() if not one.name.startswith("test."))
    return {one.name for one in ours if Role.onlooker in one.roles}


async def test_under_every_policy_a_look_is_refused_or_can_write_nothing(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    look = await looking(database, await clinic.staff("front_desk", "clinician", "manager"), maria.patient_id)
    got_in = set()
    for one in policies.all_policies():
        if one.public or one.demo_only or one.name.startswith("test."):
            continue
        try:
            async with database.act_as(look.credential, one.name) as tx:
                got_in.add(one.name)
                for statement in CHANGES:
                    with pytest.raises(OnlyLooking):
                        async with database.act_as(look.credential, one.name) as inner:
                            await inner.execute(statement, {"id": maria.patient_id})
                assert await tx.scalar("select current_setting('transaction_read_only')") == "on"
        except OnlyLooking:
            continue
    assert got_in <= may_look()
    assert not any(policies.get(name).verb == "act" for name in may_look())


CHANGES = (
    "update patient set called = 'Eve' where id = :id",
    "update person set display_name = 'Eve'",
    "delete from appointment where patient_id = :id",
    "insert into audit_event (action, entity) values ('x', 'y')",
)


async def test_what_a_feature_would_enqueue_is_refused_with_everything_else(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    look = await looking(database, await clinic.staff("front_desk"), maria.patient_id)
    with pytest.raises(OnlyLooking):
        async with database.act_as(look.credential, "booking.view") as tx:
            tx.call_at_commit("note_change(:topic)", {"topic": "x"})


async def test_at_the_end_of_a_look_nothing_but_the_trail_is_written(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    look = await looking(database, await clinic.staff("front_desk"), maria.patient_id)
    act = "update session set zone = 'UTC' where person_id = :id"
    with pytest.raises(OnlyLooking):
        async with database.act_as(look.credential, "booking.view") as tx:
            tx.write_at_commit(act, {"id": look.person_id})
    assert maria.patient_id
    async with database.act_as(look.credential, "booking.view") as tx:
        await audit.record_each(tx, "booking.view_list", [maria.patient_id], entity="Appointment")
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from audit_event where action = 'booking.view_list'") == 1


async def test_it_ends_by_a_tap_once_and_its_cookie_opens_nothing_afterwards(
    database: Database, clinic: Clinic
) -> None:
    maria, tom = await clinic.proven(), await clinic.staff("front_desk")
    look = await looking(database, tom, maria.patient_id)
    session = await back(database, look)
    assert session is not None
    await gets_in(database, replace(tom, credential=Credential(session.secret)), "patients.view")
    for ended in (look, tom):
        with pytest.raises(NotSignedIn):
            await gets_in(database, ended, "web.connect")
    assert await back(database, look) is None
    assert await grants_of_looks(database) == 0


async def grants_of_looks(database: Database) -> int:
    async with database.act_as_system("test") as tx:
        count: int = await tx.scalar(
            "select count(*) from access_grant where basis = 'role' and patient_id is not null"
        )
        return count


def pass_minutes(settings: Settings, minutes: int) -> None:
    """Let every look be as many minutes older."""
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url)) as connection:
        connection.execute("set portal.maintenance = 'test'")
        connection.execute(
            "update support_view set started_at = started_at - %(age)s, until = until - %(age)s",
            {"age": timedelta(minutes=minutes)},
        )


async def test_it_ends_by_time_whatever_the_page_does_and_leads_back_to_work(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    maria, tom = await clinic.proven(), await clinic.staff("front_desk")
    look = await looking(database, tom, maria.patient_id)
    pass_minutes(settings, 15)
    for name in sorted(may_look() - {"privacy.look_over", "web.connect"}):
        with pytest.raises(LookOver):
            await gets_in(database, look, name)
    async with database.act_as(look.credential, "privacy.look_over") as tx:
        assert (tx.actor.patient_id, await privacy.look_now(tx)) == (None, None)
        assert await tx.scalar("select count(*) from patient") == 0
    assert await back(database, look) is not None


async def test_long_after_its_end_nobody_walks_back_into_the_work_it_came_from(
    database: Database, clinic: Clinic, settings: Settings
) -> None:
    look = await looking(database, await clinic.staff("front_desk"), (await clinic.proven()).patient_id)
    pass_minutes(settings, 31)
    assert await back(database, look) is None


async def test_it_ends_with_the_session_at_work_and_with_the_hat(database: Database, clinic: Clinic) -> None:
    maria, tom, ada = await clinic.proven(), await clinic.staff("front_desk"), await clinic.staff("front_desk")
    look, other = [await looking(database, one, maria.patient_id) for one in (tom, ada)]
    async with database.act_as(tom.credential, "access.sign_out") as tx:
        await access.sign_out(tx)
    with pytest.raises(NotSignedIn):
        await gets_in(database, look)
    async with database.act_as_system("test") as tx:
        await tx.execute("delete from person_role where person_id = :id", {"id": ada.person_id})
    with pytest.raises(LookOver):
        await gets_in(database, other)
    assert await back(database, look) is None


async def test_a_second_look_ends_the_first_and_none_begins_inside_another(database: Database, clinic: Clinic) -> None:
    maria, leo, tom = await clinic.proven(), await clinic.proven("Leo"), await clinic.staff("front_desk")
    first = await looking(database, tom, maria.patient_id)
    with pytest.raises(OnlyLooking):
        await looking(database, first, leo.patient_id)
    second = await looking(database, tom, leo.patient_id)
    with pytest.raises(LookOver):
        await gets_in(database, first)
    async with database.act_as(second.credential, "booking.view") as tx:
        assert tx.actor.patient_id == leo.patient_id


async def test_nobody_makes_a_look_of_their_own_session(database: Database, clinic: Clinic) -> None:
    maria, tom = await clinic.proven(), await clinic.staff("front_desk")
    await looking(database, tom, maria.patient_id)
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match="row-level security"):
        async with database.act_as(tom.credential, SEE) as tx:
            await tx.execute(
                "insert into session (id, secret_hash, person_id, assurance, expires_at, support_view_id)"
                " select gen_random_uuid(), 'mine', :id, 1, now() + interval '1 day', id from support_view",
                {"id": tom.person_id},
            )
