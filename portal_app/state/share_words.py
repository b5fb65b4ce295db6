"""What is shared with a caregiver, in words."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.access import rules

SHARES: Final = {
    "booking_view": N_("See visits"),
    "booking_act": N_("Book, change and cancel visits"),
    "visits_view": N_("See video visits, photos and documents"),
    "visits_act": N_("Join video visits"),
    "forms_view": N_("See forms and what was answered"),
    "forms_act": N_("Fill in forms before a visit"),
    "messages_view": N_("Read messages with the practice"),
    "messages_act": N_("Write messages to the practice"),
    "results_view": N_("See results, medicines and allergies"),
    "notes_view": N_("Read notes and summaries of visits"),
    "vitals_view": N_("See readings, such as blood pressure"),
    "vitals_act": N_("Enter readings"),
    "bills_view": N_("See bills"),
    "bills_act": N_("Pay bills"),
}
NOT_SHARED: Final = rules.NOT_SHARED
OFFERED: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "booking": (N_("Visits"), {"booking_view": N_("See"), "booking_act": N_("See and book")}),
    "visits": (
        N_("Video visits, photos and documents"),
        {"visits_view": N_("See"), "visits_act": N_("See and join")},
    ),
    "forms": (N_("Forms before a visit"), {"forms_view": N_("See"), "forms_act": N_("See and fill in")}),
    "results": (N_("Results, medicines and allergies"), {"results_view": N_("See")}),
    "notes": (N_("Notes and summaries of visits"), {"notes_view": N_("Read")}),
    "vitals": (N_("Readings, such as blood pressure"), {"vitals_view": N_("See"), "vitals_act": N_("See and enter")}),
    "bills": (N_("Bills"), {"bills_view": N_("See"), "bills_act": N_("See and pay")}),
}
"""How much of each part may be shared, as it is chosen: by its part, the part in words and what may be done there.

Of a part that has no page yet nothing is offered.
"""
RELATIONSHIPS: Final = {
    "partner": N_("Wife, husband or partner"),
    "child": N_("Daughter or son"),
    "parent": N_("Mother or father"),
    "sibling": N_("Sister or brother"),
    "friend": N_("Friend or neighbour"),
    "guardian": N_("Guardian"),
    "carer": N_("Paid carer"),
    "other": N_("Somebody else"),
}
LIVES: Final = {
    "months": N_("For three months"),
    "year": N_("For one year"),
    "open": N_("Until I end it"),
}
DOCUMENTS: Final = {
    "court_order": N_("An order of a court"),
    "power_of_attorney": N_("A power of attorney"),
    "consent": N_("A signed consent"),
}
PARTS: Final = {
    "booking": N_("Visits"),
    "visits": N_("Video visits"),
    "forms": N_("Forms before a visit"),
    "messages": N_("Messages"),
    "results": N_("Results"),
    "notes": N_("Notes"),
    "vitals": N_("Readings"),
    "bills": N_("Bills"),
    "profile": N_("Personal details"),
}
STATUSES: Final = {
    "invited": (N_("Invited, has not answered yet"), "caution"),
    "lapsed": (N_("Did not answer in time"), "info"),
    "active": (N_("Can act for you"), "good"),
    "expired": (N_("Has run out"), "info"),
    "declined": (N_("Declined"), "info"),
    "ended": (N_("Ended"), "info"),
}
STAFF_STATUSES: Final = STATUSES | {"active": (N_("Acts for the patient"), "good")}


def share_lines(ticked: Iterable[str]) -> list[str]:
    """Return what is shared, a line each."""
    return [_(words) for name, words in SHARES.items() if name in set(ticked)]


def choices(words: dict[str, str]) -> list[dict[str, str]]:
    """Return rows to choose from."""
    return [{"value": value, "label": _(label)} for value, label in words.items()]


def offered(part: str) -> list[dict[str, str]]:
    """Return how much of one part may be shared, nothing first."""
    _words, choices_there = OFFERED[part]
    return [{"value": NOT_SHARED, "label": _("Not shared")}, *choices(dict(choices_there))]


def day_words(moment: datetime, zone: str) -> str:
    """Return the day of a moment, as people say it there."""
    return i18n.format_long_date(moment.astimezone(ZoneInfo(zone)).date())


def until_words(valid_until: datetime | None, zone: str) -> str:
    """Return until when something counts."""
    if valid_until is None:
        return _("Until it is ended")
    return _("Until {day}").format(day=day_words(valid_until, zone))
