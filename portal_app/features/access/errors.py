"""What can go wrong while signing in."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class CodeRefused(PortalError):
    """The code is wrong, used, too old, or was asked for in another browser."""

    code = "code_refused"
    message = N_("That code did not work. Check the newest e-mail from us, or ask for a new code.")


class CodeWornOut(PortalError):
    """The code was tried too often and no longer counts."""

    code = "code_worn_out"
    message = N_("That code was tried too many times. Ask for a new code.")
