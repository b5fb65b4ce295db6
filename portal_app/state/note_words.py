"""Words around notes and summaries, in the language of the page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.notes.rules import ITEMS, TIMES, WITHHELD, Picked, Summary
from portal_app.features.notes.sentences import PLAIN, TITLES
from portal_app.features.notes.sentences import TIMES as TIME_WORDS
from portal_app.features.notes.service import NoteView, Part

SECTION_TITLES: Final[Mapping[str, str]] = {
    "brought": N_("What brought them"),
    "found": N_("What was found"),
    "assessment": N_("Assessment"),
    "plan": N_("Plan"),
}
NUMBERS: Final[Mapping[tuple[str, str], tuple[str, tuple[str, ...]]]] = {
    ("found", "pressure"): (N_("Blood pressure"), (N_("Upper value, mmHg"), N_("Lower value, mmHg"))),
    ("found", "temperature"): (N_("Temperature"), (N_("Temperature, °C"),)),
    ("todo", "rest"): (N_("Rest for some days"), (N_("How many days of rest"),)),
    ("todo", "home"): (N_("Stay home from work or school"), (N_("How many days at home"),)),
    ("call", "no_better"): (N_("Call us if no better after some days"), (N_("After how many days to call"),)),
    ("again", "days"): (N_("Come back in some days"), (N_("In how many days"),)),
    ("again", "weeks"): (N_("Come back in some weeks"), (N_("In how many weeks"),)),
    ("again", "months"): (N_("Come back in some months"), (N_("In how many months"),)),
}
"""What staff pick where a sentence needs numbers, and what each number is called."""

WITHHELD_WORDS: Final[Mapping[str, str]] = {
    "asked": N_("They asked not to see it"),
    "harm": N_("Reading it could harm them or somebody else"),
    "about_others": N_("It speaks of somebody else, who told us in confidence"),
}


def choices(part: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return what can be picked for a part: field, label, and each number's field and label; while pages are built."""
    found = []
    for item in ITEMS[part]:
        name = f"{part}-{item.kind}"
        label, numbers = NUMBERS.get((part, item.kind), (PLAIN.get((part, item.kind), ""), ()))
        found.append((name, _(label), [(f"{name}-{n}", _(words)) for n, words in enumerate(numbers, 1)]))
    return found


def part_title(part: str) -> str:
    """Return the title of a part of a summary."""
    return _(TITLES[part])


def section_titles() -> list[tuple[str, str]]:
    """Return the parts of a note with their titles."""
    return [(name, _(title)) for name, title in SECTION_TITLES.items()]


def times() -> list[tuple[str, str]]:
    """Return the times of day of a medicine: field and label."""
    return [(f"time-{one}", _(TIME_WORDS[one])) for one in TIMES]


def withheld_rows() -> list[dict[str, str]]:
    """Return the reasons for which a note is kept from the patient."""
    return [{"value": one, "label": _(WITHHELD_WORDS[one])} for one in WITHHELD]


def picked_fields(summary: Summary) -> dict[str, str]:
    """Return a summary as the values of the form's fields."""
    fields = {f"own-{part}": said for part, said in summary.own_words.items()}
    for part in ITEMS:
        for one in getattr(summary, part):
            fields |= _fields_of(part, one)
    return fields


def _fields_of(part: str, one: Picked) -> dict[str, str]:
    name = f"{part}-{one.kind}"
    chosen = {"again": one.kind} if part == "again" else {name: "yes"}
    return chosen | {f"{name}-{n}": f"{number:g}" for n, number in enumerate(one.numbers, 1)}


def note_rows(note: NoteView) -> list[dict[str, str]]:
    """Return the parts of a note in which something stands."""
    return [{"title": _(SECTION_TITLES[name]), "text": said} for name, said in note.content.items() if said]


def addenda_rows(note: NoteView, zone: str) -> list[dict[str, str]]:
    """Return what was added to a note, with who and when."""
    return [
        {"who": _by(one.written_by, i18n.format_moment(one.written_at, zone)), "text": one.words}
        for one in note.addenda
    ]


def _by(who: str, when: str) -> str:
    return _("Added by {who}, {when}").format(who=who or _("a colleague"), when=when)


def signed_words(note: NoteView, zone: str) -> str:
    """Say who signed a note and when; "" before that."""
    if note.signed_at is None:
        return ""
    return _("Signed by {who}, {when}").format(
        who=note.signed_by or _("a colleague"), when=i18n.format_moment(note.signed_at, zone)
    )


def part_rows(parts: Sequence[Part], locale: str) -> list[dict[str, Any]]:
    """Return a summary as rows; what a clinician typed in another language than `locale` says in which."""
    return [
        {
            "title": part.title,
            "intro": part.intro,
            "lines": [
                {"text": one.text, "note": " · ".join(one.notes), "lang": one.language or locale,
                 "mark": _written_in(one.language) if one.language not in ("", locale) else ""}
                for one in part.lines
            ],
        }
        for part in parts
    ]  # fmt: skip


def _written_in(language: str) -> str:
    return _("Written in {language}").format(language=i18n.language_list([language]))
