"""What can go wrong while somebody checks in."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class CheckInClosed(PortalError):
    """The visit is not one that can be checked in for now; `stage` says why."""

    code = "check_in_closed"
    message = N_("This visit has changed. Here is how it stands now.")

    def __init__(self, stage: str) -> None:
        """Remember why."""
        super().__init__(stage)
        self.stage = stage
