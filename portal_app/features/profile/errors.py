"""What can go wrong while somebody changes what the portal knows of them."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class ChangeOver(PortalError):
    """An address cannot be put back: it was, it changed again, or too long ago."""

    code = "change_over"
    message = N_("This change cannot be undone here any more. Look at the addresses, and call the patient.")


class ChangedAgain(PortalError):
    """What was to be accepted is not as it was shown, or somebody else has accepted it."""

    code = "changed_again"
    message = N_("This has changed meanwhile. Look at it once more.")
