"""What can go wrong between finding a time and keeping an appointment."""

from collections.abc import Mapping
from datetime import datetime

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_
from portal_app.features.booking.views import FreeTime


class TimeUnavailable(PortalError):
    """The wanted time cannot be had; `alternatives` are up to three others, the nearest first.

    Args:
        alternatives: times that were free a moment ago.
    """

    code = "time_unavailable"

    def __init__(self, alternatives: tuple[FreeTime, ...] = ()) -> None:
        """Keep the alternatives for the screen."""
        super().__init__(self.code)
        self.alternatives = alternatives


class SlotAlreadyTaken(TimeUnavailable):
    """Somebody else has this time, or is confirming it."""

    code = "slot_already_taken"
    message = N_("Someone else has just taken that time. You have not been booked. Choose another time.")


class TimeNotOffered(TimeUnavailable):
    """The time is past, too soon, too far ahead, or outside what the practice offers."""

    code = "time_not_offered"
    message = N_("That time can no longer be booked. You have not been booked. Choose another time.")


class PatientNotTaken(TimeUnavailable):
    """The practitioner takes no new patients and does not know this one, or does not see people of their age."""

    code = "patient_not_taken"
    message = N_(
        "This clinician takes no new patients now, or does not see people of your age. You have not been booked."
        " Choose someone else."
    )


class PatientElsewhere(PortalError):
    """The patient already has an appointment at that time."""

    code = "patient_elsewhere"
    message = N_("You already have an appointment at that time. Choose another time, or cancel the other one first.")


class TooManyUpcoming(PortalError):
    """The patient has as many appointments to come as may be booked without asking somebody; staff book on.

    Args:
        count: how many that is.
        phone: the number to call, as the practice writes it.
    """

    code = "too_many_upcoming"
    message = N_("You already have as many visits to come as can be booked here. Call us to book another.")

    def __init__(self, count: int, phone: str) -> None:
        """Keep how many there are, and whom to call."""
        super().__init__(self.code)
        self.count = count
        self.phone = phone


class HoldLapsed(PortalError):
    """The time is no longer kept for this patient."""

    code = "hold_lapsed"
    message = N_("We could not keep that time any longer. Choose a time again; it may still be free.")


class TooLateToCancel(PortalError):
    """The notice for cancelling has run out; `phone` is the location's, where a person can still help.

    Args:
        phone: the number to call, as the practice writes it.
    """

    code = "too_late_to_cancel"
    message = N_("It is too late to cancel here. Call us and we will help you.")

    def __init__(self, phone: str) -> None:
        """Keep the number to call."""
        super().__init__(self.code)
        self.phone = phone


class TooLateToMove(PortalError):
    """The notice for moving has run out; `phone` is the location's, where a person can still help.

    Args:
        phone: the number to call, as the practice writes it.
    """

    code = "too_late_to_move"
    message = N_("It is too late to move this visit here. It stays as it is. Call us and we will help you.")

    def __init__(self, phone: str) -> None:
        """Keep the number to call."""
        super().__init__(self.code)
        self.phone = phone


class UndoTooLate(PortalError):
    """The minute in which a cancellation can be taken back is over."""

    code = "undo_too_late"
    message = N_("The minute to undo is over. The visit stays cancelled. You can book a time again, or call us.")


class UndoTimeTaken(PortalError):
    """A cancellation cannot be taken back: somebody has the time by now."""

    code = "undo_time_taken"
    message = N_("Someone else has this time now, so the visit stays cancelled. You can book another time.")


class SeriesNotWhole(PortalError):
    """Some times of a series cannot be had, and so none was booked.

    Args:
        missing: each of them, with up to three others near it.
    """

    code = "series_not_whole"
    message = N_("Not all of these times can be had, so nothing has been booked. Choose others for those marked.")

    def __init__(self, missing: Mapping[datetime, tuple[FreeTime, ...]]) -> None:
        """Keep what is missing for the screen."""
        super().__init__(self.code)
        self.missing = missing


class AppointmentMovedOn(PortalError):
    """The appointment is in a state from which this cannot be done, perhaps since a moment ago."""

    code = "appointment_moved_on"
    message = N_("This appointment has changed in the meantime. Look at it again before you go on.")


class BookingCrowded(PortalError):
    """Too many people wait for the same clinician at this moment."""

    code = "booking_crowded"
    message = N_("Many people are booking right now. Nothing was saved. Wait a moment and try again.")


class TimeOccupied(PortalError):
    """Somebody is booked, or is booking, in a time that was to be blocked."""

    code = "time_occupied"
    message = N_("Somebody is booked then. Move or cancel that first; nothing was blocked.")


class NotWithinADay(PortalError):
    """A delay is said in minutes, up to four hours."""

    code = "not_within_a_day"
    message = N_("Choose a delay from the list.")


class RoomTaken(PortalError):
    """Another visit has the room at that time."""

    code = "room_taken"
    message = N_("Another visit has that room then. Choose another room.")
