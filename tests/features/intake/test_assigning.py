"""Forms asked of a person: once or by a schedule, told without a word about health, and never to the wrong one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.intake import service as intake
from portal_app.features.intake.jobs import FORM_WAITS, turn_the_clock, write_to_them
from portal_app.features.notify.templates import is_still_true
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import in_days
from tests.features.intake.conftest import PHQ, PHQ_ITEMS, REASON, Forms, answer
from tests.features.intake.test_filling import caregiver
from tests.features.intake.test_sending import SEVERAL


async def ask(forms: Forms, url: str = PHQ, by: Someone | None = None, **more: Any) -> intake.NewAssignment:
    assert forms.maria.patient_id is not None
    wanted = replace(intake.NewAssignment(uuid4(), forms.maria.patient_id, url), **more)
    async with forms.database.act_as((by or forms.doctor).credential, "intake.assign") as tx:
        await intake.assign_form(tx, wanted)
    return wanted


async def asked(forms: Forms, by: Someone | None = None) -> Sequence[intake.AskedForm]:
    async with forms.database.act_as((by or forms.maria).credential, "intake.fill_in") as tx:
        return await intake.asked_forms(tx)


async def begin(forms: Forms, assignment_id: UUID, by: Someone | None = None) -> UUID:
    async with forms.database.act_as((by or forms.maria).credential, "intake.fill_in") as tx:
        return await intake.open_asked(tx, assignment_id)


async def outstanding(forms: Forms, by: Someone | None = None) -> Sequence[intake.Assignment]:
    async with forms.database.act_as((by or forms.doctor).credential, "intake.assign") as tx:
        return await intake.outstanding(tx)


async def send(forms: Forms, assignment_id: UUID) -> UUID:
    form_id = await begin(forms, assignment_id)
    await forms.save(form_id, *(answer(n, key, SEVERAL) for n, key in enumerate(PHQ_ITEMS, 1)))
    await forms.send(form_id, 9)
    return form_id


async def clock_turns(forms: Forms) -> None:
    async with forms.database.act_as_system("test") as tx:
        await turn_the_clock(tx)


async def told(forms: Forms, assignment_id: UUID) -> int:
    async with forms.database.act_as_system("test") as tx:
        await write_to_them(tx, assignment_id)
        return int(await tx.scalar("select count(*) from outbox_message where template = 'intake_form_waits'"))


async def test_a_form_asked_now_is_filled_in_once_and_then_stands_out_no_more(forms: Forms) -> None:
    wanted = await ask(forms)
    async with forms.database.act_as(forms.doctor.credential, "intake.assign") as tx:
        await intake.assign_form(tx, wanted)  # a second tap
    assert [one.status for one in await outstanding(forms)] == ["new"]
    assert await begin(forms, wanted.id) == await begin(forms, wanted.id)
    assert [one.status for one in await outstanding(forms)] == ["in-progress"]
    form_id = await send(forms, wanted.id)
    assert (await forms.read(form_id)).totals == {"44261-6": 9}
    await clock_turns(forms)
    assert (list(await outstanding(forms)), list(await asked(forms))) == ([], [])
    with pytest.raises(NotFound):
        await begin(forms, wanted.id)


async def test_a_schedule_opens_each_time_once_though_the_clock_stood_still_and_ends(forms: Forms) -> None:
    start, until = clock.now(), clock.now().date() + timedelta(days=30)
    wanted = await ask(forms, every_days=14, until=until)
    await send(forms, wanted.id)
    await clock_turns(forms)
    assert list(await asked(forms)) == []
    with clock.frozen_at(start + timedelta(days=29)):  # the second time was missed
        await clock_turns(forms)
        await clock_turns(forms)
        assert await forms.scalar("select occurrence from form_assignment") == 3
        assert [one.status for one in await outstanding(forms)] == ["new"]
    with clock.frozen_at(start + timedelta(days=43)):
        await clock_turns(forms)
        assert list(await outstanding(forms)) == []


async def test_the_last_day_of_a_schedule_is_one_where_the_patient_lives(forms: Forms) -> None:
    evening = forms.place.at(in_days(1), "21:00").astimezone(UTC)  # tomorrow in UTC
    assert evening.date() == in_days(2)
    with clock.frozen_at(evening):
        with pytest.raises(InputRefused):
            await ask(forms, every_days=7, until=in_days(0))
        await ask(forms, every_days=1, until=in_days(1))
        await ask(forms, every_days=7, until=in_days(14))
    for days in (7, 14):
        with clock.frozen_at(evening + timedelta(days=days)):
            await clock_turns(forms)
            assert [one.every_days for one in await outstanding(forms)] == [7]
    assert await forms.scalar("select occurrence from form_assignment where every_days = 7") == 3
    with clock.frozen_at(evening + timedelta(days=21)):
        await clock_turns(forms)
        assert list(await outstanding(forms)) == []


async def test_what_is_late_is_overdue_and_told_of_once_more(forms: Forms) -> None:
    wanted = await ask(forms)
    assert [await told(forms, wanted.id) for _again in range(2)] == [1, 1]
    with clock.frozen_at(clock.now() + timedelta(days=8)):
        assert [one.is_overdue for one in await outstanding(forms)] == [True]
        assert [await told(forms, wanted.id) for _again in range(2)] == [2, 2]


async def test_a_message_says_nothing_of_health_and_is_not_sent_for_what_was_done_meanwhile(forms: Forms) -> None:
    wanted = await ask(forms)
    await told(forms, wanted.id)
    written = " ".join((FORM_WAITS.subject, *FORM_WAITS.lines, *FORM_WAITS.parameters))
    assert not any(word in written.lower() for word in ("health", "depress", "phq", "patient", "title"))
    key = await forms.scalar("select dedupe_key from outbox_message where template = 'intake_form_waits'")
    async with forms.database.act_as_system("test") as tx:
        assert await is_still_true(tx, FORM_WAITS.name, key)
    await send(forms, wanted.id)
    async with forms.database.act_as_system("test") as tx:
        assert not await is_still_true(tx, FORM_WAITS.name, key)


async def test_a_caregiver_sees_and_is_told_of_no_private_form_and_of_no_self_report(
    forms: Forms, clinic: Clinic
) -> None:
    son = await caregiver(forms, clinic, ["booking", "forms"])
    open_one = await ask(forms, REASON)
    private = await ask(forms, REASON, is_private=True)
    for_herself = await ask(forms, PHQ)
    assert {one.id: one.is_for_them for one in await asked(forms, son)} == {open_one.id: True, for_herself.id: False}
    assert {one.id for one in await asked(forms)} == {open_one.id, private.id, for_herself.id}
    with pytest.raises(NotFound):
        await begin(forms, private.id, son)
    with pytest.raises(intake.OnlyOneself):
        await begin(forms, for_herself.id, son)
    await told(forms, private.id)
    await told(forms, for_herself.id)
    assert await forms.scalar("select count(distinct person_id) from outbox_message") == 1


async def test_only_who_treats_them_asks_and_nobody_else_sees_what_stands_out(forms: Forms, clinic: Clinic) -> None:
    await ask(forms)
    stranger = await clinic.staff("clinician")
    assert list(await outstanding(forms, stranger)) == []
    with pytest.raises(NotFound):
        await ask(forms, by=stranger)
    for role in ("front_desk", "billing", "manager"):
        with pytest.raises(NotAllowed):
            await ask(forms, by=await clinic.staff(role, location_id=forms.place.location_id))


@pytest.mark.parametrize(
    ("every", "until"), [(0, 30), (367, 30), (14, None), (None, 30), (14, 0), (14, 5000)]
)  # fmt: skip
async def test_a_schedule_that_cannot_be_is_refused(forms: Forms, every: int | None, until: int | None) -> None:
    last: date | None = None if until is None else in_days(until)
    with pytest.raises(InputRefused):
        await ask(forms, every_days=every, until=last)
    with pytest.raises(intake.FormUnknown):
        await ask(forms, "urn:other")


async def test_a_form_is_asked_no_more_and_what_was_answered_stays(forms: Forms) -> None:
    wanted = await ask(forms)
    form_id = await send(forms, wanted.id)
    async with forms.database.act_as(forms.doctor.credential, "intake.assign") as tx:
        await intake.end_assignment(tx, wanted.id)
        with pytest.raises(NotFound):
            await intake.end_assignment(tx, wanted.id)
    assert (await forms.read(form_id)).response_id == form_id
