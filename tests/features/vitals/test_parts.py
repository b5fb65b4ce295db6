"""Parts of the day and contexts by themselves: what is in them, what they come to, and how the page says it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from portal_app.core import clock, i18n
from portal_app.features.vitals import parts, saying, service
from portal_app.state import reading_page, reading_rows
from portal_app.state.reading_page import Asked, asked_for
from tests.features.vitals.conftest import AtHome, pressure

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 3, 8, 12, tzinfo=NEW_YORK)
"""Of the day on which clocks went forward."""


async def seen(home: AtHome, measure: str, part: str) -> service.Seen | None:
    async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
        return (await service.look_back(tx, measure, since=clock.now() - timedelta(days=31), part=part))[2]


@pytest.mark.parametrize(
    ("hour", "part"),
    [(3, "evening"), (4, "morning"), (11, "morning"), (12, ""), (15, ""), (16, "evening"), (23, "evening")],
)
def test_a_part_of_the_day_goes_by_the_clock_of_where_it_was_measured(hour: int, part: str) -> None:
    at = datetime(2026, 3, 8, hour, 59, tzinfo=NEW_YORK)
    one = pressure(at)
    assert [name for name in parts.OF_DAY if parts.is_of(one, name)] == [name for name in (part,) if name]
    assert parts.is_of(one, "")


async def test_the_database_finds_the_same_ones_on_a_day_when_clocks_change(home: AtHome) -> None:
    start = datetime(2026, 3, 7, 5, tzinfo=UTC)
    for hours in range(56):
        with clock.frozen_at(start + timedelta(hours=hours, minutes=30)):
            await home.log("blood_pressure", str(100 + hours), "70")
    with clock.frozen_at(start + timedelta(days=3)):
        kept = await home.kept("blood_pressure")
        for part in ("", *parts.OF_DAY):
            wanted = [one.id for one in kept if parts.is_of(one, part)]
            async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
                found = [
                    await service.reading_at(tx, "blood_pressure", since=start, place=place, part=part)
                    for place in range(len(wanted) + 1)
                ]
            assert [one and one.id for one in found] == [*wanted, None]


async def test_a_pressure_says_mornings_beside_evenings_and_each_by_itself_has_its_own_average(home: AtHome) -> None:
    with clock.frozen_at(NOON + timedelta(hours=11)):
        for day in range(3):
            for hours, value in ((-4, "120"), (8, "140"), (2, "170")):
                at = NOON - timedelta(days=day) + timedelta(hours=hours)
                await home.log("blood_pressure", value, "80", taken_at=at)
        whole, morning = await seen(home, "blood_pressure", ""), await seen(home, "blood_pressure", "morning")
    assert whole
    assert morning
    assert [one.value for one in whole.halves] == [Decimal(120), Decimal(140)]
    assert (len(morning.found), morning.average.value, morning.average.is_by_rule) == (3, Decimal(120), False)
    assert (morning.meaning.finding, whole.meaning.finding, morning.halves) == ("raised", "high", ())
    with i18n.use("en"):
        lead = reading_rows.lead_of(whole)
        assert lead["halves"] == "On average in the morning: 120/80, in the evening: 140/80."
        lead = reading_rows.lead_of(morning)
        assert (lead["lead"], lead["halves"]) == ("Average of the last 7 days · Morning", "")
        assert lead["basis"] == "Only these readings of the last 7 days count in it: 3."
        assert reading_rows.sentence_of(morning, morning.found).startswith("Readings of the morning, from 4 am")
    with i18n.use("ar"):  # a number is not read together with that of the date after it
        assert "\u2068120/80 mmHg\u2069." in reading_rows.sentence_of(morning, morning.found)


async def test_one_half_alone_says_that_there_is_too_little_of_the_other(home: AtHome) -> None:
    with clock.frozen_at(NOON):
        for day in range(3):
            await home.log("blood_pressure", "120", "80", taken_at=NOON - timedelta(days=day, hours=4))
        found = await seen(home, "blood_pressure", "")
    assert found
    with i18n.use("en"):
        said = saying.halves_words(found.halves, "blood_pressure", "mm[Hg]")
    assert said == "On average in the morning: 120/80, in the evening: too few."


async def test_a_context_of_glucose_is_seen_by_itself_in_the_unit_of_all(home: AtHome) -> None:
    await home.log("glucose", "99", unit="mg/dL", context="fasting", minutes=-60)
    await home.log("glucose", "8.1", unit="mmol/L", context="after_meal")
    found = await seen(home, "glucose", "fasting")
    assert found
    assert ([saying.reading_words(one) for one in found.found], found.part) == (["5.5 mmol/L"], "fasting")
    assert await seen(home, "glucose", "bedtime") is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"what": "pulse", "of": "morning"}, Asked("pulse", "month", "morning")),
        ({"what": "glucose", "of": "morning"}, Asked("glucose", "month", "")),
        ({"what": "glucose", "of": "fasting", "period": "year"}, Asked("glucose", "year", "fasting")),
        ({"what": "steps", "of": "evening"}, Asked("steps", "month", "")),
        ({"what": "x", "of": "'; drop table reading"}, Asked("blood_pressure", "month", "")),
    ],
)
def test_an_address_asks_for_what_there_is(asked: dict[str, str], found: Asked) -> None:
    assert asked_for(asked) == found
    again = dict(part.split("=") for part in found.query.split("&"))
    assert asked_for(again) == found


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_the_first_look_links_each_choice_and_keeps_the_other(home: AtHome, locale: str) -> None:
    await home.log("weight", "72")
    asked = {"what": "weight", "period": "year", "of": ""}
    with i18n.use(locale):
        async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
            found = await reading_page.first_look(tx, asked)
        assert found
        here = i18n.localized_path(locale, "/vitals/see?what=weight")
        assert [one["href"] for one in found[0]["parts"]] == [
            f"{here}&period=year", f"{here}&period=year&of=morning", f"{here}&period=year&of=evening",
        ]  # fmt: skip
        assert [one["here"] for one in found[0]["periods"]] == ["", "", "yes"]
