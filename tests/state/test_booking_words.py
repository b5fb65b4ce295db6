"""Times in the middle of sentences, in every language."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from portal_app.core import clock, i18n
from portal_app.state import booking_words as words

ZONE = "America/New_York"
# The year is not said when it is this one.
NOON = datetime(date.today().year, 6, 10, 16, 0, tzinfo=UTC)  # noqa: DTZ011 - see above


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with clock.frozen_at(NOON):
        yield


@pytest.mark.parametrize(("days", "said"), [(0, "today at 12:00"), (1, "tomorrow at 12:00")])
def test_today_and_tomorrow_have_small_letters_inside_an_english_sentence(days: int, said: str) -> None:
    with i18n.use("en"):
        assert f"until {said}" in words.change_until_words(NOON + timedelta(days=days), ZONE)


@pytest.mark.parametrize("days", [0, 1, 5])
def test_a_spanish_line_begins_with_a_capital(days: int) -> None:
    with i18n.use("es"):
        assert words.moment_words(NOON + timedelta(days=days), ZONE)[0].isupper()


def test_a_spanish_weekday_is_small_inside_a_sentence_and_its_hour_needs_no_article() -> None:
    with i18n.use("es"):
        said = words.change_until_words(NOON + timedelta(days=5, hours=1), ZONE)
        weekday = i18n.format_weekday((NOON + timedelta(days=5)).date())

    assert f"hasta el {weekday}, 15 de junio, 1:00" in said
    assert "a las" not in said
    assert not said.endswith("..")


@pytest.mark.parametrize(
    ("minutes", "said"), [(1, "دقيقة واحدة"), (2, "دقيقتان"), (3, "3 دقائق"), (11, "11 دقيقة"), (100, "100 دقيقة")]
)
def test_arabic_counts_minutes_in_all_its_forms(minutes: int, said: str) -> None:
    with i18n.use("ar"):
        assert words.duration_words(NOON, NOON + timedelta(minutes=minutes)) == said


def test_a_latin_name_keeps_its_direction_beside_an_arabic_time() -> None:
    with i18n.use("ar"):
        assert words.together("Sam Lindqvist", "9:20 ص") == "\u2068Sam Lindqvist\u2069، \u20689:20 ص\u2069"


@pytest.mark.parametrize(
    ("first", "second", "said"), [("Elm St", "Ohio", "Elm St, Ohio"), ("", "Ohio", "Ohio"), ("", "", "")]
)
def test_a_comma_stands_between_two_things_alone(first: str, second: str, said: str) -> None:
    with i18n.use("en"):
        assert words.together(first, second) == said
