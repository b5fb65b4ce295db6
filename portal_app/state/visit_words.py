"""What visits are called in words: roles, waits, who is with the patient, what a device check found."""

from collections.abc import Mapping
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.visits import service as visits

_ROLES: Final[Mapping[str, str]] = {
    "patient": N_("Patient"),
    "caregiver": N_("With the patient"),
    "clinician": N_("Clinician"),
    "interpreter": N_("Interpreter"),
    "family": N_("Family"),
    "other_clinician": N_("Another clinician"),
}
_COMPANY: Final[Mapping[str, str]] = {
    "alone": N_("Nobody, I am alone"),
    "family": N_("Family or a friend"),
    "carer": N_("Someone who cares for me"),
    "other": N_("Someone else"),
}
_LINES: Final[Mapping[str, str]] = {"good": N_("Good"), "weak": N_("Weak")}


def role_words(role: str) -> str:
    """Say what somebody is in a visit."""
    return _(_ROLES[role]) if role in _ROLES else ""


def all_roles() -> dict[str, str]:
    """Say all that somebody can be in a visit."""
    return {role: role_words(role) for role in _ROLES}


def company_words(company: str) -> str:
    """Say who is with the patient, as they would say it themself."""
    return _(_COMPANY[company]) if company in _COMPANY else ""


def company_choices() -> list[dict[str, str]]:
    """Return whom the patient can choose from."""
    return [{"value": one, "label": company_words(one)} for one in visits.COMPANY]


def region_choices(country: str) -> list[dict[str, str]]:
    """Return the states of a country as choices, by name, the empty one first; none where there are none."""
    known = visits.regions_of(country)
    if not known:
        return []
    named = [{"value": code, "label": name} for code, name in known.items()]
    first = {"value": "", "label": _("Choose a state")}
    return [first, *named, {"value": visits.ELSEWHERE, "label": _("Outside the country")}]


def region_words(region: str, country: str) -> str:
    """Say a state by its name."""
    if region == visits.ELSEWHERE:
        return _("Outside the country")
    return visits.regions_of(country).get(region, "")


def place_words(ahead: int) -> str:
    """Say how many wait before somebody."""
    if not ahead:
        return _("You are next.")
    return ngettext("{count} person is before you.", "{count} people are before you.", ahead).format(
        count=i18n.format_number(ahead)
    )


def wait_words(minutes: int) -> str:
    """Say about how long somebody still waits; long waits in steps of five minutes, because nobody knows better."""
    if minutes <= 1:
        return _("It should begin at any moment.")
    about = minutes if minutes <= 10 else 5 * round(minutes / 5)
    return ngettext("About {count} minute to go.", "About {count} minutes to go.", about).format(
        count=i18n.format_number(about)
    )


def line_words(line: str) -> str:
    """Say how good somebody's line was in their device check."""
    return _(_LINES[line]) if line in _LINES else ""


def minutes_words(minutes: int) -> str:
    """Say a number of minutes, short."""
    return _("{count} min").format(count=i18n.format_number(max(0, minutes)))


def status_words(status: str) -> str:
    """Say where a visit stands."""
    named = {
        "planned": _("Nobody is here yet"),
        "waiting": _("The patient waits"),
        "in_progress": _("The visit goes on"),
        "finished": _("The visit is over"),
        "cancelled": _("Called off"),
    }
    return named.get(status, "")


def state_words(state: str) -> str:
    """Say where somebody is."""
    named = {
        "invited": _("Has the link"),
        "waiting": _("Waits"),
        "outside": _("Waits outside"),
        "admitted": _("Let in"),
        "in": _("In the room"),
        "left": _("Has left"),
        "removed": _("Taken out"),
    }
    return named.get(state, "")
