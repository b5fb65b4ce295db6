"""Whether answers can be taken: each as it is given, and all of them together when the form is sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal_app.features.intake.enabling import Place, Sheet
from portal_app.features.intake.items import REPETITIONS, SEPARATOR, Answers, Item, Problem, Questionnaire
from portal_app.features.intake.values import fault_of


def find_item(questionnaire: Questionnaire, key: str) -> Item | None:
    """Return the item that a key names, None if there is none: each group before it repeats, and not too often."""
    *scope, link_id = key.split(SEPARATOR)
    if len(scope) % 2:
        return None
    items: Sequence[Item] = questionnaire.items
    for group, number in zip(scope[::2], scope[1::2], strict=True):
        found = _in(items, group)
        if found is None or not (found.type == "group" and found.repeats) or number not in _NUMBERS:
            return None
        items = found.items
    return _in(items, link_id)


_NUMBERS = frozenset(map(str, range(REPETITIONS)))


def _in(items: Sequence[Item], link_id: str) -> Item | None:
    """Return an item of a scope: below groups too, but not inside what repeats."""
    for item in items:
        if item.link_id == link_id:
            return item
        is_repeated = item.type == "group" and item.repeats
        if not is_repeated and (found := _in(item.items, link_id)) is not None:
            return found
    return None


def fault_of_answer(item: Item | None, values: Sequence[Any]) -> str:
    """Return why an answer cannot be kept at all, or nothing; whether its question is asked counts when it is sent."""
    if item is None:
        return "unknown"
    if item.type == "group" and item.repeats:
        is_count = len(values) == 1 and isinstance(values[0], int) and not isinstance(values[0], bool)
        return "" if is_count and 1 <= values[0] <= REPETITIONS else "type"
    if not item.is_question():
        return "unknown"
    if not item.is_asked():
        return "read_only"
    if len(values) > (REPETITIONS if item.repeats else 1):
        return "too_many"
    return next((fault for one in values if (fault := fault_of(item, one))), "") or _exclusive(item, values)


def _exclusive(item: Item, values: Sequence[Any]) -> str:
    alone = {one.key for one in item.options if one.is_exclusive}
    return "too_many" if len(values) > 1 and any(isinstance(one, str) and one in alone for one in values) else ""


def problems_of(questionnaire: Questionnaire, answers: Answers) -> list[Problem]:
    """Return what stands in the way of sending these answers, in the order of the form; `blank` if there are none."""
    found = [
        Problem(key, fault)
        for key, values in answers.items()
        if (fault := fault_of_answer(find_item(questionnaire, key), values))
    ]
    if found:
        return found
    sheet = Sheet(questionnaire, answers)
    asked = [place for place in sheet.places() if place.item.is_asked()]
    if asked and not any(answers.get(place.key) for place in asked):
        return [Problem("", "blank")]
    return [
        Problem(place.key, "missing") for place in _required(sheet) if place.item.is_asked() and not sheet.values(place)
    ]


def _required(sheet: Sheet) -> list[Place]:
    return [place for place in sheet.places() if place.item.required and place.item.is_question()]


def sent(questionnaire: Questionnaire, answers: Answers) -> dict[str, Sequence[Any]]:
    """Return the answers that are sent: those to what is asked, and no longer the hidden ones of the draft."""
    sheet = Sheet(questionnaire, answers)
    kept: dict[str, Sequence[Any]] = {}
    for place in sheet.places():
        is_repeated = place.item.type == "group" and place.item.repeats
        if is_repeated and (count := answers.get(place.key)):
            kept[place.key] = count
        elif place.item.is_question() and (values := sheet.values(place)):
            kept[place.key] = values
    return kept


def totals(questionnaire: Questionnaire, answers: Answers) -> Mapping[str, int | None]:
    """Return the sum of each item that is one, by linkId; None where a question of it was asked and not answered.

    A question that was not asked, because of another answer, counts nothing (AUDIT-C after "Never"); one of which
    several answers were chosen counts all of them.
    """
    sheet = Sheet(questionnaire, answers)
    asked = {place.key: place for place in sheet.places()}
    found: dict[str, int | None] = {}
    for item in questionnaire.every():
        if item.sum_of and item.link_id in asked:
            weights = [_weight(asked[part].item, sheet.values(asked[part])) for part in item.sum_of if part in asked]
            known = [one for one in weights if one is not None]
            found[item.link_id] = sum(known) if len(known) == len(weights) else None
    return found


def _weight(item: Item, values: Sequence[Any]) -> int | None:
    weights = _weights(item, values)
    return sum(weights) if weights else None


def _weights(item: Item, values: Sequence[Any]) -> list[int]:
    return [one.weight for one in item.options if one.key in values and one.weight is not None]


def urgent(questionnaire: Questionnaire, answers: Answers) -> list[str]:
    """Return the keys of answers that cannot wait (PHQ-9 item 9 from "several days" on)."""
    sheet = Sheet(questionnaire, answers)
    return [place.key for place in sheet.places() if is_urgent(place.item, sheet.values(place))]


def is_urgent(item: Item, values: Sequence[Any]) -> bool:
    """Tell whether one answer cannot wait, whatever else was answered."""
    return item.urgent_from is not None and max(_weights(item, values), default=0) >= item.urgent_from
