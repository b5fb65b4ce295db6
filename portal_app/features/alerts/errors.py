"""What can go wrong with an alert that several people look at."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class AlertMovedOn(PortalError):
    """A colleague has taken or closed it in the meantime."""

    code = "alert_moved_on"
    message = N_("A colleague was faster: this has changed. The list now shows how it stands.")


class AlertGrew(PortalError):
    """Something was added to it since whoever closes it looked."""

    code = "alert_grew"
    message = N_("Something was added to this alert since you looked. Read it again before you close it.")


class TurnMovedOn(PortalError):
    """A colleague has removed it, or it is over."""

    code = "turn_moved_on"
    message = N_("That turn is over, or a colleague has removed it. The list now shows how it stands.")
