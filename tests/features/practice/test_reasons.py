"""What people type leads to what they mean, in their language, while they are still typing."""

import pytest

from portal_app.core.i18n import LOCALES
from portal_app.features.practice import reasons


def first(typed: str, locale: str) -> str:
    found = reasons.find_reasons(typed, locale)
    return found[0].code if found else ""


@pytest.mark.parametrize(
    ("locale", "typed", "code"),
    [
        ("en", "knee", "knee"),
        ("en", "my knees hurt", "knee"),
        ("en", "RASH", "rash"),
        ("en", "itchy skin", "rash"),
        ("en", "feeling low", "low_mood"),
        ("en", "I feel so sad", "low_mood"),
        ("en", "flu shot", "vaccine"),
        ("en", "high blood pressure", "pressure"),
        ("es", "rodilla", "knee"),
        ("es", "me duele la rodilla", "knee"),
        ("es", "PICAZON", "rash"),
        ("es", "estoy deprimida", "low_mood"),
        ("es", "presion", "pressure"),
        ("es", "mi hija", "child"),
        ("ar", "ركبة", "knee"),
        ("ar", "ركبتي تؤلمني", "knee"),
        ("ar", "الركبه", "knee"),
        ("ar", "طَفْح", "rash"),
        ("ar", "حزينة", "low_mood"),
        ("ar", "إكتئاب", "low_mood"),
        ("ar", "اذن", "ear"),
        ("en", "rodilla", "knee"),
        ("es", "ركبة", "knee"),
    ],
)
def test_plain_words_lead_to_what_is_meant(locale: str, typed: str, code: str) -> None:
    assert first(typed, locale) == code


@pytest.mark.parametrize(("locale", "word", "code"), [("en", "headache", "headache"), ("es", "sarpullido", "rash")])
def test_the_list_follows_from_the_third_letter_on(locale: str, word: str, code: str) -> None:
    assert {first(word[:length], locale) for length in range(4, len(word) + 1)} == {code}
    assert code in {one.code for one in reasons.find_reasons(word[:3], locale)}


@pytest.mark.parametrize("typed", ["", " ", "x", "qwertz", "my", "el dolor", "🦵", "%", "a" * 10_000])
def test_what_says_nothing_finds_nothing(typed: str) -> None:
    assert reasons.find_reasons(typed, "en") == []


@pytest.mark.parametrize(("locale", "typed"), [("en", "chest pain"), ("es", "suicidio"), ("ar", "ضيق نفس")])
def test_what_cannot_wait_is_marked(locale: str, typed: str) -> None:
    assert reasons.find_reasons(typed, locale)[0].is_urgent


@pytest.mark.parametrize("reason", reasons.REASONS, ids=lambda one: one.code)
def test_each_reason_is_said_in_every_language_found_by_its_name_and_leads_to_known_specialties(
    reason: reasons.Reason,
) -> None:
    assert set(reason.names) == set(reason.words) == set(LOCALES)
    for locale, name in reason.names.items():
        assert first(name, locale) == reason.code
    assert set(reason.specialties) <= set(reasons.SPECIALTIES)
