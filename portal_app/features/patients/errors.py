"""What can go wrong when somebody is registered."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class RegistrationDecided(PortalError):
    """Somebody else at the practice has decided meanwhile."""

    code = "registration_decided"
    message = N_("A colleague has just decided this. Nothing was changed.")
