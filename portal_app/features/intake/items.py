"""A questionnaire as the portal works with it: what is left of a FHIR R4 Questionnaire once it is read and bounded.

A question is named by its *key*: its linkId, and inside a group that repeats the group's key and the number of the
repetition before it, separated by spaces ("medicine 0 dose"). Answers are a mapping of keys to lists of values:

- boolean: true or false; integer: a number; decimal: digits with a point, as text, so that 1.10 stays 1.10
- date, time, dateTime, string, text, url: text; choice: the option's key; open-choice: that, or {"text": ...}
- quantity: {"value": digits, "unit": key of a unit}; a group that repeats: how often, as a number
- attachment: {"file": the key it was sent under, "name": what it is called}; `file_of` says which file that is
- reference: {"display": what it is called} as typed, with "reference" before it ("Practitioner/<id>") if it was chosen
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

Answers = Mapping[str, Sequence[Any]]
"""Values by key; a key with an empty list was answered and emptied again."""

Words = Mapping[str, str]
"""A text by language."""

SEPARATOR: Final = " "
REPETITIONS: Final = 20
"""How often a group may be repeated, and how many answers a repeating question takes."""

TYPES: Final = (
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice",
    "open-choice", "attachment", "reference", "quantity",
)  # fmt: skip
OFFERED: Final = ("Practitioner", "Location")
"""The kinds of thing that a reference can be chosen from; others are named in words."""
OWN_VERSION: Final = "sha256-"
"""What a version of ours begins with, given to a form that says none."""


def file_of(response_id: UUID, key: str) -> UUID:
    """Return the id of the file that was sent for a form under a key: no key leads to a file of another form."""
    return uuid5(response_id, key)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: where (a path in the questionnaire, or a key), and a stable code."""

    at: str
    code: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose. `weight` is its ordinalValue; `is_exclusive` empties the others."""

    key: str
    words: Words
    coding: Mapping[str, Any]
    weight: int | None = None
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """A condition under which an item is asked: `question` is a linkId, `answer` a value as in answers."""

    question: str
    operator: str
    answer: Any


@dataclass(frozen=True, slots=True)
class Band:
    """What a total from `low` on means."""

    low: int
    words: Words


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a questionnaire, with what is below it."""

    link_id: str
    type: str
    words: Words
    items: tuple["Item", ...] = ()
    options: tuple[Option, ...] = ()
    units: tuple[Option, ...] = ()
    when: tuple[When, ...] = ()
    is_any: bool = False
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    is_hidden: bool = False
    max_length: int | None = None
    minimum: Any = None
    maximum: Any = None
    pattern: str = ""
    control: str = ""
    link: str = ""
    initial: tuple[Any, ...] = ()
    sum_of: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()
    urgent_from: int | None = None
    targets: tuple[str, ...] = ()
    """What a reference may be to (resource types); anything if there is none."""

    def all_words(self) -> Iterator[Words]:
        """Yield every text of it, by language."""
        yield self.words
        yield from (one.words for one in (*self.options, *self.units))
        yield from (one.words for one in self.bands)

    def is_question(self) -> bool:
        """Tell whether it is answered, by a person or by a sum."""
        return self.type not in ("group", "display")

    def is_asked(self) -> bool:
        """Tell whether a person answers it."""
        return self.is_question() and not self.read_only and not self.sum_of and not self.is_hidden


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A whole form in one version."""

    url: str
    version: str
    title: Words
    items: tuple[Item, ...]
    language: str = "en"
    source: str = ""
    licence: str = ""
    is_signed: bool = False
    self_report: bool = False
    crisis_line: str = ""
    """The number for whoever thinks of hurting themself; it comes with the form that asks."""
    notes: tuple[Problem, ...] = field(default=(), compare=False)
    """What was in it and is not used, such as an expression."""

    @property
    def canonical(self) -> str:
        """What a response says that it answers: the address, and the version if the form itself says one."""
        return self.url if self.version.startswith(OWN_VERSION) else f"{self.url}|{self.version}"

    def every(self) -> Iterator[Item]:
        """Yield every item, in the order of the form."""
        yield from _below(self.items)

    def languages(self) -> frozenset[str]:
        """Return the languages in which nothing of it is missing: only in these it is offered."""
        found = set(self.title)
        for item in self.every():
            found.intersection_update(*(set(words) for words in item.all_words() if words))
        return frozenset(found)


def _below(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _below(item.items)


def said(words: Words, locale: str, base: str) -> str:
    """Return a text in a language, else in the questionnaire's own."""
    return words.get(locale) or words.get(base, "")
