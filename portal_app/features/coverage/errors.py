"""What can go wrong with an insurance."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class CoverageMovedOn(PortalError):
    """An insurance was changed or ended in the meantime."""

    code = "coverage_moved_on"
    message = N_("This insurance was changed in the meantime. Nothing was saved; look at it again.")


class TooManyCoverages(PortalError):
    """Somebody has three insurances already."""

    code = "too_many_coverages"
    message = N_("We can keep three insurances. End one that you no longer have first, or call us.")


class CoverageNotNoted(PortalError):
    """What somebody says of the insurances that they see does not go with one that they do not see."""

    code = "coverage_not_noted"
    message = N_("We cannot note this here. Nothing was changed. Call us, and we put it right together.")


class PayerAway(PortalError):
    """An insurer could not be reached, or did not answer in time."""

    code = "payer_away"


class AnswerUnreadable(PortalError):
    """What an insurer answered is not an answer to what was asked."""

    code = "answer_unreadable"


class CannotAsk(PortalError):
    """Something is missing without which an insurer cannot be asked, or nobody is set up to be asked."""

    code = "cannot_ask"
