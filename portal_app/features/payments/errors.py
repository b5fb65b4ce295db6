"""What can go wrong with a payment."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class ProcessorAway(PortalError):
    """The payment processor cannot be reached, or does not answer in time."""

    code = "processor_away"
    message = N_("Our payment service cannot be reached right now. You were not charged. Try again later, or call us.")


class ProcessorRefused(PortalError):
    """The payment processor does not take what it was asked; an operator has to look."""

    code = "processor_refused"
    message = N_(
        "Our payment service did not take this. You were not charged. Call us, and pay by phone or at the desk."
    )


class NoProcessor(PortalError):
    """This practice takes no payments online."""

    code = "no_processor"
    message = N_("You cannot pay online here yet. Pay at our desk, or call us.")


class EventRefused(PortalError):
    """What came as the processor's word is not signed by it, is too old, or cannot be read."""

    code = "event_refused"


class NothingOwed(PortalError):
    """There is nothing left to pay on these bills, or a payment of it is on its way."""

    code = "nothing_owed"
    message = N_("There is nothing left to pay here. If you have just paid, it may still be on its way.")


class MoreThanOwed(PortalError):
    """Somebody would pay more than is owed."""

    code = "more_than_owed"
    message = N_("That is more than is owed. Type the amount owed, or less.")


class TooLittleToPay(PortalError):
    """The processor takes no payment as small as this, or not one in these steps."""

    code = "too_little_to_pay"
    message = N_("That amount cannot be paid online: it is too small. Pay more at once, or pay at our desk.")


class CoinsAtDesk(PortalError):
    """The processor does not take the smallest coins of a currency, or not all of what is owed because of them."""

    code = "coins_at_desk"
    message = N_("The smallest coins cannot be paid online. Type an amount that ends in 0 and is a little less.")


class CurrencyNotTaken(PortalError):
    """The bills are in a currency that cannot be paid online, or in several at once."""

    code = "currency_not_taken"
    message = N_("These bills cannot be paid together online. Open one bill to pay it, or call us.")


class PaidMeanwhile(PortalError):
    """An older payment of the same chart went through while a newer one began."""

    code = "paid_meanwhile"
    message = N_("You have just paid. Look at what is left before you pay more.")


class AttemptOver(PortalError):
    """An attempt was given up for a newer one, or its time is over."""

    code = "attempt_over"
    message = N_("This payment is not open any more. You were not charged. Begin again from your bills.")


class ChargeDeclined(PortalError):
    """A kept method was declined; `reason` is why, in a word of ours: see `Facts.problem`."""

    code = "charge_declined"
    message = N_("Your bank did not allow this payment. You were not charged.")

    def __init__(self, reason: str = "declined", intent_id: str = "") -> None:
        """Remember why, in a word of ours."""
        super().__init__(reason)
        self.reason = reason
        self.intent_id = intent_id
