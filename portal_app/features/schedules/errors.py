"""What can go wrong while a schedule is changed."""

from datetime import datetime

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class ScheduleChanged(PortalError):
    """Somebody else changed the schedule since this page read it.

    Args:
        by: their name, or nothing where it is not known.
        at: when, or None where it is not known.
    """

    code = "schedule_changed"
    message = N_("Someone else has changed this schedule in the meantime. Nothing was saved. Look at it again.")

    def __init__(self, by: str = "", at: datetime | None = None) -> None:
        """Keep who it was, for the screen."""
        super().__init__(self.code)
        self.by = by
        self.at = at
