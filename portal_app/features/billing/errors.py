"""What can go wrong with a charge."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class ServiceUnknown(PortalError):
    """A code is not in the practice's list."""

    code = "service_unknown"
    message = N_("That code is not in your practice's list. Choose another, or leave it to billing.")


class ChargeMovedOn(PortalError):
    """A charge was billed, or corrected by somebody else, in the meantime."""

    code = "charge_moved_on"
    message = N_("This charge was changed or billed in the meantime. Look at it again.")
