"""What may be written, picked and charged, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from portal_app.core import i18n
from portal_app.features.billing.rules import telehealth_codes
from portal_app.features.notes import rules
from portal_app.features.notes.sentences import COUNTED, PLAIN, sentence, when_taken
from portal_app.features.notes.summary import parts_of

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("modality", "place", "modifier", "place_of_service"),
    [
        ("in_person", "clinic", "", "11"),
        ("video", "home", "95", "10"),
        ("video", "elsewhere", "95", "02"),
        ("audio", "home", "93", "10"),
        ("audio", "elsewhere", "93", "02"),
    ],
)
def test_how_a_visit_was_held_says_its_codes(modality: str, place: str, modifier: str, place_of_service: str) -> None:
    codes = telehealth_codes(modality, place)
    assert (codes.modifier, codes.place_of_service) == (modifier, place_of_service)


@pytest.mark.parametrize(("modality", "place"), [("in_person", "home"), ("video", "clinic"), ("video", "")])
def test_a_visit_that_cannot_be_has_no_codes(modality: str, place: str) -> None:
    with pytest.raises(ValueError, match="no such visit"):
        telehealth_codes(modality, place)


def test_every_sentence_that_can_be_picked_can_be_said() -> None:
    for part, items in rules.ITEMS.items():
        for item in items:
            numbers = tuple(least for least, _ in item.numbers)
            assert sentence(part, rules.Picked(item.kind, numbers))
    assert not PLAIN.keys() & COUNTED.keys()


@pytest.mark.parametrize(
    ("locale", "count", "said"),
    [
        ("en", 1, "Rest for 1 day."),
        ("en", 3, "Rest for 3 days."),
        ("es", 1, "Descanse 1 día."),
        ("es", 3, "Descanse 3 días."),
        ("ar", 1, "استرح ليوم واحد."),
        ("ar", 2, "استرح ليومين."),
        ("ar", 3, "استرح لمدة 3 أيام."),
        ("ar", 11, "استرح لمدة 11 يومًا."),
    ],
)
def test_numbers_are_said_as_the_language_says_them(locale: str, count: int, said: str) -> None:
    with i18n.use(locale):
        assert sentence("todo", rules.Picked("rest", (count,))) == said


def test_a_form_becomes_a_summary_and_comes_back_from_where_it_is_kept() -> None:
    form = {"found-pressure": "yes", "found-pressure-1": "١٥٠", "found-pressure-2": "95", "call-worse": "yes",
            "again": "weeks", "again-weeks-1": "2", "own-todo": "Walk\u202e daily\r\n"}  # fmt: skip
    summary = rules.read_form(form)
    assert summary.found == (rules.Picked("pressure", (150, 95)),)
    assert summary.own_words == {"todo": "Walk daily"}
    assert summary.is_complete()
    assert rules.from_json(rules.to_json(summary)) == summary


@pytest.mark.parametrize(
    ("form", "where"),
    [
        ({"found-pressure": "yes", "found-pressure-1": "15", "found-pressure-2": "95"}, "found-pressure-1"),
        ({"todo-rest": "yes"}, "todo-rest-1"),
        ({"again": "weeks", "again-weeks-1": "two"}, "again-weeks-1"),
        ({"own-found": "x" * 1001}, "own-found"),
    ],
)
def test_a_number_that_cannot_be_is_named(form: dict[str, str], where: str) -> None:
    with pytest.raises(rules.Refused) as refused:
        rules.read_form(form)
    assert refused.value.where == where


def test_a_medicine_needs_a_name_and_a_time() -> None:
    form = {"medicine": "Amoxicillin", "dose": "500  mg", "time-morning": "yes", "days": "7", "food": "yes",
            "reason": "the ear"}  # fmt: skip
    read = rules.read_medicine(form)
    assert read == rules.Medicine("Amoxicillin", "500 mg", ("morning",), 7, with_food=True, reason="the ear")
    assert when_taken(read)[-1] == "for: the ear"
    assert rules.from_json(rules.to_json(rules.Summary(medicines=(read,)))).medicines == (read,)
    for missing, where in (("medicine", "medicine"), ("time-morning", "times")):
        with pytest.raises(rules.Refused) as refused:
            rules.read_medicine({name: value for name, value in form.items() if name != missing})
        assert refused.value.where == where


def test_hidden_signs_that_turn_words_about_are_taken_out() -> None:
    assert rules.clean("a\u202eb\u2066c\x00d\r\ne", 100, "plan") == "abcd\ne"
    with pytest.raises(rules.Refused):
        rules.clean("x" * 100_000, rules.SECTION_MAX, "plan")


def test_an_end_said_hours_later_is_not_when_it_ended() -> None:
    begins, ends = NOW, NOW + timedelta(minutes=20)
    assert rules.ended_at(begins, ends, NOW + timedelta(minutes=33)) == NOW + timedelta(minutes=33)
    assert rules.ended_at(begins, ends, NOW + timedelta(hours=9)) == ends
    assert rules.ended_at(begins, ends, None) == ends


def test_what_is_signed_has_one_fingerprint() -> None:
    assert rules.text_hash({"a": 1, "b": 2}) == rules.text_hash({"b": 2, "a": 1})
    assert rules.text_hash({"plan": "rest"}) != rules.text_hash({"plan": "rest "})


def test_own_words_keep_their_language_and_warnings_lead_to_the_emergency_number() -> None:
    summary = rules.Summary(warning=(rules.Picked("chest"),), own_words={"found": "All good"})
    with i18n.use("es"):
        parts = {one.name: one for one in parts_of(summary, phone="555", emergency_phone="911", written_in="en")}
    assert parts["found"].lines[0].language == "en"
    assert "911" in parts["warning"].intro
    assert parts["medicines"].lines[0].language == ""
