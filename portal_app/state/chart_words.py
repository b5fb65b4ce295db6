"""Medicines, allergies and what was said of them, in words; for the patient's pages and the care team's."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.chart.service import Change, Entry, Lists
from portal_app.state import booking_words

SEVERITIES: Final = {
    "mild": N_("Mild"), "moderate": N_("Troublesome"), "severe": N_("Severe"), "unknown": N_("Not known"),
}  # fmt: skip
ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    "medication": {
        "same": N_("I take it as written"), "differs": N_("I take it differently"), "stopped": N_("I stopped it"),
        "unknown": N_("I don't know"),
    },
    "allergy": {
        "same": N_("That is right"), "differs": N_("It is different"), "stopped": N_("I do not have this"),
        "unknown": N_("I don't know"),
    },
    "no_allergies": {"same": N_("That is right"), "unknown": N_("I don't know")},
}  # fmt: skip
"""What somebody may say of an entry, as they say it."""
SAID: Final[Mapping[str, str]] = {
    "differs": N_("It is different: {what}"), "stopped": N_("Not any more: {what}"),
    "new": N_("Not on the list: {what}"), "none": N_("No allergies"), "unknown": N_("Does not know: {what}"),
    "same": N_("As written: {what}"),
}  # fmt: skip
OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "proposed": (N_("Your care team looks at it"), "info"),
    "taken": (N_("On your list now"), "good"),
    "declined": (N_("The list stays as it was"), "caution"),
}
TITLES: Final = {"medication": N_("Medicines"), "allergy": N_("Allergies")}


def entry_title(one: Entry) -> str:
    """Return what an entry is called."""
    return _("No known allergies") if one.kind == "no_allergies" else one.content.get("name", "")


def entry_facts(one: Entry) -> list[dict[str, str]]:
    """Return what an entry says, as terms and facts."""
    said = one.content
    rows = [
        (_("How and when"), said.get("how", "")),
        (_("What for"), said.get("why", "")),
        (_("What happens"), said.get("reaction", "")),
        (_("How bad"), severity(said)),
        (_("Since"), i18n.format_long_date(one.since_on) if one.since_on else ""),
        (_("Prescribed by"), said.get("prescriber", "")),
    ]
    return [{"term": term, "fact": fact} for term, fact in rows if fact]


def severity(said: Mapping[str, str]) -> str:
    """Say how bad a reaction is, "" if nobody said."""
    words = SEVERITIES.get(said.get("severity", ""))
    return _(words) if words else ""


def in_short(one: Entry) -> str:
    """Return an entry on one line."""
    facts = [one.content.get("how", ""), one.content.get("reaction", "")]
    return " · ".join(filter(None, facts))


def day(moment: datetime, zone: str) -> str:
    """Return the day of a moment."""
    return i18n.format_long_date(booking_words.local_day(moment, zone))


def written_words(one: Entry, zone: str) -> str:
    """Say from whom an entry is."""
    if one.told_at is None:
        return _("Written by {name}, {day}").format(name=one.written_name, day=day(one.written_at, zone))
    told = _("Told by {name} on {day}").format(name=one.told_name, day=day(one.told_at, zone))
    taken = _("taken over by {name}").format(name=one.written_name)
    return booking_words.together(told, taken)


def change_title(one: Change, lists: Lists) -> str:
    """Say what a change is about, without the words of whoever told it."""
    entry = lists.entry(one.entry_id)
    what = entry_title(entry) if entry else one.content.get("name", "")
    return _(SAID[one.verb]).format(what=what)


def own_words(one: Change) -> str:
    """Return what was said, as it was said."""
    said = one.content
    parts = [said.get(part, "") for part in ("words", "how", "why", "reaction")]
    return " · ".join(filter(None, (*parts, severity(said))))


def told_words(one: Change, zone: str) -> str:
    """Say who told something, and when."""
    moment = i18n.format_moment(one.told_at, zone)
    if one.is_own:
        return _("Told by the patient, {moment}").format(moment=moment)
    return _("Told by {name} for the patient, {moment}").format(name=one.told_name, moment=moment)


def severities() -> list[dict[str, str]]:
    """Return how bad a reaction can be, to choose from."""
    return [{"value": code, "label": _(said), "detail": ""} for code, said in SEVERITIES.items()]


def named(label: str, what: str) -> str:
    """Return the name of a button among others of its kind."""
    return f"{label}: {what}"


def date_parts(known: date | None) -> dict[str, str]:
    """Return a day for the three fields of a form."""
    if known is None:
        return {"since-day": "", "since-month": "", "since-year": ""}
    return {"since-day": str(known.day), "since-month": str(known.month), "since-year": str(known.year)}
