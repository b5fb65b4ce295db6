"""The sentences of a summary, in every language: what is picked is stored, and said when it is read."""

from collections.abc import Callable, Mapping
from typing import Final

from portal_app.core.i18n import N_, _, format_number, ngettext
from portal_app.features.notes.rules import Medicine, Picked

TITLES: Final[Mapping[str, str]] = {
    "found": N_("What we found"),
    "todo": N_("What to do"),
    "medicines": N_("Medicines and when to take them"),
    "warning": N_("Warning signs"),
    "call": N_("When to call us"),
    "again": N_("Your next visit"),
}
"""The parts of a summary in the order in which they are read."""

PLAIN: Final[Mapping[tuple[str, str], str]] = {
    ("found", "fine"): N_("We found nothing that needs treatment."),
    ("found", "better"): N_("It is getting better."),
    ("found", "same"): N_("It is about the same as before."),
    ("found", "virus"): N_("You have an infection by a virus. Antibiotics do not help against it."),
    ("found", "bacteria"): N_("You have an infection by bacteria."),
    ("found", "results"): N_("We wait for results. We tell you when they are here."),
    ("todo", "drink"): N_("Drink plenty of water."),
    ("todo", "move"): N_("Keep moving, as far as you can."),
    ("todo", "measure"): N_("Measure your blood pressure every morning and every evening, and write it down."),
    ("todo", "tests"): N_("Have the tests done that we ordered."),
    ("todo", "specialist"): N_("See the specialist to whom we send you."),
    ("warning", "chest"): N_("Pain or pressure in the chest"),
    ("warning", "breath"): N_("Trouble breathing"),
    ("warning", "faint"): N_("Fainting, or sudden confusion"),
    ("warning", "fever"): N_("A fever of 38 °C (100.4 °F) or more"),
    ("warning", "bleeding"): N_("Bleeding that does not stop"),
    ("warning", "swelling"): N_("A swollen face, or a rash that spreads fast"),
    ("call", "worse"): N_("Call us if it gets worse."),
    ("call", "questions"): N_("Call us with any question about your medicines."),
    ("again", "none"): N_("You need no other visit for this."),
}

TIMES: Final[Mapping[str, str]] = {
    "morning": N_("in the morning"),
    "noon": N_("at noon"),
    "evening": N_("in the evening"),
    "bedtime": N_("before going to sleep"),
    "needed": N_("only when you need it"),
}


def _rest(count: int) -> str:
    return ngettext("Rest for {count} day.", "Rest for {count} days.", count)


def _home(count: int) -> str:
    one, many = "Stay home from work or school for {count} day.", "Stay home from work or school for {count} days."
    return ngettext(one, many, count)


def _no_better(count: int) -> str:
    return ngettext(
        "Call us if you feel no better after {count} day.", "Call us if you feel no better after {count} days.", count
    )


def _days(count: int) -> str:
    return ngettext("Come back in {count} day.", "Come back in {count} days.", count)


def _weeks(count: int) -> str:
    return ngettext("Come back in {count} week.", "Come back in {count} weeks.", count)


def _months(count: int) -> str:
    return ngettext("Come back in {count} month.", "Come back in {count} months.", count)


COUNTED: Final[Mapping[tuple[str, str], Callable[[int], str]]] = {
    ("todo", "rest"): _rest,
    ("todo", "home"): _home,
    ("call", "no_better"): _no_better,
    ("again", "days"): _days,
    ("again", "weeks"): _weeks,
    ("again", "months"): _months,
}


def sentence(part: str, one: Picked) -> str:
    """Say what was picked, in the current language."""
    key = (part, one.kind)
    if key in COUNTED:
        return COUNTED[key](int(one.numbers[0])).format(count=format_number(one.numbers[0]))
    if key == ("found", "pressure"):
        above, below = (format_number(number) for number in one.numbers)
        return _("Your blood pressure was {above}/{below} mmHg.").format(above=above, below=below)
    if key == ("found", "temperature"):
        return _("Your temperature was {degrees} °C.").format(degrees=format_number(one.numbers[0]))
    return _(PLAIN[key])


def when_taken(one: Medicine) -> tuple[str, ...]:
    """Say when, for how long and what for a medicine is taken, each in a phrase of its own."""
    said = [_(TIMES[time]) for time in one.times]
    if one.with_food:
        said.append(_("with food"))
    if one.days:
        said.append(ngettext("for {count} day", "for {count} days", one.days).format(count=format_number(one.days)))
    else:
        said.append(_("until we tell you otherwise"))
    if one.reason:
        said.append(_("for: {reason}").format(reason=one.reason))
    return tuple(said)
