"""What can go wrong with an alert that several people look at."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class AlertMovedOn(PortalError):
    """A colleague has taken or closed it in the meantime."""

    code = "alert_moved_on"
    message = N_("A colleague was faster: this has changed. The list now shows how it stands.")
