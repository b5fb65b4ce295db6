"""Write an appointment as a calendar file (RFC 5545) that gives nothing about health away.

Calendars are shared, synchronised and read on lock screens: practice, time, place or "video", phone and link; never a
specialty, a clinician's name, a kind of visit or a reason.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vText

from portal_app.core.i18n import _
from portal_app.features.booking.rules import AppointmentStatus
from portal_app.features.booking.views import AppointmentView

MEDIA_TYPE: Final = "text/calendar"
_PRODUCT: Final = "-//Sala//Patient portal//EN"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A file for the phone's calendar; `method` is the iTIP method it carries (RFC 5546)."""

    filename: str
    content: bytes
    method: str


def calendar_file(appointment: AppointmentView, practice_name: str, link: str) -> CalendarFile:
    """Write the appointment in the current language, in the zone in which it is shown.

    The UID stays and SEQUENCE grows, so that a later file replaces or cancels the entry it made before.

    Args:
        link: where the appointment is seen, changed and cancelled.
    """
    is_cancelled = appointment.status == AppointmentStatus.cancelled
    method = "CANCEL" if is_cancelled else "PUBLISH"
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = _event(appointment, practice_name, link)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    calendar.add_component(event)
    calendar.add_missing_timezones(
        first_date=(appointment.starts_at - timedelta(days=366)).date(),
        last_date=(appointment.ends_at + timedelta(days=366)).date(),
    )
    return CalendarFile("appointment.ics", calendar.to_ical(), method)


def _event(appointment: AppointmentView, practice_name: str, link: str) -> Event:
    zone = ZoneInfo(appointment.display_zone)
    event = Event()
    event.add("uid", f"{appointment.id}@sala")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.changed_at)
    event.add("dtstart", appointment.starts_at.astimezone(zone))
    event.add("dtend", appointment.ends_at.astimezone(zone))
    event.add("summary", vText(_("Appointment at {practice}").format(practice=practice_name)))
    event.add("location", vText(place(appointment)))
    event.add("description", vText(_("Questions? Call {phone}.").format(phone=appointment.phone) + f"\n{link}"))
    event.add("url", link)
    event.add("class", "PRIVATE")
    return event


def place(appointment: AppointmentView) -> str:
    """Say where the visit is, on one line: an address, or that it is by video."""
    if appointment.modality == "video":
        return _("Video visit")
    address = ", ".join(line.strip() for line in appointment.address.splitlines() if line.strip())
    return f"{appointment.location_name}, {address}"
