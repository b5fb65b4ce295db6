"""What can go wrong on the way into a visit, and in it."""

from datetime import datetime

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class NotYetOpen(PortalError):
    """The visit can be joined from `opens_at` on.

    Args:
        opens_at: when that is.
    """

    code = "visit_not_yet_open"
    message = N_("It is too early to join. Come back half an hour before your visit.")

    def __init__(self, opens_at: datetime) -> None:
        """Keep the moment for the screen."""
        super().__init__(self.code)
        self.opens_at = opens_at


class CallInstead(PortalError):
    """There is nothing to join (any more), and whoever still needs the practice calls it.

    Args:
        phone: the location's number, as the practice writes it.
    """

    def __init__(self, phone: str = "") -> None:
        """Keep the number to call."""
        super().__init__(self.code)
        self.phone = phone


class VisitOver(CallInstead):
    """The visit has ended, or its time is long past."""

    code = "visit_over"
    message = N_("This visit is over. If you still need to talk to us, call us.")


class VisitCalledOff(CallInstead):
    """The appointment was cancelled, or is not what it was any more."""

    code = "visit_called_off"
    message = N_("This visit was cancelled or moved. Look at your appointments, or call us.")


class NotByVideo(PortalError):
    """The appointment is in person: there is nothing to join."""

    code = "not_by_video"
    message = N_("This appointment is in person. There is no video visit to join.")


class NotInRoom(PortalError):
    """The actor is not in this room, or not any more: not admitted, gone, taken out, or it is over."""

    code = "not_in_room"
    message = N_("You are not in this visit. Go to your appointments to join it.")


class SeatTakenElsewhere(PortalError):
    """The actor opened the same visit in a newer tab or on another device, which has taken over."""

    code = "seat_taken_elsewhere"
    message = N_("You opened this visit somewhere else. It goes on there; this page has stopped.")


class RoomLocked(PortalError):
    """The host lets nobody else in."""

    code = "room_locked"
    message = N_("The clinician has closed the room for others. Wait here, or ask the person who invited you.")


class PatientHasNotAgreed(PortalError):
    """Somebody who was invited cannot be let in before the patient agrees."""

    code = "patient_has_not_agreed"
    message = N_("The patient has not agreed to this person yet. They are asked on their screen.")


class PatientNotThere(PortalError):
    """Time alone was asked for, but only somebody who acts for the patient has joined: they share one device."""

    code = "patient_not_there"
    message = N_("The patient has not joined by themself. Ask whoever is with them to leave the room for a while.")


class AloneWithPatient(PortalError):
    """Somebody who came along cannot be let in while the host is alone with the patient."""

    code = "alone_with_patient"
    message = N_("You are alone with the patient. Let the others back in first.")


class VisitNotBegun(PortalError):
    """What cannot be done before the visit has begun, or after it has ended."""

    code = "visit_not_begun"
    message = N_("This visit has not begun, or has ended already. Look at the list again.")


class WhereaboutsChanged(PortalError):
    """What was confirmed is not what was shown: somebody has said it anew meanwhile, here or in another place."""

    code = "whereabouts_changed"
    message = N_("What you told us was changed elsewhere. Read it once more, then go on.")


class LinkUsed(PortalError):
    """The link of an invitation is unknown, used already, run out, or its visit is over: nobody is told which."""

    code = "link_used"
    message = N_("This link does not work any more. Ask the person who invited you for a new one.")
