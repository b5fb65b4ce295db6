"""What can go wrong with an estimate."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class VisitPast(PortalError):
    """An estimate was asked for a visit that is over or cancelled."""

    code = "visit_past"
    message = N_("This visit is over or cancelled, so there is nothing to estimate. Your bills say what it cost.")
