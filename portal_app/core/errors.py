"""The root of everything that can go wrong in a way a person should hear about."""

from collections.abc import Sequence
from typing import ClassVar

from portal_app.core.i18n import N_


class PortalError(Exception):
    """A named failure with a stable code and a sentence the person can act on.

    `message` is a gettext msgid; arguments never carry health information.
    """

    code: ClassVar[str] = "portal_error"
    message: ClassVar[str] = N_("Something went wrong on our side. Nothing was saved. Try again, or call us.")


class NotSignedIn(PortalError):
    """The session is unknown, ended or expired."""

    code = "not_signed_in"
    message = N_("You have been signed out. Sign in to go on; we kept your place.")


class NotAllowed(PortalError):
    """The policy does not allow this actor to do this."""

    code = "not_allowed"
    message = N_("You do not have access to this. If you think you should, call us.")


class OutOfScope(NotAllowed):
    """The actor acts for somebody who has not shared this part of their chart, or not for doing this in it."""

    code = "out_of_scope"
    message = N_("This was not shared with you. The person you act for can share it on their own page, or call us.")

    def __init__(self, section: str) -> None:
        """Remember which part of the chart it is."""
        super().__init__(section)
        self.section = section


class AccessEnded(NotAllowed):
    """The actor acts for somebody who has ended that, or it has run out."""

    code = "access_ended"
    message = N_("You do not act for this person any more. Nothing was changed. If you think you should, call us.")


class OnlyLooking(NotAllowed):
    """The actor sees a patient's pages as that patient does, and was about to change something, or to work."""

    code = "only_looking"
    message = N_("You are looking at a patient's pages as they see them. Nothing can be changed. Stop looking first.")


class NotShownToRole(OnlyLooking):
    """The actor sees a patient's pages, and this part of the chart is none of theirs at work either."""

    code = "not_shown_to_role"
    message = N_("This part of the patient's pages is not shown to your role.")


class LookOver(OnlyLooking):
    """The time for which the actor could see a patient's pages is over."""

    code = "look_over"
    message = N_("You have stopped looking. Go back to your work.")


class StepUpNeeded(PortalError):
    """The actor is allowed, but must prove themselves more strongly first."""

    code = "step_up_needed"
    message = N_("To keep this private, sign in once more before you go on.")


class SecondFactorNeeded(StepUpNeeded):
    """The actor works for the practice and has signed in by a code alone."""

    code = "second_factor_needed"
    message = N_("Prove that it is you with your passkey or the code of your app. Then you can go on.")


class PasskeyNeeded(StepUpNeeded):
    """The actor owns a passkey and has signed in by a code alone."""

    code = "passkey_needed"
    message = N_("You have a passkey. Use it, or prove in another way that it is you. Then you can go on.")


class NotFound(PortalError):
    """There is no such record for this actor, whether or not it exists for someone else."""

    code = "not_found"
    message = N_("We could not find that. It may have been changed or removed.")


class TooManyTries(PortalError):
    """A limit on tries was reached."""

    code = "too_many_tries"
    message = N_("That was tried too many times. Wait a few minutes, then try again, or call us.")


class DatabaseAway(PortalError):
    """The database cannot be reached right now."""

    code = "database_away"
    message = N_("We cannot reach our records right now. Nothing was lost. Wait a moment and try again.")


class RecordsBusy(DatabaseAway):
    """Somebody else changes the same rows at this moment; whoever asks again, with the same key, is answered."""

    code = "records_busy"
    message = N_("Somebody else is changing the same thing right now. Nothing was saved. Wait a moment and try again.")


class PagesAway(PortalError):
    """What open pages rest on between two taps cannot be reached; what was sent may be saved all the same."""

    code = "pages_away"
    message = N_("We cannot show this right now. Wait a moment: the page comes back by itself and says what was saved.")


class InputRefused(PortalError):
    """A value from outside is not acceptable; says which field and why.

    Args:
        field: the form's name of the field.
        reason: a msgid that says what to do, shown beside the field.
        others: what else of the form is not acceptable, in its order.
    """

    code = "input_refused"
    message = N_("Check the answer that is marked and try again.")

    def __init__(self, field: str, reason: str, others: Sequence["InputRefused"] = ()) -> None:
        """Remember which field was refused and the sentence to show beside it."""
        super().__init__(field)
        self.field = field
        self.reason = reason
        self.others = tuple(others)


class Refusals:
    """What is not acceptable in a form, gathered so that all of it is said at once and mended in one go."""

    def __init__(self) -> None:
        """Begin with nothing refused."""
        self._found: list[InputRefused] = []

    def note(self, field: str, reason: str) -> None:
        """Remember one more field and what to do about it; of two about one field, the first is said."""
        if field not in {one.field for one in self._found}:
            self._found.append(InputRefused(field, reason))

    def done(self) -> None:
        """Raise InputRefused with everything noted, if anything was."""
        if self._found:
            first, *others = self._found
            raise InputRefused(first.field, first.reason, others)
