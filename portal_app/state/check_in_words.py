"""Check-in in plain words: what there is to do, how it stands, and what the desk is told."""

from collections.abc import Sequence
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.booking.views import DayAppointment
from portal_app.features.checkin.service import CheckInView, TaskView
from portal_app.features.intake import service as intake
from portal_app.state import booking_words as words

Row = dict[str, str]

TITLES: Final = {
    "contact": N_("Check your contact details"),
    "insurance": N_("Check the insurance"),
    "medicines": N_("Go through the medicines and allergies"),
    "copay": N_("See the co-pay"),
    "device": N_("Try camera and sound"),
    "documents": N_("Send photos or documents"),
}
STATES: Final = {
    "todo": N_("Not yet started"),
    "doing": N_("In progress"),
    "done": N_("Completed"),
    "at_desk": N_("At the desk"),
    "optional": N_("Optional"),
}
PROOFS: Final = {
    "insurance": N_("We first ask for your passkey or a second code, because this is about money."),
    "medicines": N_("We first ask for your passkey or a second code, because this is about health."),
    "copay": N_("We first ask for your passkey or a second code, because this is about money."),
}
"""Why something is opened with a second proof alone, said before it is tapped."""
AT_DESK: Final = {
    "contact": N_("Contact details"),
    "insurance": N_("Insurance"),
    "medicines": N_("Medicines and allergies"),
    "copay": N_("Co-pay"),
}


def task_row(one: TaskView, appointment_id: str) -> Row:
    """Return one thing to do as a line of the list; a form has a button in place of an address."""
    is_form = one.key.startswith("form:")
    return {
        "key": one.key,
        "task_title": form_title(one) if is_form else _(TITLES[one.key]),
        "lang": form_language(one) if is_form else i18n.current(),
        "status": _(STATES[one.state]) if one.is_for_them else "",
        "state": one.state if one.is_for_them else "closed",
        "hint": _hint(one),
        "href": "" if is_form else _address(one.key, appointment_id),
    }


def form_title(one: TaskView) -> str:
    """Name a form in the language of the page, or in its own where that has none."""
    return intake.said(one.titles or {}, i18n.current(), one.language)


def form_language(one: TaskView) -> str:
    """Return in which language `form_title` is."""
    return i18n.current() if i18n.current() in (one.titles or {}) else one.language


def _address(key: str, appointment_id: str) -> str:
    elsewhere = {
        "device": f"/visit?id={appointment_id}&visit={appointment_id}",
        "medicines": f"/medications/review?visit={appointment_id}",
    }
    path = elsewhere.get(key, f"/check-in/{key}?id={appointment_id}")
    return i18n.localized_path(i18n.current(), path)


def _hint(one: TaskView) -> str:
    if not one.is_for_them:
        return _("Only the patient can answer this.")
    if one.done_by:
        return _("Confirmed by {name}").format(name=one.done_by)
    if one.key == "documents":
        return _("A referral, a letter from another doctor, a photo of what troubles you")
    if one.asks_proof and one.state != "done":
        return _(PROOFS[one.key])
    if one.key.startswith("form:") and i18n.current() not in (one.titles or {}):
        return _("This form is there in English only.")
    return ""


def missing_words(keys: Sequence[str]) -> str:
    """Say what is left of somebody's check-in, forms only by their number; nothing where all is done."""
    said = [_(name) for key, name in AT_DESK.items() if key in keys]
    forms = sum(key.startswith("form:") for key in keys)
    if forms:
        said.append(ngettext("{count} form", "{count} forms", forms).format(count=i18n.format_number(forms)))
    return " · ".join(said)


def desk_words(one: DayAppointment) -> str:
    """Say in the list of a day that somebody is checked in, or about to; nothing before, and once they have gone."""
    if one.status not in ("booked", "arrived") or one.checking_in_at is None:
        return ""
    if one.checked_in_at is None:
        return _("Checking in")
    moment = words.brief_moment(one.checked_in_at, one.zone)
    return _("Checked in {moment}").format(moment=moment)


def desk_row(one: TaskView, zone: str) -> Row:
    """Return one thing of somebody's check-in for the desk, and whether it can be confirmed there."""
    is_form = one.key.startswith("form:")
    state = "done" if one.state == "done" else "todo"
    said = _(STATES[state])
    if one.state == "done" and one.done_at is not None:
        said = _("Completed {moment}").format(moment=words.brief_moment(one.done_at, zone))
    name = form_title(one) if is_form else _(AT_DESK[one.key])
    return {
        "key": one.key,
        "task_title": name,
        "lang": form_language(one) if is_form else i18n.current(),
        "status": _("Is paid at the desk") if one.state == "at_desk" else said,
        "tone": "good" if one.state == "done" else "plain",
        "hint": _("Confirmed by {name}").format(name=one.done_by) if one.done_by else "",
        "can_confirm": "yes" if one.key in ("contact", "insurance") and one.state != "done" else "",
    }


def finished_words(found: CheckInView) -> str:
    """Say for the desk who checked somebody in, and when; nothing while nobody has."""
    if found.finished_at is None:
        return ""
    moment = words.brief_moment(found.finished_at, found.appointment.zone)
    by = {
        "patient": _("The patient checked in: {moment}."),
        "caregiver": _("{name} checked the patient in, as a caregiver: {moment}."),
        "desk": _("{name} checked the patient in at the desk: {moment}."),
    }[found.finished_side]
    return by.format(name=found.finished_name, moment=moment)


def days_words(days: int) -> str:
    """Say how long before a visit check-in opens."""
    return ngettext("{count} day before", "{count} days before", days).format(count=i18n.format_number(days))
