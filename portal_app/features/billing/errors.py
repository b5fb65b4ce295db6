"""What can go wrong with a charge."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class ServiceUnknown(PortalError):
    """A code is not in the practice's list."""

    code = "service_unknown"
    message = N_("That code is not in your practice's list. Choose another, or leave it to billing.")


class ChargeIncomplete(PortalError):
    """A charge has no service yet, and so cannot be billed."""

    code = "charge_incomplete"
    message = N_("Choose a service first: without one nothing can be billed.")


class ChargeMovedOn(PortalError):
    """A charge was billed, or corrected by somebody else, in the meantime."""

    code = "charge_moved_on"
    message = N_("This charge was changed or billed in the meantime. Look at it again.")


class FeeMissing(PortalError):
    """A charge has no service yet, or the practice's list says no price for it."""

    code = "fee_missing"
    message = N_("There is no price for this service yet. Choose the service first, or ask a manager to load the fees.")


class TooMuch(PortalError):
    """More would be taken off a bill than is still owed on it."""

    code = "too_much"
    message = N_("That is more than is still owed on this bill. Nothing was written.")


class CorrectedAlready(PortalError):
    """An entry was taken back before, or is one that takes another back, or is the charge itself."""

    code = "corrected_already"
    message = N_("This entry was taken back already, or cannot be. Look at the bill again.")


class KeyUsedOtherwise(PortalError):
    """A key that made one posting before came again with another bill, kind or amount."""

    code = "key_used_otherwise"
    message = N_("This was written already, with another amount. Open the page again and look before you write more.")


class QuestionOver(PortalError):
    """A question about a bill was answered or closed by a colleague in the meantime."""

    code = "question_over"
    message = N_("A colleague has answered or closed this in the meantime. Nothing was sent twice.")


class BillTakenBack(PortalError):
    """Something would be written on a bill that was taken back."""

    code = "bill_taken_back"
    message = N_("This bill was taken back. Nothing more is written on it.")


class BillPaidOn(PortalError):
    """A bill would be taken back on which money that somebody paid stands."""

    code = "bill_paid_on"
    message = N_("Somebody has paid on this bill. Give the money back first, or take back the entry if it was wrong.")


class MoreThanPaid(PortalError):
    """More would be given back than is left of a payment."""

    code = "more_than_paid"
    message = N_("That is more than is left of this payment. Nothing was written.")


class PaymentDisputed(PortalError):
    """Money would be given back while a bank looks into a payment."""

    code = "payment_disputed"
    message = N_("The patient's bank is looking into a payment of this bill. Until it has decided, give nothing back.")


class ManagerNeeded(PortalError):
    """More would be given back than billing may give back by itself."""

    code = "manager_needed"
    message = N_("That is more than you may give back by yourself. Ask somebody who is a manager as well.")


class BatchRunning(PortalError):
    """Statements would be made while others are being made."""

    code = "batch_running"
    message = N_("Statements are being made already. Wait for them, or stop them first.")


class BalancesDrift(PortalError):
    """What is kept as owed on some bills is not the sum of their entries: somebody switched the triggers off."""

    code = "balances_drift"
    message = N_("The balances do not agree with the books. Call whoever runs the portal.")
