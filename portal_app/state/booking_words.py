"""How times and appointments are said: from the views of booking to the words on screens.

Call with the language of the page in use (`i18n.use`).
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal_app.core import clock, i18n
from portal_app.core.i18n import _, ngettext, pgettext
from portal_app.features.booking.views import AppointmentView
from portal_app.features.visits import rules as visit_rules


def local_day(moment: datetime, zone: str) -> date:
    """Return the day a moment falls on in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def days_ahead(moment: datetime, zone: str) -> int:
    """Return how many days from today a moment's day is, in a zone."""
    return (local_day(moment, zone) - local_day(clock.now(), zone)).days


def opening(words: str) -> str:
    """Write words as they begin a line: a Spanish weekday or month has a small letter anywhere else."""
    return words[:1].upper() + words[1:]


def together(first: str, second: str) -> str:
    """Put two things that belong together on one line, with the comma of the language; one alone stands as it is."""
    return _("{first}, {second}").format(first=first, second=second) if first and second else first or second


def day_words(moment: datetime, zone: str) -> str:
    """Say the day as a line begins: today, tomorrow, or weekday and date."""
    near = {0: _("Today"), 1: _("Tomorrow")}
    return near.get(days_ahead(moment, zone)) or opening(i18n.format_day(local_day(moment, zone)))


def moment_words(moment: datetime, zone: str) -> str:
    """Say day and time as a line begins: "Today at 9:20 AM", "Tuesday, November 24 at 9:20 AM"."""
    return _("{day} at {time}").format(day=day_words(moment, zone), time=i18n.format_clock(moment, zone))


def brief_moment(moment: datetime, zone: str) -> str:
    """Say weekday and time inside a sentence, as a button does: "Tuesday 9:20 AM"."""
    day = local_day(moment, zone)
    return _("{weekday} {time}").format(weekday=i18n.format_weekday(day), time=i18n.format_clock(moment, zone))


def zone_words(moment: datetime, zone: str) -> str:
    """Name a zone with the city people know it by: "Eastern Standard Time (New York)"."""
    city = i18n.zone_city(zone)
    return _("{zone} ({city})").format(zone=i18n.format_zone(moment, zone), city=city)


def modality_words(modality: str) -> str:
    """Say how a visit takes place."""
    return pgettext("how a visit takes place", "Video") if modality == "video" else _("In person")


def status_words(status: str) -> str:
    """Say where an appointment stands, in a word or two."""
    return {
        "pending": _("Not booked yet"),
        "booked": _("Booked"),
        "arrived": _("Arrived"),
        "fulfilled": _("Done"),
        "cancelled": _("Cancelled"),
        "noshow": _("Missed"),
    }.get(status, status)


def status_tone(status: str) -> str:
    """Return the tone of a status's tag."""
    tones = {"booked": "info", "arrived": "good", "fulfilled": "plain", "cancelled": "plain", "noshow": "caution"}
    return tones.get(status, "plain")


def duration_words(starts_at: datetime, ends_at: datetime) -> str:
    """Say how long it takes."""
    minutes = int((ends_at - starts_at).total_seconds() // 60)
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=i18n.format_number(minutes))


def join_path(view: AppointmentView) -> str:
    """Return where a video visit is joined, from half an hour before it; before and long after, nothing."""
    if view.modality != "video" or view.status not in ("booked", "arrived"):
        return ""
    is_open = visit_rules.moment(view.starts_at, view.ends_at, clock.now()) is visit_rules.Moment.open
    return i18n.localized_path(i18n.current(), f"/visit?id={view.id}") if is_open else ""


def join_words(view: AppointmentView) -> str:
    """Say when a video visit can be joined, or what holds for whoever is late."""
    now = clock.now()
    if view.modality != "video" or view.status not in ("booked", "arrived"):
        return ""
    when = visit_rules.moment(view.starts_at, view.ends_at, now)
    if when is visit_rules.Moment.early:
        opens = moment_words(view.starts_at - visit_rules.JOIN_BEFORE, view.display_zone)
        return _("You can join the video visit from: {when}.").format(when=opens)
    if when is visit_rules.Moment.over:
        return _("The time to join is over. Call us, and we find another time.")
    return _("You are late, but you can still join now.") if now > view.starts_at else ""


