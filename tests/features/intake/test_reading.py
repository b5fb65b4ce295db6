"""Questionnaires from elsewhere: what is refused, and where it says so."""

import contextlib
import copy
import json
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from portal_app.features.intake.checking import problems_of
from portal_app.features.intake.items import Problem
from portal_app.features.intake.parsing import QuestionnaireRefused, read_questionnaire
from portal_app.features.intake.patterns import is_safe, matches
from portal_app.features.intake.sheets import sheet_of

BASE = "http://hl7.org/fhir/StructureDefinition/"


def written(*items: Any, **more: Any) -> str:
    head = {"resourceType": "Questionnaire", "url": "urn:test", "version": "1", "title": "A form"}
    return json.dumps(head | {"item": list(items)} | more)


def item(link_id: str = "a", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": "string", "text": "Words"} | more


def refused(text: str) -> list[Problem]:
    with pytest.raises(QuestionnaireRefused) as raised:
        read_questionnaire(text)
    return list(raised.value.problems)


def when(question: str, operator: str = "=", **answer: Any) -> dict[str, Any]:
    return {"question": question, "operator": operator} | (answer or {"answerString": "x"})


@pytest.mark.parametrize(
    ("bad", "at", "code"),
    [
        (item(type="slider"), "Questionnaire.item[0].type", "type"),
        (item(link_id="two words"), "Questionnaire.item[0].linkId", "link_id"),
        (item(text="<img src=x onerror=alert(1)>"), "Questionnaire.item[0].text", "markup"),
        (item(text="turned \u202e round"), "Questionnaire.item[0].text", "markup"),
        (item(text="x" * 20_001), "Questionnaire.item[0].text", "text_too_long"),
        (item(type="choice"), "Questionnaire.item[0].answerOption", "options"),
        (item(type="choice", answerOption=[{"valueString": "x"}] * 2), "Questionnaire.item[0].answerOption",
         "same_option_twice"),
        (item(type="choice", answerValueSet="http://example.org/codes"), "Questionnaire.item[0].answerValueSet",
         "options"),
        (item(enableWhen=[when("gone")]), "Questionnaire.item[0].enableWhen", "unknown_question"),
        (item(enableWhen=[when("a")]), "Questionnaire.item[0].enableWhen", "circle"),
        (item(enableWhen=[when("a", "~")]), "Questionnaire.item[0].enableWhen[0]", "condition"),
        (item(enableWhen=[when("a", answerBoolean=True, answerString="x")]), "Questionnaire.item[0].enableWhen[0]",
         "condition"),
        (item(enableWhen=[when("a"), when("b")]), "Questionnaire.item[0].enableBehavior", "missing"),
        (item(maxLength=-1), "Questionnaire.item[0].maxLength", "limit"),
        (item(extension=[{"url": f"{BASE}regex", "valueString": "(a+)+$"}]), "Questionnaire.item[0].extension(regex)",
         "pattern"),
        (item(extension=[{"url": f"{BASE}questionnaire-supportLink", "valueUri": "javascript:alert(1)"}]),
         "Questionnaire.item[0].extension(supportLink)", "link"),
        (item(extension=[{"url": "urn:sala:sum", "valueString": "gone"}]), "Questionnaire.item[0].extension(sum)",
         "nothing_to_sum"),
        (item(repeats=True, item=[item("b")]), "Questionnaire.item[0].item", "below_repeated"),
        ("text", "Questionnaire.item[0]", "no_item"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_or_trusted_is_refused_where_it_stands(bad: Any, at: str, code: str) -> None:
    assert refused(written(bad)) == [Problem(at, code)]


def test_a_circle_over_several_questions_is_found() -> None:
    around = [item(f"q{n}", enableWhen=[when(f"q{(n + 1) % 400}")]) for n in range(400)]
    assert [one.code for one in refused(written(*around))] == ["circle"]


def test_five_thousand_items_deep_nesting_and_great_size_are_refused() -> None:
    nested: dict[str, Any] = item("last")
    for n in range(100):
        nested = item(f"g{n}", type="group", item=[nested])
    assert refused(written(*(item(f"q{n}") for n in range(5000))))[0].code == "too_many_items"
    assert [one.code for one in refused(written(nested))] == ["too_deep"]
    assert [one.code for one in refused("[" * 200_000)] == ["no_json"]
    assert [one.code for one in refused(" " * 1_000_001)] == ["too_large"]


@pytest.mark.parametrize("given", ["", "7", "[]", '{"resourceType": "Patient"}', '{"resourceType": "Questionnaire"}'])
def test_what_is_no_questionnaire_is_refused(given: str) -> None:
    assert refused(given)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a|a)*", "a**", "(a*)*b", "\\d*\\d*\\d*x", "a{0,99}a{0,99}a{0,99}", "(?=a)b", "\\1", "(a", "[a", "é",
     "a" * 201, "((((a))))", "a?" * 20, "\\p{L}", "a{2}{3}", "(?<n>a)", "|" * 200 + "a*b*"],
)  # fmt: skip
def test_a_pattern_that_could_run_for_ever_is_refused(pattern: str) -> None:
    assert not is_safe(pattern)


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [("^\\d{5}(-\\d{4})?$", "12345-6789", "1234"), ("[A-Z]{2}\\d+", "AB1", "A1"), ("a|bc", "bc", "abc"),
     ("(?:mon|tue)day", "monday", "day"), ("[^@ ]+@[^@ ]+", "a@b", "ab")],
)  # fmt: skip
def test_an_ordinary_pattern_is_taken(pattern: str, fits: str, fails: str) -> None:
    assert is_safe(pattern)
    assert matches(pattern, fits)
    assert not matches(pattern, fails)


def test_a_form_is_offered_only_in_languages_in_which_nothing_is_missing() -> None:
    def said(name: str, text: str) -> dict[str, Any]:
        parts = [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": text}]
        return {f"_{name}": {"extension": [{"url": f"{BASE}translation", "extension": parts}]}}

    whole = written(item(**said("text", "Palabras")), **said("title", "Un formulario"))
    half = written(item(**said("text", "Palabras")), item("b"), **said("title", "Un formulario"))
    assert read_questionnaire(whole).languages() == {"en", "es"}
    assert read_questionnaire(half).languages() == {"en"}


def test_an_expression_is_told_of_and_not_run() -> None:
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
    form = read_questionnaire(written(item(extension=[{"url": url, "valueExpression": {"expression": "1"}}])))
    assert form.notes == (Problem("Questionnaire.item[0]", "expression_unused"),)


def test_a_form_without_a_version_is_told_from_the_next_one_by_its_words() -> None:
    one, same, other = (read_questionnaire(written(item(text=text), version=None)) for text in ("A?", "A?", "B?"))
    assert (one.version, one.canonical) == (same.version, one.url)
    assert one.version != other.version
    assert one.notes == (Problem("Questionnaire.version", "no_version"),)
    assert read_questionnaire(written(item(), version="2")).canonical == f"{one.url}|2"


def test_a_unit_without_words_is_shown_by_its_code() -> None:
    unit = {"url": f"{BASE}questionnaire-unit", "valueCoding": {"system": "http://unitsofmeasure.org", "code": "kg"}}
    (asked,) = read_questionnaire(written(item(type="quantity", extension=[unit]))).items
    assert [(one.key, one.words) for one in asked.units] == [("kg", {"en": "kg"})]


RICH = Path(__file__).parents[3] / "portal_app/features/intake/library"
JUNK: tuple[Any, ...] = (None, 7, -1e999, "x", "\ud800", [], [[]], {}, {"a": []}, True, 10**30)


def spots(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*way, name)
        yield from spots(one, (*way, name))


@pytest.mark.parametrize("name", ["audit-c", "phq-2", "consent-treatment", "pain-0-10"])
def test_junk_anywhere_in_a_form_is_refused_or_can_be_drawn(name: str) -> None:
    whole = json.loads((RICH / f"{name}.json").read_text())
    for *way, last in list(spots(whole)):
        for junk in JUNK:
            form = copy.deepcopy(whole)
            holder = reduce(lambda at, one: at[one], way, form)
            holder[last] = junk
            with contextlib.suppress(QuestionnaireRefused):
                read = read_questionnaire(json.dumps(form))
                json.dumps(sheet_of(read, "es"), ensure_ascii=False).encode()
                assert problems_of(read, {})


@pytest.mark.parametrize(
    ("bad", "at", "code"),
    [
        ({"url": "x" * 256}, "Questionnaire.url", "url"),
        ({"url": "urn:two words"}, "Questionnaire.url", "url"),
        ({"version": ["1"]}, "Questionnaire.version", "version"),
        ({"item": None}, "Questionnaire.item", "missing"),
        ({"title": "<b>Bold</b>"}, "Questionnaire.title", "markup"),
        ({"extension": [{"url": "urn:sala:crisis-line", "valueString": "javascript:1"}]},
         "Questionnaire.extension(crisis-line)", "number"),
    ],
)  # fmt: skip
def test_a_head_that_cannot_be_trusted_is_refused(bad: dict[str, Any], at: str, code: str) -> None:
    assert Problem(at, code) in refused(written(item(), **bad))


def test_a_condition_that_is_wrong_deep_down_is_said_with_its_whole_path() -> None:
    group = item("g", type="group", item=[item("b"), item("c", enableWhen=[when("gone")])])
    assert refused(written(item(), group)) == [Problem("Questionnaire.item[1].item[1].enableWhen", "unknown_question")]
