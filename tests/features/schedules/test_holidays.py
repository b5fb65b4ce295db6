"""Public holidays by country and part of it, those that move among them; the practice chooses which it observes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest

from portal_app.core import clock
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import InputRefused, NotAllowed
from portal_app.features.schedules import holidays, service
from portal_app.features.schedules.impact import Concern, look_at
from portal_app.features.schedules.views import ClosedDayView
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, in_days
from tests.features.schedules.roster import Roster

NOW = datetime(2027, 5, 3, 12, tzinfo=UTC)
THANKSGIVING, CHRISTMAS = "Thanksgiving Day", "Christmas Day"


@pytest.fixture
async def place(practice: Roster) -> Place:
    return await practice.place()


@pytest.fixture
async def manager(clinic: Clinic) -> Someone:
    return await clinic.staff("manager")


async def observe(database: Database, who: Someone, place: Place, *names: str) -> list[ClosedDayView]:
    async with database.act_as(who.credential, "schedules.edit_practice") as tx:
        await service.observe_holidays(tx, place.location_id, "US", "NY", names)
        return list(await service.closed_days(tx, place.location_id))


async def test_holidays_that_move_are_found_for_this_year_and_the_next_ones(
    database: Database, place: Place, manager: Someone
) -> None:
    with clock.frozen_at(NOW):
        found = await observe(database, manager, place, THANKSGIVING)
    assert [one.day for one in found] == [date(2027, 11, 25), date(2028, 11, 23), date(2029, 11, 22)]


async def test_a_holiday_on_a_weekend_closes_the_day_it_is_kept_on_too(
    database: Database, place: Place, manager: Someone
) -> None:
    with clock.frozen_at(NOW):
        found = await observe(database, manager, place, CHRISTMAS)
    assert [one.day for one in found][:2] == [date(2027, 12, 24), date(2027, 12, 25)]


async def test_what_is_no_longer_observed_opens_again_and_what_the_practice_closed_stays_closed(
    database: Database, practice: Roster, place: Place, manager: Someone, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    with clock.frozen_at(NOW):
        await observe(database, manager, place, "Memorial Day", "Labor Day")
        async with database.act_as(manager.credential, "schedules.edit_practice") as tx:
            await service.close_day(tx, place.location_id, date(2027, 5, 20), "Training")
        found = await observe(database, manager, place, "Memorial Day")
        assert [(one.day, one.is_holiday) for one in found][:2] == [
            (date(2027, 5, 20), False), (date(2027, 5, 31), True)]  # fmt: skip
        assert await practice.starts(maria, place, date(2027, 5, 31)) == []
        assert len(await practice.starts(maria, place, date(2027, 9, 6))) == 6


async def test_the_job_writes_the_years_that_follow(database: Database, place: Place, manager: Someone) -> None:
    with clock.frozen_at(NOW):
        await observe(database, manager, place, THANKSGIVING)
    with clock.frozen_at(datetime(2029, 1, 1, 12, tzinfo=UTC)):
        async with database.act_as_system("test") as tx:
            await holidays.fill(tx)
            found = await service.closed_days(tx)
    assert [one.day.year for one in found] == [2029, 2030, 2031]


async def test_a_preview_says_whom_a_closed_day_hits_and_closes_nothing(
    database: Database, practice: Roster, place: Place, manager: Someone, clinic: Clinic
) -> None:
    day = in_days(9)
    booked = await practice.booked(await clinic.patient(), place.request(place.at(day, "10:00")))
    async with database.act_as(manager.credential, "schedules.edit_practice") as tx:
        impact = await service.preview_closing(tx, place.location_id, day, "Training")
        assert await service.closed_days(tx) == []
    assert [hit.starts_at for hit in impact.lost] == [booked.starts_at]
    assert impact.times_lost == 5


async def test_looking_at_a_closed_day_leaves_nothing_but_that_somebody_looked(
    database: Database, place: Place, manager: Someone
) -> None:
    async with database.act_as(manager.credential, "schedules.edit_practice") as tx:
        await service.preview_closing(tx, place.location_id, in_days(3), "Training")
        await service.preview_holidays(tx, place.location_id, "US", "NY", [THANKSGIVING])
    async with database.act_as(manager.credential, "schedules.edit_practice") as tx:
        assert not await service.closed_days(tx, place.location_id)
    async with database.act_as_system("test") as tx:
        written = await tx.all("select action from audit_event where person_id = :id", {"id": manager.person_id})
    assert {row.action for row in written} == {"schedules.preview"}


async def test_what_a_day_changes_is_the_same_whether_that_day_or_everything_is_looked_at(
    database: Database, practice: Roster, place: Place, manager: Someone, clinic: Clinic
) -> None:
    day = in_days(9)
    await practice.booked(await clinic.patient(), place.request(place.at(day, "10:00")))
    who = [place.practitioner_id]

    async def close(tx: Transaction) -> None:
        await service.close_day(tx, place.location_id, day, "Training")

    found = []
    for concern in (Concern(who), Concern(who, place.location_id, [day])):
        async with database.act_as(manager.credential, "schedules.edit_practice") as tx:
            found.append(await look_at(tx, concern, partial(close, tx)))
    assert found[0] == found[1]
    assert found[0].times_lost == 5


async def test_unknown_countries_are_refused_and_only_the_manager_chooses(
    database: Database, place: Place, manager: Someone, clinic: Clinic
) -> None:
    with pytest.raises(InputRefused):
        async with database.act_as(manager.credential, "schedules.edit_practice") as tx:
            await service.observe_holidays(tx, place.location_id, "XX", "", ())
    doctor = await clinic.staff("clinician")
    with pytest.raises(NotAllowed):
        async with database.act_as(doctor.credential, "schedules.edit") as tx:
            await service.close_day(tx, place.location_id, in_days(3), "Training")


@pytest.mark.parametrize(
    ("country", "locale", "name", "said"),
    [
        ("ES", "es", "Christmas Day", "Natividad del Señor"),
        ("MX", "es", "Independence Day", "Día de la Independencia"),
        ("SA", "ar", "National Day Holiday", "اليوم الوطني"),
    ],
)
def test_a_holiday_is_said_in_the_reader_s_language_where_its_calendar_knows_it(
    country: str, locale: str, name: str, said: str
) -> None:
    with clock.frozen_at(NOW):
        assert said in holidays.holiday_words(country, "", locale)[name]


def test_a_holiday_without_words_in_a_language_and_a_day_of_the_practice_s_own_stay_as_they_are(place: Place) -> None:
    day = ClosedDayView(place.location_id, "Main", date(2027, 12, 25), CHRISTMAS, True, "US", "NY")
    with clock.frozen_at(NOW):
        assert holidays.in_words(day, "ar") == CHRISTMAS
        assert holidays.in_words(replace(day, country="ES", subdivision=""), "es") == "Natividad del Señor"
        assert holidays.in_words(replace(day, country="ES", subdivision="", is_holiday=False), "es") == CHRISTMAS


async def test_a_visitor_reads_why_a_place_is_closed_in_their_language(
    database: Database, place: Place, manager: Someone
) -> None:
    with clock.frozen_at(NOW):
        async with database.act_as(manager.credential, "schedules.edit_practice") as tx:
            await service.observe_holidays(tx, place.location_id, "MX", "", ["Independence Day"])
        async with database.act_as_visitor("", "practice.view_name") as tx:
            (first, *_) = await service.closed_days(tx)
        assert "Independencia" in service.in_words(first, "es")
