"""How numbers and lists of languages are written in each language."""

from datetime import UTC, datetime

import pytest

from portal_app.core import i18n


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
def test_numbers_stand_in_the_same_digits_as_dates_and_times(locale: str) -> None:
    with i18n.use(locale):
        assert i18n.format_number(1234.5) == "1,234.5"
        assert "24" in i18n.format_brief_date(datetime(2026, 11, 24, tzinfo=UTC).date())


def test_words_stay_in_one_piece_in_a_sentence_that_is_written_from_right_to_left() -> None:
    assert i18n.apart("107 mg/dL") == "107 mg/dL"
    with i18n.use("ar"):
        assert (i18n.apart("107 mg/dL"), i18n.apart("")) == ("\u2068107 mg/dL\u2069", "")


@pytest.mark.parametrize(("locale", "first"), [("en", "month"), ("es", "day"), ("ar", "day")])
def test_the_parts_of_a_date_are_asked_in_the_order_in_which_it_is_written(locale: str, first: str) -> None:
    with i18n.use(locale):
        assert i18n.date_order()[0] == first


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
@pytest.mark.parametrize(
    ("currency", "decimals", "digits"),
    [("USD", 2, "123.45"), ("JPY", 0, "12,345"), ("KWD", 3, "12.345"), ("IQD", 3, "12.345"), ("YER", 2, "123.45")],
)
def test_no_coin_of_an_amount_is_rounded_away(locale: str, currency: str, decimals: int, digits: str) -> None:
    with i18n.use(locale):
        assert digits in i18n.format_money(12_345, currency, decimals)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
def test_a_time_of_day_stays_in_one_line(locale: str) -> None:
    with i18n.use(locale):
        assert " " not in i18n.format_clock(datetime(2026, 11, 24, 9, 20, tzinfo=UTC), "UTC")


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "English, Igbo"), ("es", "Inglés, igbo"), ("ar", "الإنجليزية، الإيجبو")]
)
def test_languages_are_listed_as_the_language_writes_their_names(locale: str, said: str) -> None:
    with i18n.use(locale):
        assert i18n.language_list(["en", "ig"]) == said
