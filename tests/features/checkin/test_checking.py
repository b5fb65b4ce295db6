"""Check-in: each thing confirmed once and kept, said to the desk, and closed when there is nothing to check in for."""

import asyncio
from datetime import timedelta

import pytest

from portal_app.core import clock
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.booking import service as booking
from portal_app.features.checkin import service as checkin
from tests.factories import Clinic, Someone
from tests.features.checkin.conftest import FORM, Desk


async def test_what_is_confirmed_is_kept_on_every_device_and_told_to_the_desk(desk: Desk, clinic: Clinic) -> None:
    assert [(one.key, one.state) for one in (await desk.look()).tasks] == [
        ("contact", "todo"), ("insurance", "todo"), ("medicines", "todo"), (FORM, "todo"), ("documents", "optional"),
    ]  # fmt: skip
    assert (await desk.on_day()).checking_in_at is None
    await desk.confirm("contact")
    other = await clinic.sign_in_again(desk.maria)
    assert [one.state for one in (await desk.look(other)).tasks] == ["done", "todo", "todo", "todo", "optional"]
    seen = await desk.on_day()
    assert (seen.checking_in_at is None, seen.checked_in_at, seen.missing) == (
        False,
        None,
        ["insurance", "medicines", FORM],
    )


async def test_somebody_checked_in_is_not_yet_here(desk: Desk) -> None:
    done = await desk.finish()
    assert (done.finished_side, done.finished_at is None) == ("patient", False)
    seen = await desk.on_day()
    assert (seen.checked_in_at, seen.status) == (done.finished_at, "booked")
    assert seen.missing == ["contact", "insurance", "medicines", FORM]


async def test_two_taps_check_in_once(desk: Desk, clinic: Clinic) -> None:
    other = await clinic.sign_in_again(desk.maria)
    first, second = await asyncio.gather(desk.finish(), desk.finish(other))
    assert first.finished_at == second.finished_at
    assert await desk.scalar("select count(*) from audit_event where action = 'checkin.finish'") == 1


async def test_a_form_sent_after_check_in_is_missing_no_more(desk: Desk) -> None:
    await desk.finish()
    await desk.send_form()
    assert (await desk.on_day()).missing == ["contact", "insurance", "medicines"]


async def test_it_opens_when_the_practice_says(desk: Desk, clinic: Clinic) -> None:
    await desk.rule(await clinic.staff("manager"), 1)
    assert (await desk.look()).stage == "early"
    with pytest.raises(checkin.CheckInClosed):
        await desk.finish()


@pytest.mark.parametrize(("minutes", "stage"), [(-10 * 24 * 60, "early"), (-5, "open"), (5, "late"), (20 * 60, "over")])
async def test_the_time_decides_and_whoever_is_late_can_still_check_in(desk: Desk, minutes: int, stage: str) -> None:
    with clock.frozen_at(desk.starts_at + timedelta(minutes=minutes)):
        assert (await desk.look()).stage == stage
        if stage in ("open", "late"):
            assert (await desk.finish()).finished_side == "patient"
            return
        with pytest.raises(checkin.CheckInClosed) as refused:
            await desk.confirm("contact")
        assert refused.value.stage == stage


@pytest.mark.parametrize(("status", "stage"), [("fulfilled", "over"), ("noshow", "over"), ("arrived", "open")])
async def test_what_became_of_the_visit_decides(desk: Desk, status: str, stage: str) -> None:
    await desk.change("update appointment set status = :status where id = :id", status=status, id=desk.id)
    assert (await desk.look()).stage == stage


async def test_a_cancelled_visit_has_nothing_to_check_in_for(desk: Desk) -> None:
    async with desk.database.act_as(desk.maria.credential, "booking.cancel") as tx:
        await booking.cancel_appointment(tx, desk.id)
    assert (await desk.look()).stage == "cancelled"
    with pytest.raises(checkin.CheckInClosed):
        await desk.finish()


