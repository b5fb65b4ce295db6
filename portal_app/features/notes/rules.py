"""Pure decisions about notes and about what a patient is told: what may be written, picked and signed."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

SECTIONS: Final = ("brought", "found", "assessment", "plan")
"""The parts of a note: what brought them, what was found, what it means, what is done."""

SECTION_MAX: Final = 20_000
"""The longest part of a note, in characters; a page of print has about three thousand."""
ADDENDUM_MAX: Final = 10_000
OWN_WORDS_MAX: Final = 1_000
DOSE_MAX: Final = 120
DIAGNOSES_MAX: Final = 12
"""A professional claim has room for twelve (CMS-1500 item 21)."""
MEDICINES_MAX: Final = 15
KEEP_EVERY: Final = timedelta(minutes=5)
"""How much of one person's writing is one version in the history."""
LONGEST_VISIT: Final = timedelta(hours=4)

WITHHELD: Final = ("asked", "harm", "about_others")
"""Why a signed note is not shown to the patient: they asked for it, it could harm them, it speaks of somebody else."""

TIMES: Final = ("morning", "noon", "evening", "bedtime", "needed")

_LINE_ENDS: Final = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence that can be picked; `numbers` are what it needs, each with its least and greatest value."""

    kind: str
    numbers: tuple[tuple[float, float], ...] = ()
    takes_fractions: bool = False


ITEMS: Final[Mapping[str, tuple[Item, ...]]] = {
    "found": (
        Item("fine"), Item("better"), Item("same"), Item("pressure", ((50, 260), (30, 160))),
        Item("temperature", ((30, 43),), takes_fractions=True), Item("virus"), Item("bacteria"), Item("results"),
    ),
    "todo": (
        Item("rest", ((1, 60),)), Item("home", ((1, 60),)), Item("drink"), Item("move"), Item("measure"),
        Item("tests"), Item("specialist"),
    ),
    "warning": (
        Item("chest"), Item("breath"), Item("faint"), Item("fever"), Item("bleeding"), Item("swelling"),
    ),
    "call": (Item("no_better", ((1, 60),)), Item("worse"), Item("questions")),
    "again": (Item("none"), Item("days", ((1, 30),)), Item("weeks", ((1, 26),)), Item("months", ((1, 24),))),
}  # fmt: skip
"""What can be picked for each part of a summary. The sentences, in every language, are in `sentences.py`."""


class Refused(ValueError):
    """Something picked or written cannot be taken: `where` is the field, `why` a word for the sentence."""

    def __init__(self, where: str, why: str) -> None:
        """Remember the field and the reason."""
        super().__init__(where, why)
        self.where, self.why = where, why


@dataclass(frozen=True, slots=True)
class Picked:
    """A sentence that was picked, with its numbers."""

    kind: str
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine as a patient takes it: `times` of the day, for `days` (0: until told otherwise), maybe with food.

    `reason` is what it is for, in the clinician's words.
    """

    name: str
    dose: str
    times: tuple[str, ...]
    days: int = 0
    with_food: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """All that a patient is told; `own_words` are the clinician's, by part (found, todo), in their own language."""

    found: tuple[Picked, ...] = ()
    todo: tuple[Picked, ...] = ()
    warning: tuple[Picked, ...] = ()
    call: tuple[Picked, ...] = ()
    again: tuple[Picked, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    own_words: Mapping[str, str] = field(default_factory=dict)

    def is_complete(self) -> bool:
        """Tell whether it answers what people else write about: what it was, when to call, when to come again."""
        return bool(self.found or self.own_words.get("found")) and bool(self.call) and bool(self.again)


def clean(typed: str, most: int, where: str) -> str:
    """Return words as they are kept: one form of each letter, plain line ends, nothing that turns the text about.

    What reorders other people's words (Unicode TR 36) and what nobody can see is taken out, so that what is read,
    signed and hashed is the same. Raises Refused when they are too long.
    """
    said = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", typed))
    kept = "".join(one for one in said if one in "\n\t" or (unicodedata.category(one) != "Cc" and one not in _TURNING))
    if len(kept.strip()) > most:
        raise Refused(where, "long")
    return kept.strip()


def clean_content(typed: Mapping[str, str]) -> dict[str, str]:
    """Return a note's parts as they are kept. Raises Refused with the part that is too long."""
    return {name: clean(str(typed.get(name, "")), SECTION_MAX, name) for name in SECTIONS}


def text_hash(*parts: Mapping[str, Any] | Sequence[Any] | str) -> str:
    """Return the fingerprint of exactly what is signed: SHA-256 over canonical JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def begins_version(same_writer: bool, kept_at: datetime | None, now: datetime) -> bool:
    """Tell whether what stands is kept in the history before it is written over."""
    return not same_writer or kept_at is None or now - kept_at >= KEEP_EVERY


def ended_at(starts_at: datetime, ends_at: datetime, tapped: datetime | None) -> datetime:
    """Return when a visit without a call ended: at the tap, unless that came so late that it says nothing."""
    if tapped is None or not starts_at < tapped <= starts_at + LONGEST_VISIT:
        return ends_at
    return tapped


def read_form(form: Mapping[str, Any]) -> Summary:
    """Return what was picked on the summary's form, without medicines.

    A sentence is `<part>-<kind>`, its numbers `<part>-<kind>-1` and `-2`; the next visit is one choice, `again`.
    Raises Refused with the field whose number is missing or cannot be.
    """
    picked = {part: _picked(form, part) for part in ("found", "todo", "warning", "call")}
    chosen = [item for item in ITEMS["again"] if item.kind == str(form.get("again", ""))]
    again = tuple(Picked(item.kind, _numbers(form, f"again-{item.kind}", item)) for item in chosen)
    own = {part: clean(str(form.get(f"own-{part}", "")), OWN_WORDS_MAX, f"own-{part}") for part in ("found", "todo")}
    return Summary(
        found=picked["found"], todo=picked["todo"], warning=picked["warning"], call=picked["call"], again=again,
        own_words={part: said for part, said in own.items() if said},
    )  # fmt: skip


def read_medicine(form: Mapping[str, Any]) -> Medicine:
    """Return a medicine of the form. Raises Refused with the field."""
    name, dose, reason = (clean(str(form.get(part, "")), DOSE_MAX, part) for part in ("medicine", "dose", "reason"))
    if not name:
        raise Refused("medicine", "missing")
    times = tuple(one for one in TIMES if form.get(f"time-{one}"))
    if not times:
        raise Refused("times", "missing")
    days = 0 if not str(form.get("days", "")).strip() else int(_number(form, "days", (1, 365)))
    said = [" ".join(part.split()) for part in (name, dose, reason)]
    return Medicine(said[0], said[1], times, days, bool(form.get("food")), said[2])


def to_json(summary: Summary) -> dict[str, Any]:
    """Return a summary as it is stored."""
    said: dict[str, Any] = {part: [[one.kind, *one.numbers] for one in getattr(summary, part)] for part in ITEMS}
    said["medicines"] = [
        {"name": one.name, "dose": one.dose, "times": list(one.times), "days": one.days, "food": one.with_food,
         "reason": one.reason}
        for one in summary.medicines
    ]  # fmt: skip
    return said | {"own_words": dict(summary.own_words)}


def from_json(said: Mapping[str, Any]) -> Summary:
    """Return a summary that was stored; what this edition does not know is left out."""
    known = {part: {item.kind for item in items} for part, items in ITEMS.items()}
    parts = {
        part: tuple(Picked(one[0], tuple(one[1:])) for one in said.get(part, ()) if one[0] in known[part])
        for part in ITEMS
    }
    medicines = tuple(
        Medicine(one["name"], one["dose"], tuple(one["times"]), one["days"], one["food"], one.get("reason", ""))
        for one in said.get("medicines", ())
    )
    own_words = dict(said.get("own_words", {}))
    return Summary(parts["found"], parts["todo"], parts["warning"], parts["call"], parts["again"], medicines, own_words)


def _picked(form: Mapping[str, Any], part: str) -> tuple[Picked, ...]:
    return tuple(
        Picked(item.kind, _numbers(form, f"{part}-{item.kind}", item))
        for item in ITEMS[part]
        if form.get(f"{part}-{item.kind}")
    )


def _numbers(form: Mapping[str, Any], name: str, item: Item) -> tuple[float, ...]:
    return tuple(
        _number(form, f"{name}-{place}", limits, takes_fractions=item.takes_fractions)
        for place, limits in enumerate(item.numbers, 1)
    )


def _number(form: Mapping[str, Any], name: str, limits: tuple[float, float], *, takes_fractions: bool = False) -> float:
    """Read one number as people type it, with Arabic or Persian digits and either decimal sign."""
    typed = str(form.get(name, "")).strip().replace(",", ".").replace("\u066b", ".")
    digits = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in typed)
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9])?" if takes_fractions else r"[0-9]{1,3}", digits):
        raise Refused(name, "number")
    value = float(digits) if takes_fractions else int(digits)
    if not limits[0] <= value <= limits[1]:
        raise Refused(name, "number")
    return value
