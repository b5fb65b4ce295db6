"""Opening a chart in an emergency: who may, for how long, in whose sight, and whatever else is tried."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database, libpq_conninfo, secret_hash
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, StepUpNeeded
from portal_app.features.patients import service as patients
from portal_app.features.privacy import jobs
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import LookQuery, Opening, OpeningView
from portal_app.settings import Settings
from tests.conftest import Server
from tests.factories import Clinic, Someone

wiring.load_features("policies")
OPEN = "privacy.open_in_emergency"
REASON = "Found unconscious in the waiting room"


async def strong(database: Database, someone: Someone) -> Someone:
    """Sign somebody in with more than a code."""
    secret = uuid4().hex
    async with database.act_as_system("test") as tx:
        await tx.execute("select set_config('portal.person_id', :id, true)", {"id": str(someone.person_id)})
        await tx.execute(
            "insert into session (id, secret_hash, person_id, patient_id, assurance, expires_at)"
            " values (gen_random_uuid(), :hash, :person_id, :chart, 2, :until)",
            {"hash": secret_hash(secret), "person_id": someone.person_id, "chart": someone.patient_id,
             "until": clock.now() + timedelta(hours=1)},
        )  # fmt: skip
    return Someone(someone.person_id, someone.patient_id, Credential(secret), someone.email)


@pytest.fixture
async def nurse(database: Database, clinic: Clinic) -> Someone:
    return await strong(database, await clinic.staff("nurse", location_id=uuid4(), name="Ruth Baker"))


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.proven()


def wish(someone: Someone, **more: object) -> Opening:
    given = {"kind": "emergency", "reason": REASON, "key": uuid4()} | more
    assert someone.patient_id
    return Opening(patient_id=someone.patient_id, **given)  # type: ignore[arg-type]


async def opened(database: Database, who: Someone, wished: Opening) -> OpeningView:
    async with database.act_as(who.credential, OPEN) as tx:
        return await privacy.open_in_emergency(tx, wished)


async def sees(database: Database, who: Someone, chart: UUID | None, policy: str = "patients.view") -> bool:
    async with database.act_as(who.credential, policy) as tx:
        return bool(await tx.scalar("select exists (select from patient where id = :id)", {"id": chart}))


async def test_a_chart_outside_is_found_by_name_alone_and_opens_with_a_reason(
    database: Database, nurse: Someone, maria: Someone
) -> None:
    assert not await sees(database, nurse, maria.patient_id)
    async with database.act_as(nurse.credential, OPEN) as tx:
        (found,) = await privacy.find_outside(tx, "alvarez mar")
    assert (found.id, found.given_name) == (maria.patient_id, "Maria")
    view = await opened(database, nurse, wish(maria))
    assert view.valid_until - view.opened_at == timedelta(hours=4)
    async with database.act_as(nurse.credential, "patients.view") as tx:
        assert maria.patient_id
        assert (await patients.patient(tx, maria.patient_id)).family_name == "Alvarez"


async def test_it_opens_that_chart_alone_and_for_that_person_alone(
    database: Database, clinic: Clinic, nurse: Someone, maria: Someone
) -> None:
    omar = await clinic.proven("Omar", "Haddad")
    colleague = await strong(database, await clinic.staff("nurse", location_id=uuid4()))
    await opened(database, nurse, wish(maria))
    assert not await sees(database, nurse, omar.patient_id)
    assert not await sees(database, colleague, maria.patient_id)


async def test_the_patient_reads_that_it_was_an_emergency(database: Database, nurse: Someone, maria: Someone) -> None:
    await opened(database, nurse, wish(maria))
    async with database.act_as(nurse.credential, "patients.view") as tx:
        assert maria.patient_id
        await patients.patient(tx, maria.patient_id)
    async with database.act_as(maria.credential, "privacy.who_looked") as tx:
        (day,) = (await privacy.who_looked(tx, LookQuery(), is_repeated=True)).days
    assert [(line.action, line.emergency) for line in day.lines] == [
        ("patients.view", "emergency"), ("privacy.open_in_emergency", "emergency"),
    ]  # fmt: skip


async def test_managers_have_a_task_and_a_mail_that_name_neither_patient_nor_reason(
    database: Database, clinic: Clinic, nurse: Someone, maria: Someone
) -> None:
    manager = await clinic.staff("manager", name="Grace Lin")
    view = await opened(database, nurse, wish(maria))
    async with database.act_as_system("privacy.tell_managers") as tx:
        assert await tx.scalar("select count(*) from procrastinate_jobs where task_name = 'privacy.tell_managers'") == 1
        for _ in range(2):
            await jobs.write_to_managers(tx, view.id)
        (mail,) = await tx.all("select person_id, template, patient_id from outbox_message")
        (task,) = await tx.all("select code, focus_id, patient_id, note from task")
    assert tuple(mail) == (manager.person_id, "privacy_opened", None)
    assert tuple(task) == ("emergency_access", view.id, None, None)
    async with database.act_as(manager.credential, "privacy.review") as tx:
        (one,) = await privacy.openings(tx)
        assert (one.patient_name, one.person_name, one.reason) == ("Maria Alvarez", "Ruth Baker", REASON)
        await privacy.review_opening(tx, one.id)
        (one,) = await privacy.openings(tx, is_repeated=True)
        assert one.reviewed_at
        assert await tx.scalar("select status from task") == "completed"


async def test_two_taps_open_once(database: Database, nurse: Someone, maria: Someone) -> None:
    once = wish(maria)
    first, second = await opened(database, nurse, once), await opened(database, nurse, once)
    assert first.id == second.id
    with pytest.raises(privacy.OpenAlready):
        await opened(database, nurse, wish(maria))


@pytest.mark.parametrize(
    ("given", "field"),
    [({"kind": "curious"}, "kind"), ({"kind": ""}, "kind"), ({"reason": "  he  asked  "}, "reason"),
     ({"reason": "a" * 501}, "reason")],
)  # fmt: skip
async def test_without_a_reason_nothing_opens(
    database: Database, nurse: Someone, maria: Someone, given: dict[str, str], field: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        await opened(database, nurse, wish(maria, **given))
    assert refused.value.field == field
    assert not await sees(database, nurse, maria.patient_id)


async def test_a_code_alone_does_not_open(database: Database, clinic: Clinic, maria: Someone) -> None:
    nurse = await weak(database, await clinic.staff("nurse", location_id=uuid4()))
    with pytest.raises((StepUpNeeded, NotAllowed)):
        await opened(database, nurse, wish(maria))


async def test_who_proved_themself_long_ago_is_asked_once_more(
    database: Database, nurse: Someone, maria: Someone
) -> None:
    with clock.frozen_at(clock.now() + timedelta(minutes=30)), pytest.raises(StepUpNeeded):
        await opened(database, nurse, wish(maria))
    assert not await sees(database, nurse, maria.patient_id)


async def weak(database: Database, someone: Someone) -> Someone:
    """Sign somebody in with a code alone."""
    secret = uuid4().hex
    async with database.act_as_system("test") as tx:
        await tx.execute("select set_config('portal.person_id', :id, true)", {"id": str(someone.person_id)})
        await tx.execute(
            "insert into session (id, secret_hash, person_id, assurance, expires_at)"
            " values (gen_random_uuid(), :hash, :person_id, 1, :until)",
            {"hash": secret_hash(secret), "person_id": someone.person_id, "until": clock.now() + timedelta(hours=1)},
        )
    return Someone(someone.person_id, None, Credential(secret), someone.email)


async def test_what_was_opened_strongly_stays_closed_to_a_session_by_code_alone(
    database: Database, nurse: Someone, maria: Someone
) -> None:
    await opened(database, nurse, wish(maria))
    by_code = await weak(database, nurse)
    async with database.act_as(by_code.credential, "access.sign_out") as tx:
        assert not await tx.scalar("select exists (select from patient where id = :id)", {"id": maria.patient_id})


@pytest.mark.parametrize("role", ["front_desk", "billing", "manager", "caregiver", "patient"])
async def test_nobody_else_may_neither_by_the_use_case_nor_by_the_table(
    database: Database, clinic: Clinic, maria: Someone, role: str
) -> None:
    someone = await strong(database, await (clinic.proven("Omar") if role == "patient" else clinic.staff(role)))
    with pytest.raises(NotAllowed):
        await opened(database, someone, wish(maria))
    if role == "caregiver":
        return
    async with database.act_as(someone.credential, "access.sign_out") as tx:
        assert await tx.all("select * from find_outside('alvarez', '{}', 10)") == []
        assert not await tx.scalar("select is_found_outside(:id)", {"id": maria.patient_id})
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(someone.credential, "access.sign_out") as tx:
            await raw(tx, someone, maria)


async def raw(tx: object, someone: Someone, patient: Someone, hours: int = 1) -> None:
    await tx.execute(  # type: ignore[attr-defined]
        "insert into emergency_access (id, person_id, person_name, patient_id, kind, reason, opened_at, valid_until)"
        " values (gen_random_uuid(), :person_id, 'x', :chart, 'other', 'x', now(), now() + make_interval(hours => :h))",
        {"person_id": someone.person_id, "chart": patient.patient_id, "h": hours},
    )


async def test_nobody_opens_in_another_s_name_or_for_longer(
    database: Database, clinic: Clinic, nurse: Someone, maria: Someone
) -> None:
    colleague = await clinic.staff("nurse")
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(nurse.credential, OPEN) as tx:
            await raw(tx, colleague, maria)
    with pytest.raises(Exception, match="emergency_access_brief"):
        async with database.act_as(nurse.credential, OPEN) as tx:
            await raw(tx, nurse, maria, hours=5)
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(nurse.credential, OPEN) as tx:
            await tx.execute(
                "insert into access_grant (grantee, patient_id, sections, verbs, basis)"
                " values (:id, :chart, '{booking}', '{view}', 'emergency')",
                {"id": nurse.person_id, "chart": maria.patient_id},
            )


@pytest.fixture
def superuser(server: Server, settings: Settings) -> Iterator[psycopg.Connection]:
    name = make_url(settings.database_url or "").database or ""
    with psycopg.connect(libpq_conninfo(server.url(server.superuser, name)), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


async def test_it_ends_with_its_time(
    database: Database, superuser: psycopg.Connection, nurse: Someone, maria: Someone
) -> None:
    await opened(database, nurse, wish(maria))
    assert await sees(database, nurse, maria.patient_id)
    superuser.execute("update access_grant set valid_until = now() where basis = 'emergency'")
    assert not await sees(database, nurse, maria.patient_id)


@pytest.mark.parametrize("by", ["opener", "manager"])
async def test_it_ends_by_hand_and_can_be_opened_anew(
    database: Database, clinic: Clinic, nurse: Someone, maria: Someone, by: str
) -> None:
    view = await opened(database, nurse, wish(maria))
    who, policy = (nurse, OPEN) if by == "opener" else (await clinic.staff("manager"), "privacy.review")
    async with database.act_as(who.credential, policy) as tx:
        await privacy.end_opening(tx, view.id)
    assert not await sees(database, nurse, maria.patient_id)
    await opened(database, nurse, wish(maria))
    assert await sees(database, nurse, maria.patient_id)


async def test_a_colleague_neither_ends_nor_reviews_nor_sees_it(
    database: Database, clinic: Clinic, nurse: Someone, maria: Someone
) -> None:
    view = await opened(database, nurse, wish(maria))
    colleague = await strong(database, await clinic.staff("clinician"))
    async with database.act_as(colleague.credential, OPEN) as tx:
        assert await tx.scalar("select count(*) from emergency_access") == 0
        with pytest.raises(NotFound):
            await privacy.end_opening(tx, view.id)
    with pytest.raises(NotAllowed):
        async with database.act_as(nurse.credential, "privacy.review"):
            pass
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.act_as(nurse.credential, OPEN) as tx:
            await tx.execute("update emergency_access set reviewed_at = now()")


async def test_a_nurse_who_acts_for_a_chart_of_their_own_has_left_it_behind(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    ruth = await clinic.proven("Ruth", "Baker")
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "insert into person_role (id, person_id, role) values (gen_random_uuid(), :id, 'nurse')",
            {"id": ruth.person_id},
        )
    at_work = await strong(database, Someone(ruth.person_id, None, ruth.credential, ruth.email))
    await opened(database, at_work, wish(maria))
    assert await sees(database, at_work, maria.patient_id)
    as_patient = await strong(database, ruth)
    assert not await sees(database, as_patient, maria.patient_id, "privacy.who_looked")


async def test_a_very_restricted_chart_is_not_found_and_does_not_open(
    database: Database, clinic: Clinic, nurse: Someone
) -> None:
    hidden = await clinic.proven("Vera", "Quist", confidentiality="V")
    async with database.act_as(nurse.credential, OPEN) as tx:
        assert await privacy.find_outside(tx, "quist vera") == []
    with pytest.raises(NotFound):
        await opened(database, nurse, wish(hidden))
