"""Sharing a chart: what an invitation is, who may answer it, and what ends it."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy.exc

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import (
    AccessEnded,
    InputRefused,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OutOfScope,
    StepUpNeeded,
)
from portal_app.features.access import acting, caregivers, rules
from portal_app.features.access.errors import CaregiverAlready, InvitationOver
from portal_app.features.access.views import CaregiverView
from tests.factories import Clinic, Someone
from tests.features.access.conftest import Share, accept, acting_for, form, invited

wiring.load_features("policies")


async def listed(database: Database, patient: Someone) -> list[CaregiverView]:
    async with database.act_as(patient.credential, "access.share_chart") as tx:
        return list(await caregivers.list_caregivers(tx))


async def open_page(database: Database, who: Someone, policy: str) -> None:
    async with database.act_as(who.credential, policy):
        pass


async def test_somebody_new_proves_the_address_sees_nothing_before_accepting_and_then_what_was_shared(
    database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    key = await invited(database, maria, "new@example.test", "booking_view")
    async with database.act_as_system("test") as tx:
        person_id = await tx.scalar("select person_id from related_person")
    ana = await clinic.sign_in_again(Someone(person_id, maria.patient_id, maria.credential, "new@example.test"))
    with pytest.raises(AccessEnded):
        await open_page(database, ana, "booking.view")
    await accept(database, ana, key)
    await open_page(database, ana, "booking.view")
    with pytest.raises(OutOfScope):
        await open_page(database, ana, "booking.book")
    (one,) = await listed(database, maria)
    assert (one.status, one.ticked, one.name) == ("active", ("booking_view",), "Ana Moreno")


async def test_an_invitation_counts_once_in_time_and_not_for_the_patient(database: Database, clinic: Clinic) -> None:
    maria, ana = await clinic.patient(), await clinic.patient("Ana")
    key = await invited(database, maria, ana.email)
    with pytest.raises(InvitationOver):
        await accept(database, ana, "made up")
    with pytest.raises(InvitationOver):
        await accept(database, maria, key)
    await accept(database, ana, key)
    with pytest.raises(InvitationOver):
        await accept(database, await clinic.patient("Eve"), key)
    leo = await clinic.patient("Leo")
    late = await invited(database, leo, ana.email)
    async with database.act_as_system("test") as tx:
        past = {"past": clock.now() - timedelta(seconds=1), "leo": leo.patient_id}
        await tx.execute("update related_person set answer_by = :past where patient_id = :leo", past)
    with pytest.raises(InvitationOver):
        await accept(database, ana, late)
    assert [one.status for one in await listed(database, leo)] == ["lapsed"]


async def test_two_taps_make_one_invitation_and_a_second_one_is_said_to_be_there(
    database: Database, clinic: Clinic
) -> None:
    maria, key = await clinic.sign_in_again(await clinic.patient(), assurance=2), uuid4()
    for _ in range(2):
        async with database.act_as(maria.credential, "access.share_chart") as tx:
            await caregivers.invite_caregiver(tx, form("ana@example.test"), key)
    with pytest.raises(CaregiverAlready):
        async with database.act_as(maria.credential, "access.share_chart") as tx:
            await caregivers.invite_caregiver(tx, form("Ana@Example.test"), uuid4())
    assert len(await listed(database, maria)) == 1


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": " "}), ("email", {"email": "ana"}), ("relationship", {"relationship": "boss"}),
        ("shares", {"ticked": ("profile_act",)}), ("until", {"until": ""}),
    ],
)  # fmt: skip
async def test_what_is_missing_is_said_at_its_field(
    database: Database, clinic: Clinic, field: str, values: dict[str, str]
) -> None:
    maria, good = await clinic.sign_in_again(await clinic.patient(), assurance=2), form("ana@example.test")
    typed = {name: getattr(good, name) for name in ("name", "email", "relationship", "ticked", "until")}
    async with database.act_as(maria.credential, "access.share_chart") as tx:
        with pytest.raises(InputRefused) as refused:
            await caregivers.invite_caregiver(tx, type(good)(**(typed | values)), uuid4())
    assert refused.value.field == field


async def test_everything_that_is_missing_is_said_at_once(database: Database, clinic: Clinic) -> None:
    maria = await clinic.sign_in_again(await clinic.patient(), assurance=2)
    nothing = type(form("ana@example.test"))("", "", "", (), "")
    async with database.act_as(maria.credential, "access.share_chart") as tx:
        with pytest.raises(InputRefused) as refused:
            await caregivers.invite_caregiver(tx, nothing, uuid4())
    said = [one.field for one in (refused.value, *refused.value.others)]
    assert said == ["name", "email", "relationship", "shares", "until"]


async def test_sharing_wants_a_fresh_sign_in(database: Database, clinic: Clinic) -> None:
    maria = await clinic.sign_in_again(await clinic.patient(), assurance=2)
    later = clock.now() + rules.FRESH_LIFE
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        with pytest.raises(StepUpNeeded):
            async with database.act_as(maria.credential, "access.share_chart") as tx:
                await caregivers.invite_caregiver(tx, form("ana@example.test"), uuid4())


async def test_a_code_alone_shares_nothing_and_changes_no_share(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria = await clinic.patient()
    ana = await share(maria, "booking_view")
    (before,) = await listed(database, maria)
    with pytest.raises(StepUpNeeded):
        async with database.act_as(maria.credential, "access.share_chart") as tx:
            await caregivers.invite_caregiver(tx, form("eve@example.test"), uuid4())
    with pytest.raises(StepUpNeeded):
        async with database.act_as(maria.credential, "access.share_chart") as tx:
            await caregivers.change_shares(tx, before.id, ["results_view"], "open")
    assert await listed(database, maria) == [before]
    with pytest.raises(OutOfScope):
        await open_page(database, ana, "booking.book")


async def test_after_a_second_proof_the_same_person_shares_and_widens(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria = await clinic.patient()
    ana, proved = await share(maria, "booking_view"), await clinic.sign_in_again(maria, assurance=2)
    (one,) = await listed(database, maria)
    async with database.act_as(proved.credential, "access.share_chart") as tx:
        await caregivers.change_shares(tx, one.id, ["booking_act"], "open")
        await caregivers.invite_caregiver(tx, form("leo@example.test"), uuid4())
    await open_page(database, ana, "booking.book")
    assert len(await listed(database, maria)) == 2


async def test_a_code_alone_still_ends_what_was_shared_and_takes_an_invitation_back(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria = await clinic.patient()
    await share(maria)
    await invited(database, maria, "leo@example.test")
    for one in await listed(database, maria):
        async with database.act_as(maria.credential, "access.share_chart") as tx:
            await caregivers.end_caregiver(tx, one.id)
    assert [one.status for one in await listed(database, maria)] == ["ended", "ended"]


INSERTED = (
    "insert into related_person (id, patient_id, name, email, email_index, relationship, view_sections, act_sections,"
    " answer_by, invited_by, invited_at) select gen_random_uuid(), patient_id, name, email, 'x', relationship,"
    " view_sections, act_sections, answer_by, invited_by, now() from related_person"
)


@pytest.mark.parametrize(
    "attempt",
    [
        INSERTED,
        "update related_person set view_sections = '{booking,results}'",
        "update related_person set act_sections = '{booking}'",
        "update related_person set valid_until = null",
        "update related_person set answer_by = answer_by + interval '1 day'",
        "update related_person set person_id = actor_person()",
        "update related_person set secret_hash = 'x'",
    ],
)
async def test_the_database_too_refuses_a_code_alone_what_it_allows_after_two_proofs(
    database: Database, clinic: Clinic, share: Share, attempt: str
) -> None:
    maria = await clinic.patient()
    await share(maria, "booking_view")
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match=r"row-level security|takes two proofs"):
        async with database.act_as(maria.credential, "access.share_chart") as tx:
            await tx.execute(attempt)
    proved = await clinic.sign_in_again(maria, assurance=2)
    async with database.act_as(proved.credential, "access.share_chart") as tx:
        await tx.execute(attempt)


async def test_revoking_bites_at_once_and_leaves_the_caregivers_own_chart_alone(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria, ana = await clinic.patient(), await clinic.patient("Ana")
    at_maria = await share(maria, who=ana)
    at_home = await clinic.sign_in_again(ana)
    await open_page(database, at_maria, "booking.book")
    (one,) = await listed(database, maria)
    async with database.act_as(maria.credential, "access.share_chart") as tx:
        await caregivers.end_caregiver(tx, one.id)
    with pytest.raises(NotSignedIn):
        await open_page(database, at_maria, "booking.view")
    async with database.act_as_visitor("anon-x", "access.leave") as tx:
        assert await acting.why_ended(tx, at_maria.credential.session_secret) == "revoked"
    await open_page(database, at_home, "booking.book")
    with pytest.raises(NotFound):
        await acting_for(database, at_home, maria)
    assert [one.status for one in await listed(database, maria)] == ["ended"]


async def test_what_has_run_out_opens_nothing_without_any_job(database: Database, clinic: Clinic, share: Share) -> None:
    maria = await clinic.patient()
    ana = await share(maria)
    async with database.act_as_system("test") as tx:
        await tx.execute("update related_person set valid_until = :past", {"past": clock.now() - timedelta(seconds=1)})
    with pytest.raises(AccessEnded):
        await open_page(database, ana, "booking.view")
    assert [one.status for one in await listed(database, maria)] == ["expired"]


async def test_changed_shares_count_at_once(database: Database, clinic: Clinic, share: Share) -> None:
    maria = await clinic.patient()
    ana, proved = await share(maria), await clinic.sign_in_again(maria, assurance=2)
    (one,) = await listed(database, maria)
    async with database.act_as(proved.credential, "access.share_chart") as tx:
        await caregivers.change_shares(tx, one.id, ["booking_view"], "open")
    await open_page(database, ana, "booking.view")
    with pytest.raises(OutOfScope):
        await open_page(database, ana, "booking.cancel")


async def test_a_caregiver_shares_nothing_on_and_widens_nothing(
    database: Database, clinic: Clinic, share: Share
) -> None:
    maria = await clinic.patient()
    ana = await share(maria, *rules.SHARES)
    with pytest.raises(NotAllowed):
        await open_page(database, ana, "access.share_chart")
    for attempt in (
        "update related_person set view_sections = '{booking,profile}'",
        "update related_person set valid_until = null",
        (
            "insert into related_person (id, patient_id, name, email, email_index, relationship, view_sections,"
            " act_sections, answer_by, invited_by, invited_at) select gen_random_uuid(), patient_id, name, email, 'x',"
            " relationship, view_sections, act_sections, now(), person_id, now() from related_person"
        ),
        (
            "insert into access_grant (grantee, patient_id, sections, verbs, basis)"
            " select person_id, patient_id, '{profile}', '{view}', 'caregiver' from related_person"
        ),
    ):
        with pytest.raises(sqlalchemy.exc.ProgrammingError, match=r"row-level security|nobody widens"):
            async with database.act_as(ana.credential, "access.act_for") as tx:
                await tx.execute(attempt)


async def test_nobody_accepts_for_another(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    await invited(database, maria, "ana@example.test")
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match="only who was invited"):
        async with database.act_as(maria.credential, "access.share_chart") as tx:
            await tx.execute("update related_person set status = 'active'")


async def test_another_patient_sees_and_ends_nothing(database: Database, clinic: Clinic, share: Share) -> None:
    maria, eve = await clinic.patient(), await clinic.patient("Eve")
    await share(maria)
    (one,) = await listed(database, maria)
    assert await listed(database, eve) == []
    with pytest.raises(NotFound):
        async with database.act_as(eve.credential, "access.share_chart") as tx:
            await caregivers.end_caregiver(tx, one.id)