def late_words(minutes: int) -> str:
    """Say to somebody who waits how late it will be; nothing while it is on time."""
    if not minutes:
        return ""
    late = ngettext("{count} minute", "{count} minutes", minutes).format(count=i18n.format_number(minutes))
    return _("We are running about {late} late. Your visit will begin later than planned.").format(late=late)


def countdown_words(moment: datetime) -> str:
    """Say how soon a moment of the next hours is: "in 40 min", "in 3 h"; nothing for a later or past one."""
    minutes = int((moment - clock.now()).total_seconds() // 60)
    if not 0 <= minutes < 12 * 60:
        return ""
    if minutes < 60:
        return ngettext("in {count} min", "in {count} min", minutes).format(count=i18n.format_number(minutes))
    hours = minutes // 60
    return ngettext("in {count} h", "in {count} h", hours).format(count=i18n.format_number(hours))


def other_zone_words(view: AppointmentView) -> str:
    """Say the time in the other zone, where patient and location have different ones; else nothing."""
    first = view.display_zone
    second = view.zone if first == view.patient_zone else view.patient_zone
    offsets = [view.starts_at.astimezone(ZoneInfo(zone)).utcoffset() for zone in (first, second)]
    if offsets[0] == offsets[1]:
        return ""
    return _("That is {time}, {zone}.").format(
        time=brief_moment(view.starts_at, second), zone=zone_words(view.starts_at, second)
    )


def when_words(view: AppointmentView) -> str:
    """Say when an appointment is, in the zone where the patient will be."""
    return moment_words(view.starts_at, view.display_zone)


def cancel_words(view: AppointmentView) -> str:
    """State the notice rule, before and after booking alike."""
    if clock.now() <= view.cancel_until:
        return change_until_words(view.cancel_until, view.display_zone)
    return _("It is too late to move or cancel this here. If you cannot come, call us.")


def change_until_words(moment: datetime, zone: str) -> str:
    """State until when a visit can be moved or cancelled here."""
    # A sentence for each: after "until", today and tomorrow take other forms in some languages.
    near = {
        0: _("You can move or cancel it here, free of charge, until today at {time}."),
        1: _("You can move or cancel it here, free of charge, until tomorrow at {time}."),
    }
    words = near.get(days_ahead(moment, zone)) or _(
        "You can move or cancel it here, free of charge, until {day} at {time}."
    )
    return words.format(day=i18n.format_day(local_day(moment, zone)), time=i18n.format_clock(moment, zone))


def why_words(code: str) -> str:
    """Say a patient's reason for cancelling, as they are asked."""
    return {
        "time": _("The time does not suit me any more"),
        "better": _("I feel better"),
        "elsewhere": _("I have found help elsewhere"),
        "travel": _("I cannot get there"),
        "other": _("Another reason"),
    }.get(code, code)


def stage_words(view: AppointmentView) -> str:
    """Say what a visit's stage means for the patient; nothing while it is simply to come."""
    now = clock.now()
    if view.status == "booked":
        begun = _("Your visit is now.") if now < view.ends_at else _("The time of this visit is over.")
        return begun if now >= view.starts_at else ""
    if view.status == "cancelled":
        is_ours = view.cancel_reason == "practice"
        return _("We had to cancel this visit.") if is_ours else _("You cancelled this visit.")
    return {
        "arrived": _("We know that you are here. We will call you."),
        "fulfilled": _("This visit is over."),
        "noshow": _("You were not there at the time of this visit. If that is not right, call us."),
    }.get(view.status, "")


def phone_words(phone: str) -> str:
    """Write a number so that it stays on one line and, in a right-to-left sentence, in its own order."""
    return f"\u2066{phone.replace(' ', chr(0xA0)).replace('-', chr(0x2011))}\u2069"


def age_on(birth_date: date, day: date) -> int:
    """Return somebody's age in whole years on a day."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
