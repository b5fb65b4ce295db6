"""Readings on paper: what leads, the highest and the lowest, each of them, in the language of the page."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from portal_app.core import clock, i18n
from portal_app.core.errors import NotFound
from portal_app.features.vitals import paper
from portal_app.features.vitals import service as vitals
from tests.factories import open_practice
from tests.features.vitals.conftest import AtHome


@pytest.fixture
async def measured(home: AtHome) -> AtHome:
    await open_practice(home.database)
    for minutes, upper in ((-3000, "128"), (-1500, "151"), (-10, "119")):
        await home.log("blood_pressure", upper, "79", minutes=minutes, note="after a walk")
    return home


async def words_of(home: AtHome, measure: str, locale: str, part: str = "") -> str:
    with i18n.use(locale):
        async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
            file = await paper.readings_paper(tx, measure, 31, part)
    document = pypdfium2.PdfDocument(file.content)
    return " ".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_paper_says_the_highest_the_lowest_and_each_reading(measured: AtHome, locale: str) -> None:
    words = await words_of(measured, "blood_pressure", locale)
    with i18n.use(locale):
        title = i18n._("Blood pressure")
    assert all(one in words for one in ("128/79", "151/79", "119/79", "Riverside", "Maria"))
    assert words.count("walk") == 3
    assert title.split()[0] in words


async def test_paper_has_each_reading_as_it_was_entered_and_in_the_unit_of_now(measured: AtHome) -> None:
    await measured.log("weight", "160.20", unit="[lb_av]", minutes=-1500)
    await measured.log("weight", "71.50", unit="kg")
    words = await words_of(measured, "weight", "en")
    assert "160.20 lb (72.7 kg)" in words
    assert (words.count("72.7 kg"), words.count("71.50 kg")) == (2, 2)  # in the list, and as highest and lowest


@pytest.mark.parametrize(("part", "said"), [("morning", 2), ("evening", 1), ("soul", 3)])
async def test_paper_is_of_a_part_of_the_day_where_this_is_looked_at(measured: AtHome, part: str, said: int) -> None:
    noon = datetime(2026, 3, 20, 12, tzinfo=ZoneInfo("America/New_York"))
    with clock.frozen_at(noon + timedelta(hours=11)):
        for hours in (-3, -2, 9):
            await measured.log("pulse", "70", taken_at=noon + timedelta(hours=hours))
        words = await words_of(measured, "pulse", "en", part)
    assert f"{said} reading" in words
    assert ("Readings of the " in words) == (part != "soul")


async def test_paper_says_how_many_were_only_counted(measured: AtHome) -> None:
    for _ in range(vitals.HOURLY_MOST - 1):
        await measured.log("blood_pressure", "118", "76")
    async with measured.database.act_as(measured.patient.credential, "vitals.log") as tx:
        new = vitals.NewReading("blood_pressure", "mm[Hg]", Decimal(117), uuid4(), pair=Decimal(75))
        with pytest.raises(vitals.ReadingCounted):
            await vitals.log_reading(tx, new)
    assert "1 more reading between" in await words_of(measured, "blood_pressure", "en")


async def test_there_is_no_paper_of_nothing(measured: AtHome) -> None:
    for measure in ("pulse", "soul"):
        with pytest.raises(NotFound):
            await words_of(measured, measure, "en")


async def test_one_goes_from_reading_to_reading_and_not_beyond(measured: AtHome) -> None:
    kept = await measured.kept("blood_pressure")
    async with measured.database.act_as(measured.patient.credential, "vitals.see") as tx:
        found = [
            await vitals.reading_at(tx, "blood_pressure", since=kept[-1].taken_at, place=place) for place in range(4)
        ]
    assert found == [*kept, None]
