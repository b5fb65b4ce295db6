"""Before somebody is let in: what is asked, the place in the queue, the board, and what is said in the room."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col

from portal_app.core import clock, i18n
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import InputRefused, NotAllowed
from portal_app.features.access.tables import Patient
from portal_app.features.booking import service as booking
from portal_app.features.practice import service as practice
from portal_app.features.visits import rules
from portal_app.features.visits import service as visits
from portal_app.state.visit import _step as step_of
from portal_app.state.visit_words import overdue_words, trouble_words
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.visits.conftest import Visit

Mark = Callable[[Transaction, UUID], Awaitable[None]]
pytestmark = pytest.mark.usefixtures("in_time")

HOME = visits.Whereabouts("12 Elm Street, Albany", "US-NY", "(718) 555-0120", "alone")


async def say(visit: Visit, said: visits.Whereabouts, *, agrees: bool = True) -> None:
    async with visit.database.act_as(visit.maria.credential, "visits.join") as tx:
        version = (await visits.told(tx)).version
        await visits.say_whereabouts(tx, visit.appointment_id, said, agrees=agrees, version=version)


async def mine(visit: Visit) -> visits.MyVisit:
    async with visit.database.act_as(visit.maria.credential, "visits.view") as tx:
        return await visits.my_visit(tx, visit.appointment_id)


async def board_row(visit: Visit) -> visits.BoardRow:
    async with visit.database.act_as(visit.doctor.credential, "visits.host") as tx:
        (row,) = [one for one in await visits.board(tx) if one.appointment_id == visit.appointment_id]
    return row


async def kept_whole(visit: Visit) -> visits.Whereabouts:
    async with visit.database.act_as(visit.maria.credential, "visits.view") as tx:
        return await visits.remembered(tx)


async def test_what_was_said_is_remembered_and_encrypted(database: Database, visit: Visit) -> None:
    await say(visit, HOME)
    async with database.act_as(visit.maria.credential, "visits.view") as tx:
        assert await visits.remembered(tx) == HOME
        kept = await tx.one("select address, region, call_back_number, company from visit")
    assert not {*kept} & {*HOME.__class__.__slots__, HOME.address, HOME.region, HOME.number, HOME.company}


async def test_after_a_code_alone_it_is_told_in_part_and_confirmed_whole(database: Database, visit: Visit) -> None:
    await say(visit, HOME)
    async with database.act_as(visit.maria.credential, "visits.view") as tx:
        told = await visits.told(tx)
    assert (told.shown, told.is_masked) == (visits.Whereabouts("12 … Street", "US-NY", "•••• 20", "alone"), True)
    async with database.act_as_system("test") as tx:
        await tx.execute("update visit set said_at = said_at - interval '1 day'")
    async with database.act_as(visit.maria.credential, "visits.join") as tx:
        version = (await visits.told(tx)).version
        await visits.confirm_whereabouts(tx, visit.appointment_id, version, agrees=True)
        assert await tx.scalar("select said_at > now() - interval '1 hour' from visit")
    assert await kept_whole(visit) == HOME


@pytest.mark.parametrize("assurance", [1, 2])
async def test_what_was_said_anew_elsewhere_is_confirmed_by_nobody_who_was_shown_the_old(
    database: Database, clinic: Clinic, visit: Visit, assurance: int
) -> None:
    await say(visit, HOME)
    who = await clinic.sign_in_again(visit.maria, assurance=assurance)
    async with database.act_as(who.credential, "visits.view") as tx:
        version = (await visits.told(tx)).version
    away = visits.Whereabouts("7 Oak Road, Newark", "US-NJ", "(718) 555-0199", "carer")
    with clock.frozen_at(clock.now() + timedelta(seconds=1)):
        await say(visit, away)
    with pytest.raises(visits.WhereaboutsChanged):
        async with database.act_as(who.credential, "visits.join") as tx:
            await visits.confirm_whereabouts(tx, visit.appointment_id, version, agrees=True)
    assert await kept_whole(visit) == away


async def test_an_address_is_not_kept_for_another_state(visit: Visit) -> None:
    await say(visit, HOME)
    with pytest.raises(InputRefused) as refused:
        await say(visit, replace(HOME, address=" ", region="US-NJ"))
    assert (refused.value.field, refused.value.others) == ("address", ())
    assert await kept_whole(visit) == HOME


async def test_what_is_left_empty_is_not_what_somebody_said_elsewhere(database: Database, visit: Visit) -> None:
    await say(visit, HOME)
    async with database.act_as(visit.maria.credential, "visits.view") as tx:
        version = (await visits.told(tx)).version
    away, empty = replace(HOME, address="7 Oak Road, Troy"), replace(HOME, address="")
    with clock.frozen_at(clock.now() + timedelta(seconds=1)):
        await say(visit, away)
    with pytest.raises(visits.WhereaboutsChanged):
        async with database.act_as(visit.maria.credential, "visits.join") as tx:
            await visits.say_whereabouts(tx, visit.appointment_id, empty, agrees=True, version=version)
    assert await kept_whole(visit) == away


async def test_who_proved_more_than_a_code_is_told_it_whole(database: Database, clinic: Clinic, visit: Visit) -> None:
    await say(visit, HOME)
    strong = await clinic.sign_in_again(visit.maria, assurance=2)
    async with database.act_as(strong.credential, "visits.view") as tx:
        told = await visits.told(tx)
    assert (told.shown, told.is_masked) == (HOME, False)
    async with database.act_as(strong.credential, "visits.join") as tx:
        with pytest.raises(InputRefused) as refused:
            await visits.say_whereabouts(tx, visit.appointment_id, replace(HOME, address=""), agrees=True)
    assert refused.value.field == "address"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"address": "", "number": "718 555 0199"}, {"number": "(718) 555-0199"}),
        ({"address": "7 Oak Road, Troy", "number": " "}, {"address": "7 Oak Road, Troy"}),
    ],
)
async def test_what_was_told_in_part_and_is_left_empty_stays(
    visit: Visit, typed: dict[str, str], kept: dict[str, str]
) -> None:
    await say(visit, HOME)
    await say(visit, replace(HOME, **typed))
    assert await kept_whole(visit) == replace(HOME, **kept)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("12 Elm Street, Albany", "12 … Street"),
        ("12 Elm Street Springfield 90210", "12 … Springfield"),
        ("12 Elm Street Springfield 90210-1234", "12 … Springfield"),
        ("10 Downing Street SW1A 2AA, London", "10 … Street"),
        ("12 Elm Street Apt 4B, Albany", "12 … Apt"),
        ("Apt 4, 12 Elm Street, Albany", "A…"),
        ("4, 12 Elm Street, Albany", "12 … Street"),
        ("12, Elm Street, Albany", "E…"),
        ("Calle de la Rosa 5, Madrid", "Calle … Rosa"),
        ("Calle Mayor 5, 28013 Madrid", "C…"),
        ("Elm 12", "E…"),
        ("12 Elm", "E…"),
        ("12b", "b…"),
        ("شارع النيل 5، القاهرة", "ش…"),
        ("٥ شارع قصر النيل ١١٥١١، القاهرة", "٥ … النيل"),
        ("12345, 67890", "…"),
        (",,,,,", "…"),
        ("،،،،،", "…"),
        ("", ""),
        (" ", ""),
    ],
)
def test_an_address_in_part_shows_the_ends_of_its_street(address: str, told: str) -> None:
    assert rules.masked_address(address) == told


@pytest.mark.parametrize(
    ("field", "said", "agrees"),
    [
        ("address", visits.Whereabouts("x", "US-NY", "7185550120", "alone"), True),
        ("region", visits.Whereabouts("12 Elm Street", "US-XX", "7185550120", "alone"), True),
        ("number", visits.Whereabouts("12 Elm Street", "US-NY", "12", "alone"), True),
        ("company", visits.Whereabouts("12 Elm Street", "US-NY", "7185550120", "a crowd"), True),
        ("agrees", HOME, False),
    ],
)
async def test_what_is_missing_is_named(visit: Visit, field: str, said: visits.Whereabouts, agrees: bool) -> None:
    with pytest.raises(InputRefused) as refused:
        await say(visit, said, agrees=agrees)
    assert refused.value.field == field


async def test_all_that_is_missing_is_named_at_once(visit: Visit) -> None:
    with pytest.raises(InputRefused) as refused:
        await say(visit, visits.Whereabouts("", "", "", ""), agrees=False)
    said = [one.field for one in (refused.value, *refused.value.others)]
    assert said == ["address", "region", "number", "company", "agrees"]


async def test_the_number_of_the_chart_is_offered_as_people_write_it(database: Database, visit: Visit) -> None:
    async with database.act_as_system("test") as tx:
        await tx.execute(update(Patient).where(col(Patient.id) == visit.maria.patient_id).values(phone="+17185552000"))
    async with database.act_as(visit.maria.credential, "visits.view") as tx:
        assert (await visits.remembered(tx)).number == "(718) 555-2000"


@pytest.mark.parametrize(("region", "verdict"), [("US-NY", "licensed"), ("US-NJ", "not_licensed")])
async def test_a_state_without_a_licence_warns_before_anybody_is_let_in(
    database: Database, clinic: Clinic, visit: Visit, region: str, verdict: str
) -> None:
    who, manager = visit.place.practitioner_id, await clinic.staff("manager")
    await say(visit, visits.Whereabouts(HOME.address, region, HOME.number, HOME.company))
    assert (await board_row(visit)).licence == ""
    async with database.act_as(manager.credential, "visits.set_up") as tx:
        await visits.set_licence(tx, visits.LicenceForm(who, "US-NJ", None, date(2020, 1, 1)))
    assert (await board_row(visit)).licence == "not_licensed"
    async with database.act_as(manager.credential, "visits.set_up") as tx:
        await visits.set_licence(tx, visits.LicenceForm(who, "US-NY", date(2020, 1, 1)))
    assert (await board_row(visit)).licence == verdict


async def test_a_licence_is_changed_dated_and_taken_out_by_the_manager_alone(
    database: Database, clinic: Clinic, visit: Visit
) -> None:
    who, manager = visit.place.practitioner_id, await clinic.staff("manager", name="Tom Reed")
    for until in (None, date(2031, 6, 30)):
        async with database.act_as(manager.credential, "visits.set_up") as tx:
            await visits.set_licence(tx, visits.LicenceForm(who, "US-NY", date(2026, 7, 1), until))
    async with database.act_as(manager.credential, "visits.set_up") as tx:
        (kept,) = await visits.licences(tx)
        for wrong in (("US-XX", None, None), ("US-NY", date(2027, 1, 2), date(2027, 1, 1))):
            with pytest.raises(InputRefused):
                await visits.set_licence(tx, visits.LicenceForm(who, *wrong))
    assert (kept.region, kept.valid_until, kept.set_by, kept.set_at) == (
        "US-NY", date(2031, 6, 30), "Tom Reed", clock.now()
    )  # fmt: skip
    for _ in range(2):
        async with database.act_as(manager.credential, "visits.set_up") as tx:
            await visits.drop_licence(tx, kept.id)
    async with database.act_as_system("test") as tx:
        told = await tx.all("select action from audit_event where action like 'visits.%licence' order by id")
    assert [one.action for one in told] == ["visits.set_licence"] * 2 + ["visits.drop_licence"]
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        with pytest.raises(NotAllowed):
            await visits.set_licence(tx, visits.LicenceForm(who, "US-NY"))


async def test_what_to_have_ready_is_the_practices_own_by_kind_of_visit_and_language(
    database: Database, clinic: Clinic, visit: Visit
) -> None:
    async def ready() -> Mapping[str, Sequence[str]]:
        async with database.act_as(visit.maria.credential, "visits.view") as tx:
            return (await visits.my_visit(tx, visit.appointment_id)).ready

    manager = await clinic.staff("manager", name="Tom Reed")
    assert await ready() == {}
    async with database.act_as(manager.credential, "visits.set_up") as tx:
        kinds = {one.visit_type_id: one for one in await visits.preparations(tx)}
        assert {one.set_by for one in kinds.values()} == {""}
        for kind in kinds:
            await visits.set_preparation(tx, kind, {"en": " Your  blood pressure\n\n- Paper ", "es": "", "xx": "no"})
    assert await ready() == {"en": ["Your blood pressure", "Paper"]}
    async with database.act_as(manager.credential, "visits.set_up") as tx:
        for kind in kinds:
            await visits.set_preparation(tx, kind, {})
    assert await ready() == {}
    for typed in ("x" * 121, "\n".join("x" * 9), "turned \u202e about"):
        async with database.act_as(manager.credential, "visits.set_up") as tx:
            with pytest.raises(InputRefused):
                await visits.set_preparation(tx, next(iter(kinds)), {"es": typed})
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        with pytest.raises(NotAllowed):
            await visits.set_preparation(tx, next(iter(kinds)), {"en": "x"})
        assert await tx.execute("delete from visit_preparation") == 0


async def test_where_the_practice_wants_it_nobody_reaches_anybody_directly(
    database: Database, clinic: Clinic, visit: Visit
) -> None:
    manager, place = await clinic.staff("manager"), await visit.admitted()
    assert not (await visit.seat(visit.maria.credential, place.visit_id)).is_through_hub
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        await practice.set_video_path(tx, "hub")
    for one in (visit.maria.credential, visit.doctor.credential):
        assert (await visit.seat(one, place.visit_id)).is_through_hub


async def test_the_board_says_who_waits_since_when_and_what_the_check_found(database: Database, visit: Visit) -> None:
    before = await board_row(visit)
    await visit.join()
    async with database.act_as(visit.maria.credential, "visits.join") as tx:
        check = visits.DeviceCheck("refused", "works", "not_heard", 900, 0, 2000, 2000)
        await visits.keep_check(tx, visit.appointment_id, check)
    row = await board_row(visit)
    with i18n.use("en"):
        assert trouble_words(row.camera, row.microphone, row.speaker) == "Camera not allowed · Does not hear, reads"
    assert (before.status, before.is_checked) == ("planned", False)
    assert (row.status, row.waiting_since, row.line, row.is_said) == ("waiting", clock.now(), "weak", False)


@pytest.mark.parametrize(
    ("marks", "status"),
    [((booking.mark_arrived, booking.mark_fulfilled), "finished"), ((booking.mark_noshow,), "cancelled")],
)
async def test_what_the_day_says_is_over_stands_last_on_the_board(
    database: Database, clinic: Clinic, maker: PracticeMaker, visit: Visit, marks: Sequence[Mark], status: str
) -> None:
    sam = await clinic.patient("Sam")
    later = await maker.booked(sam, visit.place.request(visit.starts_at + timedelta(minutes=30), modality="video"))
    with clock.frozen_at(visit.starts_at + timedelta(minutes=5)):
        for mark in marks:
            async with database.act_as(visit.doctor.credential, "booking.change_day") as tx:
                await mark(tx, visit.appointment_id)
        async with database.act_as(visit.doctor.credential, "visits.host") as tx:
            found = await visits.board(tx)
    assert [(one.appointment_id, one.status) for one in found] == [
        (later.id, "planned"), (visit.appointment_id, status)]  # fmt: skip


async def test_the_place_in_the_queue_counts_those_before_and_the_pace_of_today(
    database: Database, clinic: Clinic, maker: PracticeMaker, visit: Visit
) -> None:
    sam = await clinic.patient("Sam")
    wish = visit.place.request(visit.starts_at + timedelta(minutes=30), modality="video")
    later = await maker.booked(sam, wish)
    await visit.join()
    with clock.frozen_at(visit.starts_at + timedelta(minutes=25)):
        async with database.act_as(sam.credential, "visits.join") as tx:
            await visits.join(tx, later.id)
        async with database.act_as(sam.credential, "visits.view") as tx:
            found = await visits.my_visit(tx, later.id)
    assert (found.ahead, found.wait_min) == (1, 15)
    assert (await mine(visit)).ahead == 0


async def test_a_message_to_the_waiting_room_is_read_by_those_who_wait_there(database: Database, visit: Visit) -> None:
    await visit.join()
    key = uuid4()
    for _ in range(2):
        async with database.act_as(visit.doctor.credential, "visits.host") as tx:
            await visits.tell_waiting_room(tx, visit.place.practitioner_id, "Ten minutes, sorry", key)
    assert (await mine(visit)).notes == ("Ten minutes, sorry",)


async def test_handed_over_the_patient_moves_along(
    database: Database, clinic: Clinic, maker: PracticeMaker, visit: Visit
) -> None:
    other = await _colleague(database, clinic, maker, visit)
    place = await visit.join()
    await _hand_over(visit, place.visit_id)
    found = await mine(visit)
    assert (found.practitioner_name, found.state, found.status) == ("Dr. Ben Cho", "waiting", "waiting")
    async with database.act_as_system("test") as tx:
        trail = await tx.all("select action from audit_event where entity_id = :id", {"id": place.visit_id})
    assert "visits.hand_over" in [row.action for row in trail]
    async with database.act_as(other.credential, "visits.host") as tx:
        assert await visits.open_room(tx, visit.appointment_id) == place.visit_id


async def test_handed_over_in_the_room_the_patient_reads_who_takes_over_until_they_are_there(
    database: Database, clinic: Clinic, maker: PracticeMaker, visit: Visit
) -> None:
    other = await _colleague(database, clinic, maker, visit)
    place = await visit.admitted()
    guest_id, guest = await visit.guest(place.visit_id)
    async with database.act_as(visit.maria.credential, "visits.agree") as tx:
        await visits.agree(tx, place.visit_id, guest_id, is_welcome=True)
    await visit.admit(place.visit_id, guest_id)

    async def said() -> list[str]:
        found = []
        for one in (visit.maria.credential, guest):
            async with database.act_as(one, "visits.room") as tx:
                found.append(await visits.takes_over(tx, place.visit_id))
        return found

    assert await said() == ["", ""]
    await _hand_over(visit, place.visit_id)
    assert await said() == ["Dr. Ben Cho", ""]  # guests know nobody of the practice but who is in the room
    with pytest.raises(visits.NotInRoom):
        async with database.act_as(visit.doctor.credential, "visits.room") as tx:
            await visits.takes_over(tx, place.visit_id)
    async with database.act_as(other.credential, "visits.host") as tx:
        await visits.open_room(tx, visit.appointment_id)
    assert await said() == ["", ""]


async def test_whoever_has_handed_a_visit_over_is_told_whose_it_is_until_they_go_back_in(
    database: Database, clinic: Clinic, maker: PracticeMaker, visit: Visit
) -> None:
    other = await _colleague(database, clinic, maker, visit)
    place = await visit.admitted()

    async def told(someone: Someone) -> str:
        async with database.act_as(someone.credential, "visits.host") as tx:
            return await visits.handed_to(tx, visit.appointment_id)

    assert await told(visit.doctor) == ""
    await _hand_over(visit, place.visit_id)
    assert [await told(one) for one in (visit.doctor, other)] == ["Dr. Ben Cho", ""]
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.open_room(tx, visit.appointment_id)
    assert await told(visit.doctor) == ""


async def _colleague(database: Database, clinic: Clinic, maker: PracticeMaker, visit: Visit) -> Someone:
    colleague = await maker.colleague(visit.place)
    other = await clinic.staff("clinician", location_id=visit.place.location_id, name="Ben Cho")
    async with database.act_as_system("test") as tx:
        await tx.execute("update practitioner set person_id = :person, name = 'Ben Cho' where id = :id",
                         {"person": other.person_id, "id": colleague.practitioner_id})  # fmt: skip
    return other


async def _hand_over(visit: Visit, visit_id: UUID) -> None:
    async with visit.database.act_as(visit.doctor.credential, "visits.host") as tx:
        (to,) = await visits.colleagues(tx, visit.place.location_id, visit.place.practitioner_id)
        await visits.hand_over(tx, visit_id, to[0])


async def test_the_chat_is_for_those_in_the_room_and_a_guest_reads_nothing_of_before(
    database: Database, visit: Visit
) -> None:
    place = await visit.admitted()
    guest_id, guest = await visit.guest(place.visit_id)
    key = uuid4()
    for _ in range(2):
        async with database.act_as(visit.maria.credential, "visits.room") as tx:
            await visits.write(tx, place.visit_id, "It hurts here", key)
    with pytest.raises(visits.NotInRoom):
        async with database.act_as(guest, "visits.room") as tx:
            await visits.lines(tx, place.visit_id)
    async with database.act_as(visit.maria.credential, "visits.agree") as tx:
        await visits.agree(tx, place.visit_id, guest_id, is_welcome=True)
    with clock.frozen_at(clock.now() + timedelta(seconds=5)):
        await visit.admit(place.visit_id, guest_id)
        async with database.act_as(guest, "visits.room") as tx:
            await visits.write(tx, place.visit_id, "Hello", uuid4())
            assert [one.words for one in await visits.lines(tx, place.visit_id)] == ["Hello"]
    async with database.act_as(visit.doctor.credential, "visits.room") as tx:
        assert [one.words for one in await visits.lines(tx, place.visit_id)] == ["It hurts here", "Hello"]
    async with database.act_as_system("test") as tx:
        written = await tx.all(
            "select person_name, patient_id from audit_event where action = 'visits.write' order by id"
        )
    assert [tuple(one) for one in written] == [
        ("Maria Alvarez", visit.maria.patient_id), ("Rosa Diaz", visit.maria.patient_id),
    ]  # fmt: skip


async def test_time_alone_puts_whoever_came_along_outside_until_it_is_over(database: Database, visit: Visit) -> None:
    place = await visit.admitted()
    guest_id, guest = await visit.guest(place.visit_id, "family")
    async with database.act_as(visit.maria.credential, "visits.agree") as tx:
        await visits.agree(tx, place.visit_id, guest_id, is_welcome=True)
    await visit.admit(place.visit_id, guest_id)
    for is_alone in (True, False):
        async with database.act_as(visit.doctor.credential, "visits.host") as tx:
            await visits.be_alone(tx, place.visit_id, is_alone=is_alone)
        if is_alone:
            with pytest.raises(visits.NotInRoom):
                await visit.seat(guest, place.visit_id)
    assert (await visit.seat(guest, place.visit_id)).role == "family"


async def test_a_guests_check_stands_beside_their_name_and_says_nothing_of_the_patients_line(
    database: Database, visit: Visit
) -> None:
    place = await visit.join()
    guest_id, guest = await visit.guest(place.visit_id)
    weak = visits.DeviceCheck("works", "works", "works", 900, 20, 100, 100)
    async with database.act_as(guest, "visits.room") as tx:
        await visits.keep_guest_check(tx, weak)
        await visits.keep_guest_check(tx, weak)
        assert await tx.scalar("select count(*) from visit_device_check") == 1
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        people = {one.participant_id: one.camera for one in (await visits.room(tx, visit.appointment_id)).people}
        (row,) = await visits.board(tx)
    assert people == {place.participant_id: "", guest_id: "works"}
    assert (row.is_checked, row.line) == (False, "")


async def test_whoever_is_seen_by_telephone_is_told_with_whom_they_speak(database: Database, visit: Visit) -> None:
    place = await visit.join()
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.begin(tx, place.visit_id, "phone")
    found = await mine(visit)
    assert (found.status, found.modality, found.state, step_of(found)) == ("in_progress", "phone", "waiting", "phone")
    await visit.admit(place.visit_id, place.participant_id)
    assert step_of(await mine(visit)) == "room"
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.end_for_all(tx, place.visit_id)
    assert step_of(await mine(visit)) == "over"


async def test_whoever_comes_too_late_reads_that_the_time_has_passed(visit: Visit) -> None:
    with clock.frozen_at(visit.starts_at + timedelta(hours=3)):
        assert step_of(await mine(visit)) == "late"


async def test_whoever_left_or_was_taken_out_reads_so_and_comes_back_by_one_tap(
    database: Database, visit: Visit
) -> None:
    await say(visit, HOME)
    place = await visit.admitted()
    async with database.act_as(visit.maria.credential, "visits.room") as tx:
        await visits.leave(tx, place.visit_id)
    assert step_of(await mine(visit)) == "left"
    await visit.join()
    assert step_of(await mine(visit)) == "room"
    async with database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.remove(tx, place.visit_id, place.participant_id)
    assert step_of(await mine(visit)) == "taken_out"
    await visit.join()
    assert step_of(await mine(visit)) == "waiting"


async def test_whoever_waits_past_their_time_reads_it_by_itself(visit: Visit) -> None:
    await visit.join()

    def late(found: visits.MyVisit) -> str:
        with i18n.use("en"):
            return overdue_words(found.starts_at, found.waiting_since, found.late_min)

    for minutes, said in ((-5, ""), (4, ""), (12, "It should have begun 12 minutes ago. We have not forgotten you")):
        with clock.frozen_at(visit.starts_at + timedelta(minutes=minutes)):
            found = await mine(visit)
            assert late(found).split(",")[0] == said
            assert late(replace(found, late_min=15)) == ""
            assert late(replace(found, waiting_since=clock.now())) == ""


def test_a_visit_that_takes_longer_than_todays_is_given_more_time_than_none() -> None:
    now = clock.now()
    waits = [rules.wait_min(0, busy, [10, 10, 10], now, 0, now) for busy in (None, 4, 9, 10, 40)]
    assert waits == [0, 6, 1, rules.OVERRUN_MIN, rules.OVERRUN_MIN]
