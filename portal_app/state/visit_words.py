"""What visits are called in words: roles, waits, who is with the patient, what a device check found."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from portal_app.core import clock, i18n
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.visits import service as visits

OVERDUE_MIN: Final = 5
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
_FOUND: Final[Mapping[tuple[str, str], str]] = {
    ("camera", "refused"): N_("Camera not allowed"),
    ("camera", "missing"): N_("No camera"),
    ("camera", "busy"): N_("Camera in use by another app"),
    ("microphone", "refused"): N_("Microphone not allowed"),
    ("microphone", "missing"): N_("No microphone"),
    ("microphone", "silent"): N_("Microphone heard nothing"),
    ("speaker", "silent"): N_("Did not hear the tone"),
    ("speaker", "not_heard"): N_("Does not hear, reads"),
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


def overdue_words(starts_at: datetime, waiting_since: datetime | None, late_min: int) -> str:
    """Say that a visit should have begun by now, also counted from when somebody came late; a few minutes say nothing.

    `late_min` is what they were told already.
    """
    due = max(starts_at, waiting_since or starts_at)
    minutes = round((clock.now() - due) / timedelta(minutes=1))
    if minutes - late_min < OVERDUE_MIN:
        return ""
    return ngettext(
        "It should have begun {count} minute ago. We have not forgotten you, and your place is kept.",
        "It should have begun {count} minutes ago. We have not forgotten you, and your place is kept.",
        minutes,
    ).format(count=i18n.format_number(minutes))


def line_words(line: str) -> str:
    """Say how good somebody's line was in their device check."""
    return _(_LINES[line]) if line in _LINES else ""


def trouble_words(camera: str, microphone: str, speaker: str) -> str:
    """Say what a device check found that does not work as it should, or how somebody hears; else nothing."""
    found = (("camera", camera), ("microphone", microphone), ("speaker", speaker))
    return " · ".join(_(_FOUND[one]) for one in found if one in _FOUND)


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
