"""Which questions are asked, given the answers so far (FHIR R4 Questionnaire.item.enableWhen).

An answer to a question that is itself not asked counts as none. "!=" is true where no answer is equal, so also where
there is none; what depends on a question that is not there yet should ask with "exists" too. `assets/form_rules.js`
decides the same in the browser; tests/vectors/forms.json holds both to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from portal_app.features.intake.items import REPETITIONS, SEPARATOR, Answers, Item, Questionnaire

_ORDER: Final = {
    ">": lambda sign: sign > 0, "<": lambda sign: sign < 0, ">=": lambda sign: sign >= 0, "<=": lambda sign: sign <= 0,
}  # fmt: skip
_NUMBERS: Final = frozenset({"integer", "decimal", "quantity"})


@dataclass(frozen=True, slots=True)
class Place:
    """An item where it stands: inside repetitions, one and the same item has several."""

    key: str
    item: Item
    scope: str
    """What the keys of its neighbours begin with."""


class Sheet:
    """A questionnaire and answers to it, walked together."""

    def __init__(self, questionnaire: Questionnaire, answers: Answers) -> None:
        """Remember both; nothing is looked at yet."""
        self._items = {item.link_id: item for item in questionnaire.every()}
        self._top = questionnaire.items
        self._answers = answers
        self._parents = _parents(questionnaire.items)
        self._known: dict[tuple[str, str], bool] = {}

    def places(self) -> Iterator[Place]:
        """Yield what is asked or shown, in the order of the form."""
        yield from self._walk(self._top, "")

    def values(self, place: Place) -> Sequence[Any]:
        """Return the answer at a place, or what it begins with."""
        return self._values(place.item, place.scope)

    def _walk(self, items: Sequence[Item], scope: str) -> Iterator[Place]:
        for item in items:
            if not self._is_enabled(item, scope):
                continue
            yield Place(scope + item.link_id, item, scope)
            if item.type == "group" and item.repeats:
                for number in range(self._count(item, scope)):
                    yield from self._walk(item.items, f"{scope}{item.link_id}{SEPARATOR}{number}{SEPARATOR}")
            else:
                yield from self._walk(item.items, scope)

    def _count(self, group: Item, scope: str) -> int:
        given = self._answers.get(scope + group.link_id) or [1]
        return min(max(given[0], 1), REPETITIONS) if isinstance(given[0], int) else 1

    def _values(self, item: Item, scope: str) -> Sequence[Any]:
        given = self._answers.get(scope + item.link_id)
        return item.initial if given is None else given

    def _is_enabled(self, item: Item, scope: str) -> bool:
        known = (item.link_id, scope)
        if known not in self._known:
            self._known[known] = self._is_below_answer(item, scope) and self._holds(item, scope)
        return self._known[known]

    def _is_below_answer(self, item: Item, scope: str) -> bool:
        """Tell whether the question above, if any, is answered; a mere display is shown all the same."""
        parent = self._parents.get(item.link_id)
        return parent is None or not parent.is_question() or item.type == "display" or bool(self._values(parent, scope))

    def _holds(self, item: Item, scope: str) -> bool:
        if not item.when:
            return True
        held = (
            _compare(one.operator, one.answer, self._items[one.question].type, self._seen(one.question, scope))
            for one in item.when
        )
        return any(held) if item.is_any else all(held)

    def _seen(self, question: str, scope: str) -> Sequence[Any]:
        """Return the answer to a question in the same repetition, or outside of it; none if it is not asked."""
        item, scopes = self._items[question], _scopes(scope)
        found = scopes[len(scopes) - 1 - self._depth(item)]
        return self._values(item, found) if self._is_reached(item, found) else ()

    def _depth(self, item: Item) -> int:
        """Return how many repeating groups an item stands in."""
        parent = self._parents.get(item.link_id)
        return 0 if parent is None else self._depth(parent) + (parent.type == "group" and parent.repeats)

    def _is_reached(self, item: Item, scope: str) -> bool:
        parent = self._parents.get(item.link_id)
        is_repeated = parent is not None and parent.type == "group" and parent.repeats
        above = _scopes(scope)[1] if is_repeated else scope
        return self._is_enabled(item, scope) and (parent is None or self._is_reached(parent, above))


def _parents(items: Sequence[Item], parent: Item | None = None) -> Mapping[str, Item]:
    found: dict[str, Item] = {}
    for item in items:
        if parent is not None:
            found[item.link_id] = parent
        found.update(_parents(item.items, item))
    return found


def _scopes(scope: str) -> list[str]:
    """Return a scope and those around it, the innermost first; the last is the whole form's, which is empty."""
    found = [scope]
    while scope:
        group = scope.rstrip(SEPARATOR).rsplit(SEPARATOR, 2)
        scope = group[0] + SEPARATOR if len(group) == 3 else ""
        found.append(scope)
    return found


def _compare(operator: str, expected: Any, kind: str, values: Sequence[Any]) -> bool:
    if operator == "exists":
        return bool(values) is expected
    if operator == "=":
        return any(is_same(kind, one, expected) for one in values)
    if operator == "!=":
        return not any(is_same(kind, one, expected) for one in values)
    return any((sign := order(kind, one, expected)) is not None and _ORDER[operator](sign) for one in values)


def is_same(kind: str, one: Any, other: Any) -> bool:
    """Tell whether two values of a type are equal; references by what they lead to, else by what it is called."""
    if kind == "reference":
        return _is_same_thing(one, other)
    return order(kind, one, other) == 0 if kind in _NUMBERS or kind == "dateTime" else bool(one == other)


def _is_same_thing(one: Any, other: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    part = "reference" if one.get("reference") and other.get("reference") else "display"
    return bool(one.get(part) == other.get(part))


def order(kind: str, one: Any, other: Any) -> int | None:
    """Return which of two values is larger as -1, 0 or 1; None where they cannot be compared."""
    try:
        if kind == "quantity":
            if other.get("unit") and one.get("unit") != other["unit"]:
                return None
            one, other = one["value"], other["value"]
        if kind in _NUMBERS:
            one, other = Decimal(one), Decimal(other)
        elif kind == "dateTime":
            one, other = datetime.fromisoformat(one), datetime.fromisoformat(other)
        elif kind in ("date", "time"):  # of different precision: as far as both go
            length = min(len(one), len(other))
            one, other = one[:length], other[:length]
        return int(one > other) - int(one < other)
    except (TypeError, ValueError, ArithmeticError, AttributeError, KeyError):
        return None
