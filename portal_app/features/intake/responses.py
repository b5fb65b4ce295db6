"""A FHIR R4 QuestionnaireResponse: made of answers, and read back into them."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from portal_app.features.intake.checking import fault_of_answer, find_item, sent, totals
from portal_app.features.intake.enabling import Sheet
from portal_app.features.intake.items import (
    REPETITIONS,
    SEPARATOR,
    Answers,
    Item,
    Problem,
    Questionnaire,
    file_of,
    said,
)
from portal_app.features.intake.values import Exact, plain, to_fhir

_MARK: Final = "\ue000"
_MARKED: Final = re.compile(rf'"{_MARK}([^"]*)"')


def response_of(
    questionnaire: Questionnaire,
    answers: Answers,
    *,
    response_id: UUID,
    patient_id: UUID,
    locale: str,
    authored: datetime,
) -> str:
    """Return the JSON of a completed response, its groups and questions as in the questionnaire."""
    kept: dict[str, Sequence[Any]] = with_files(questionnaire, sent(questionnaire, answers), response_id)
    kept |= {link: [total] for link, total in totals(questionnaire, answers).items() if total is not None}
    resource = {
        "resourceType": "QuestionnaireResponse",
        "id": str(response_id),
        "language": locale,
        "questionnaire": questionnaire.canonical,
        "status": "completed",
        "subject": {"reference": f"Patient/{patient_id}"},
        "authored": authored.isoformat(timespec="seconds"),
        "item": _Writer(questionnaire, kept, locale).items(questionnaire.items, ""),
    }
    return _MARKED.sub(r"\1", json.dumps(_marked(resource), ensure_ascii=False))


def with_files(questionnaire: Questionnaire, answers: Answers, response_id: UUID) -> dict[str, Sequence[Any]]:
    """Return answers that name, where a file was sent, the file itself in place of the key it came under."""
    found = dict(answers)
    for key, values in answers.items():
        item = find_item(questionnaire, key)
        if item is not None and item.type == "attachment":
            found[key] = [one | {"file": str(file_of(response_id, one["file"]))} for one in values]
    return found


def _marked(value: Any) -> Any:
    if isinstance(value, Exact):
        return _MARK + value
    if isinstance(value, dict):
        return {name: _marked(one) for name, one in value.items()}
    return [_marked(one) for one in value] if isinstance(value, list) else value


class _Writer:
    def __init__(self, questionnaire: Questionnaire, kept: Answers, locale: str) -> None:
        self._base, self._kept, self._locale = questionnaire.language, kept, locale
        self._shown = {place.key for place in Sheet(questionnaire, kept).places()}

    def items(self, items: Sequence[Item], scope: str) -> list[dict[str, Any]]:
        found = []
        for item in items:
            if scope + item.link_id in self._shown and item.type != "display":
                found.extend(self._item(item, scope))
        return found

    def _item(self, item: Item, scope: str) -> list[dict[str, Any]]:
        key, text = scope + item.link_id, said(item.words, self._locale, self._base)
        named = {"linkId": item.link_id, **({"text": text} if text else {})}
        if item.type != "group":
            answers: list[dict[str, Any]] = [dict(to_fhir(item, one)) for one in self._kept.get(key, ())]
            below = self.items(item.items, scope)
            if answers and below:
                answers[0]["item"] = below
            return [{**named, "answer": answers}] if answers else []
        count = (self._kept.get(key) or [1])[0] if item.repeats else 1
        scopes = [f"{key}{SEPARATOR}{n}{SEPARATOR}" for n in range(count)] if item.repeats else [scope]
        groups = [self.items(item.items, one) for one in scopes]
        return [{**named, "item": group} for group in groups if group]


def read_response(questionnaire: Questionnaire, written: str) -> tuple[dict[str, list[Any]], list[Problem]]:
    """Return the answers of a response from elsewhere, and what of it answers nothing of this version."""
    try:
        resource = json.loads(written, parse_float=str)
    except (ValueError, RecursionError):
        return {}, [Problem("QuestionnaireResponse", "no_json")]
    if not isinstance(resource, dict) or resource.get("resourceType") != "QuestionnaireResponse":
        return {}, [Problem("QuestionnaireResponse", "no_response")]
    if resource.get("questionnaire") != questionnaire.canonical:
        return {}, [Problem("QuestionnaireResponse.questionnaire", "another_version")]
    reader = _Reader(questionnaire)
    reader.items(resource.get("item"), "", 0)
    return reader.answers, reader.problems


class _Reader:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self.answers: dict[str, list[Any]] = {}
        self.problems: list[Problem] = []

    def items(self, given: Any, scope: str, depth: int) -> None:
        counts: dict[str, int] = {}
        for one in given if isinstance(given, list) and depth < 20 else ():
            link = one.get("linkId") if isinstance(one, dict) else None
            item = find_item(self._questionnaire, f"{scope}{link}") if isinstance(link, str) else None
            if item is None:
                self.problems.append(Problem(f"{scope}{link}", "unknown"))
            elif item.type == "group":
                self._group(item, one, scope, depth, counts)
            elif not item.sum_of:
                self._question(item, one, scope, depth)

    def _group(self, item: Item, given: Mapping[str, Any], scope: str, depth: int, counts: dict[str, int]) -> None:
        key, number = scope + item.link_id, counts.get(item.link_id, 0)
        counts[item.link_id] = number + 1
        if not item.repeats:
            self.items(given.get("item"), scope, depth + 1)
        elif number < REPETITIONS:
            self.answers[key] = [number + 1]
            self.items(given.get("item"), f"{key}{SEPARATOR}{number}{SEPARATOR}", depth + 1)
        else:
            self.problems.append(Problem(key, "too_many"))

    def _question(self, item: Item, given: Mapping[str, Any], scope: str, depth: int) -> None:
        key, listed = scope + item.link_id, given.get("answer")
        listed = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        values = [_value(item, one) for one in listed]
        fault = "used_twice" if key in self.answers else fault_of_answer(item, values)
        if fault:
            self.problems.append(Problem(key, fault))
            return
        self.answers[key] = values
        for one in listed:
            self.items(one.get("item"), scope, depth + 1)


def _value(item: Item, given: Mapping[str, Any]) -> Any:
    name = next((one for one in given if one.startswith("value")), "")
    value = plain(given.get(name), name.removeprefix("value"))
    if item.type == "open-choice" and name == "valueString" and value not in {one.key for one in item.options}:
        return {"text": value}
    return value