async def test_nobody_elses_link_opens_and_a_made_up_task_is_refused(desk: Desk, clinic: Clinic) -> None:
    stranger = await clinic.patient("Ana", "Other")
    for act in (desk.look, desk.finish):
        with pytest.raises(NotFound):
            await act(stranger)
    for task, answer in (("medicines!", "confirmed"), ("contact", "at_desk"), ("contact", "x"), (FORM, "confirmed")):
        with pytest.raises(InputRefused):
            await desk.confirm(task, answer)
    with pytest.raises(NotAllowed):
        await desk.finish(desk.clerk)


async def test_the_square_finds_todays_visit_and_marks_here_only_where_the_practice_wants_it(
    desk: Desk, clinic: Clinic
) -> None:
    assert await desk.here() == checkin.Here(None, is_arrived=False)
    manager = await clinic.staff("manager")
    with clock.frozen_at(desk.starts_at - timedelta(minutes=10)):
        assert await desk.here() == checkin.Here(desk.id, is_arrived=False)
        await desk.rule(manager, 3, marks_arrived=True)
        assert await desk.here() == await desk.here() == checkin.Here(desk.id, is_arrived=True)
    assert await desk.scalar("select count(*) from audit_event where action = 'booking.arrived'") == 1


async def test_a_caregiver_checks_in_and_it_says_so_and_is_not_asked_how_the_patient_feels(
    desk: Desk, clinic: Clinic
) -> None:
    ana = await caregiver(desk, clinic)
    assert [(one.key, one.is_for_them) for one in (await desk.look(ana)).tasks] == [(FORM, False)]
    done = await desk.finish(ana)
    assert (done.finished_side, done.finished_name == "") == ("caregiver", False)
    with pytest.raises(InputRefused):
        await desk.confirm("contact", by=ana)


async def test_the_desk_confirms_checks_in_and_takes_it_back(desk: Desk) -> None:
    async with desk.database.act_as(desk.clerk.credential, "checkin.at_desk") as tx:
        await checkin.confirm_at_desk(tx, desk.id, "contact")
        await checkin.check_in_at_desk(tx, desk.id)
        seen = await checkin.at_desk(tx, desk.id)
    assert (seen.finished_side, seen.tasks[0].state, seen.tasks[0].done_by == "") == ("desk", "done", False)
    assert (await desk.on_day()).missing == ["insurance", FORM]
    async with desk.database.act_as(desk.clerk.credential, "checkin.at_desk") as tx:
        await checkin.undo_at_desk(tx, desk.id)
    assert (await desk.look()).finished_at is None
    assert (await desk.look()).tasks[0].state == "done"


async def test_the_front_desk_learns_that_a_form_was_sent_and_nothing_of_it(desk: Desk, clinic: Clinic) -> None:
    await desk.send_form()
    async with desk.database.act_as(desk.clerk.credential, "checkin.at_desk") as tx:
        seen = await checkin.at_desk(tx, desk.id)
        assert await tx.all("select * from questionnaire_response") == []
    assert [one.state for one in seen.tasks if one.key == FORM] == ["done"]
    stranger = await clinic.patient("Ana", "Other")
    async with desk.database.act_as(stranger.credential, "checkin.see") as tx:
        assert await tx.all("select * from sent_forms_of(:id) as url", {"id": desk.id}) == []
        assert await tx.all("select * from check_in") == []


async def caregiver(desk: Desk, clinic: Clinic) -> Someone:
    """Make somebody who acts for the patient, in visits and forms."""
    carer = await clinic.patient("Luis")
    async with desk.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)"
            " values (:who, :chart, '{booking,forms}', '{view,act}', 'N', 1, 'caregiver', now() + :life)",
            {"who": carer.person_id, "chart": desk.maria.patient_id, "life": timedelta(days=1)},
        )
        await tx.execute(
            "insert into person_role (id, person_id, role) values (gen_random_uuid(), :who, 'caregiver')",
            {"who": carer.person_id},
        )
    acting = Someone(carer.person_id, desk.maria.patient_id, carer.credential, carer.email)
    return await clinic.sign_in_again(acting)
