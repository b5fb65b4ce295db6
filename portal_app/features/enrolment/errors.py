"""What can go wrong between an invitation and an account."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class ActivationRefused(PortalError):
    """Something does not fit: what, is not said, nor whether there is such an activation."""

    code = "activation_refused"
    message = N_("That does not fit together. Check the code, your name and your birth date, or call us.")


class ActivationWornOut(PortalError):
    """The same was typed too often; said of what never existed too."""

    code = "activation_worn_out"
    message = N_("That was tried too many times, so it works no more. Call us: we give you a new card.")


class ActivationRunOut(PortalError):
    """The browser had proved itself, and the activation has been used, replaced or withdrawn since, or is too old."""

    code = "activation_run_out"
    message = N_("This card or link works no more. If it was not you who used it, call us.")


class AddressInUse(PortalError):
    """Whoever reads this address signs in with it already; said only to them, once they have proved it."""

    code = "address_in_use"
    message = N_("This e-mail address already signs in for somebody. Use another one, or call us.")


class ActivationCodeRefused(PortalError):
    """The code from the e-mail is wrong, used or too old."""

    code = "activation_code_refused"
    message = N_("That code did not work. Check the newest e-mail from us, or ask for a new code.")


class AlreadyEnrolled(PortalError):
    """Somebody signs in for this chart already."""

    code = "already_enrolled"
    message = N_("Somebody signs in for this chart already. There is nothing to activate.")


class TooYoung(PortalError):
    """By the rule of age the patient does not sign in themself yet."""

    code = "too_young"
    message = N_("By your rule of age this patient does not sign in themself yet. Set a parent under Caregivers.")


class ActivationRaced(PortalError):
    """A colleague has just issued another activation for the same chart."""

    code = "activation_raced"
    message = N_("A colleague has just made an activation for this patient. Look again before you make another.")
