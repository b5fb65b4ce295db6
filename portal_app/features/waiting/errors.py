"""What can go wrong between waiting and having a time."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class OfferOver(PortalError):
    """The time is no longer kept for this patient: the hold ran out, they said no, or it was withdrawn.

    Args:
        still_waits: whether they are still on the list.
    """

    code = "offer_over"
    message = N_("That time is no longer kept for you. Nothing has changed: your appointment stands as it was.")

    def __init__(self, *, still_waits: bool = True) -> None:
        """Keep whether the patient is still on the list."""
        super().__init__(self.code)
        self.still_waits = still_waits


class AlreadyWaiting(PortalError):
    """The patient is on the list for this already."""

    code = "already_waiting"
    message = N_("You are on the list for this already. You can change or end it under “Earlier times”.")


class RequestMovedOn(PortalError):
    """The request was answered, withdrawn or booked in the meantime."""

    code = "request_moved_on"
    message = N_("This request has changed in the meantime. Look at it again before you go on.")


class NoTimeKept(PortalError):
    """None of the times staff chose could be kept any more."""

    code = "no_time_kept"
    message = N_("Those times have just been taken. Nothing was sent. Choose others.")
