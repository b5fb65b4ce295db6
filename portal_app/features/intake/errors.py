"""What can go wrong while a form is filled in."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class AnswersOutOfOrder(PortalError):
    """An answer before these has not come; `expected` is its number on that device."""

    code = "answers_out_of_order"
    message = N_("An earlier answer has not arrived yet. It is sent again by itself.")

    def __init__(self, expected: int) -> None:
        """Remember which one is wanted."""
        super().__init__(expected)
        self.expected = expected


class FormAlreadySent(PortalError):
    """The form is sent; nothing in it changes any more."""

    code = "form_already_sent"
    message = N_("This form was sent already. If something in it is wrong, tell your clinician.")


class FormChanged(PortalError):
    """An answer was changed elsewhere after the review that is now sent."""

    code = "form_changed"
    message = N_("An answer was changed on another device. Look at the answers once more before you send them.")


class FormIncomplete(PortalError):
    """Something is missing or does not fit; `at` is the key of the first question, empty for a blank form."""

    code = "form_incomplete"
    message = N_("Some questions still need an answer before this can be sent.")

    def __init__(self, at: str) -> None:
        """Remember where."""
        super().__init__(at)
        self.at = at


class SignatureMissing(PortalError):
    """The form wants a signature."""

    code = "signature_missing"
    message = N_("Type your full name to sign.")


class OnlyOneself(PortalError):
    """The questions are about how somebody feels: only they can say."""

    code = "only_oneself"
    message = N_("Only the patient can answer these questions. They can do so in the visit, or from their own account.")


class FormUnknown(PortalError):
    """There is no such form in the library."""

    code = "form_unknown"
    message = N_("We could not find that form. Open the list again.")


class VersionTaken(PortalError):
    """This version of a form is kept already, with other words; patients may have answered them."""

    code = "version_taken"
    message = N_("This version is kept already, with other words. Give the changed form a new version.")
