"""What can go wrong where privacy is looked after."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class OpenAlready(PortalError):
    """The chart is among the actor's own patients."""

    code = "open_already"
    message = N_("This is one of your own patients. You need no reason: find them under Patients.")


class LookRefused(PortalError):
    """The patient does not want anybody to see their pages as they do."""

    code = "look_refused"
    message = N_("This patient does not want their own pages to be seen by staff. Help with what the chart shows.")
