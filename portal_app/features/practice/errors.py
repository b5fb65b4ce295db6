"""What can go wrong while the practice keeps its own facts."""

from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import N_


class NumberChanged(PortalError):
    """The number that was called is not the line's any more."""

    code = "number_changed"
    message = N_("A colleague has changed this number in the meantime. Look at the new one and call that.")


class HoursUnreadable(InputRefused):
    """What was written for a day cannot be read as hours; `field` is `hours-<weekday>`."""

    code = "hours_unreadable"

    def __init__(self, weekday: int) -> None:
        """Remember the day."""
        super().__init__(
            f"hours-{weekday}",
            N_("Write hours like 8:00-12:00, 13:30-17:00. Leave the day empty if it is closed."),
        )
