"""What can go wrong with a call-back."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class CallBackOver(PortalError):
    """It has been answered or taken back in the meantime."""

    code = "call_back_over"
    message = N_("This call-back is over: a colleague called, or the patient took it back.")
