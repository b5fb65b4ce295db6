"""Write an appointment as a calendar file (RFC 5545) that gives nothing about health away.

Calendars are shared, synchronised and read on lock screens: practice, time, place or "video", phone and link; never a
specialty, a clinician's name, a kind of visit or a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from portal_app.core.i18n import _
from portal_app.features.booking.rules import AppointmentStatus
from portal_app.features.booking.views import AppointmentView
from portal_app.features.booking.zones import timezone_around

MEDIA_TYPE: Final = "text/calendar"
_PRODUCT: Final = "-//Sala//Patient portal//EN"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A file for the phone's calendar; `method` is the iTIP method it carries (RFC 5546)."""

    filename: str
    content: bytes
    method: str

    @property
    def media_type(self) -> str:
        """Return how a mail names it, so that mail programs act on it (RFC 6047 section 2.4)."""
        return f"{MEDIA_TYPE}; method={self.method}"


@dataclass(frozen=True, slots=True)
class Parties:
    """Who writes an entry and for whom: addresses that the reader of the file knows already.

    `organizer` is as mail says its sender: an address, or `Name <address>`.
    """

    organizer: str
    attendee: str


def calendar_file(appointment: AppointmentView, practice_name: str, link: str, parties: Parties) -> CalendarFile:
    """Write the appointment in the current language, in the zone in which it is shown.

    The UID stays and SEQUENCE grows, so that a later file moves or cancels the entry an earlier one made.

    Args:
        link: where the appointment is seen, changed and cancelled.
        parties: the practice's own address and the reader's.
    """
    method = "CANCEL" if appointment.status == AppointmentStatus.cancelled else "REQUEST"
    event = _event(appointment, practice_name, link)
    _add_parties(event, practice_name, parties)
    return CalendarFile("appointment.ics", _calendar([event], [appointment], method), method)


def series_file(appointments: Sequence[AppointmentView], practice_name: str, links: Sequence[str]) -> CalendarFile:
    """Write several appointments into one file to be imported; `links` go with them in order.

    An iTIP request is about one entry (RFC 5546 section 3.2.2), so this one only publishes; each entry has the UID that
    a later request or cancellation of it carries.
    """
    events = [_event(one, practice_name, link) for one, link in zip(appointments, links, strict=True)]
    return CalendarFile("appointments.ics", _calendar(events, appointments, "PUBLISH"), "PUBLISH")


def _calendar(events: Sequence[Event], appointments: Sequence[AppointmentView], method: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for zone in sorted({one.display_zone for one in appointments}):
        starts, ends = min(one.starts_at for one in appointments), max(one.ends_at for one in appointments)
        calendar.add_component(timezone_around(zone, starts, ends))
    for event in events:
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


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
    event.add("status", "CANCELLED" if appointment.status == AppointmentStatus.cancelled else "CONFIRMED")
    return event


def _add_parties(event: Event, practice_name: str, parties: Parties) -> None:
    organizer = vCalAddress(f"mailto:{parseaddr(parties.organizer)[1]}")
    organizer.params["CN"] = vText(practice_name)
    event.add("organizer", organizer)
    attendee = vCalAddress(f"mailto:{parties.attendee}")
    attendee.params.update({"CUTYPE": "INDIVIDUAL", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    event.add("attendee", attendee)


def place(appointment: AppointmentView) -> str:
    """Say where the visit is, on one line: an address, or that it is by video."""
    if appointment.modality == "video":
        return _("Video visit")
    address = ", ".join(line.strip() for line in appointment.address.splitlines() if line.strip())
    return f"{appointment.location_name}, {address}"
