"""What can go wrong while signing in."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class CodeRefused(PortalError):
    """The code is wrong, used, too old, or was asked for in another browser."""

    code = "code_refused"
    message = N_("That code did not work. Check the newest e-mail from us, or ask for a new code.")


class TextCodeRefused(PortalError):
    """The code of a text message is wrong, used, too old, or was asked for in another browser."""

    code = "text_code_refused"
    message = N_("That code did not work. Check the newest text message from us, or ask for a new code.")


class PasskeyRefused(PortalError):
    """What came is not the answer of a passkey we know, or the question was another browser's, used or too old."""

    code = "passkey_refused"
    message = N_("That passkey did not work here. Try again, or use a code from your e-mail.")


class PasskeySetAside(PortalError):
    """The passkey may have been copied (its count of uses fell), so it opens nothing any more."""

    code = "passkey_set_aside"
    message = N_("For your safety this passkey is no longer accepted. Sign in with a code, then remove it. Or call us.")


class TooManyPasskeys(PortalError):
    """The person has as many passkeys as anybody may."""

    code = "too_many_passkeys"
    message = N_("You have as many passkeys as we can keep. Remove one first.")


class CodeWornOut(PortalError):
    """The code was tried too often and no longer counts."""

    code = "code_worn_out"
    message = N_("That code was tried too many times. Ask for a new code.")


class ProviderAway(PortalError):
    """The provider of single sign-on cannot be reached, is too slow, or does not speak as it should."""

    code = "provider_away"
    message = N_("Your practice account cannot be reached right now. Sign in another way, or call us.")


class SignOnRefused(PortalError):
    """What came back from the provider is not a true answer to what this browser asked."""

    code = "sign_on_refused"
    message = N_("Signing in with your practice account did not work. Try again, or sign in another way.")


class FactorRefused(PortalError):
    """What was typed is neither the code of the app nor a code that is kept, or it was used before."""

    code = "factor_refused"
    message = N_("That code did not work. Wait for the next one in your app, or use another code from your list.")


class FactorWornOut(PortalError):
    """Too many wrong codes were typed for one person."""

    code = "factor_worn_out"
    message = N_("Too many codes did not fit. Wait a quarter of an hour, or ask a manager of your practice.")


class SetUpCodeRefused(PortalError):
    """The set-up code is wrong, used or too old, or none was typed in this session."""

    code = "set_up_code_refused"
    message = N_("That set-up code did not work. Check it, or ask whoever gave it to you for a new one.")


class GivenCodeRefused(PortalError):
    """The code that the front desk gave is wrong, used or too old."""

    code = "given_code_refused"
    message = N_("That code did not work. Check it, or ask us for a new one.")


class CannotReset(PortalError):
    """Nobody signs in for the chart, or whoever does works for the practice."""

    code = "cannot_reset"
    message = N_("This sign-in is not reset here. Somebody who works here is let in again by a manager.")


class OwnFactors(PortalError):
    """Somebody wanted to reset their own ways in."""

    code = "own_factors"
    message = N_("Nobody resets their own sign-in. Ask another manager, or whoever runs this portal.")


class CaregiverAlready(PortalError):
    """There is an open invitation to this address, or its owner acts for the patient already."""

    code = "caregiver_already"
    message = N_("This person has an invitation or acts for you already. See the list of your caregivers.")


class SetByPractice(PortalError):
    """The practice set this relation on the strength of a document, and the patient alone cannot do that to it."""

    code = "set_by_practice"
    message = N_("The practice set this because of a document. Only the practice can do that. Ask us, or call us.")


class InvitationOver(PortalError):
    """The link is not one of ours, was answered, was taken back, or has run out."""

    code = "invitation_over"
    message = N_("This invitation does not count any more. Ask the person who invited you for a new one.")


class SignOnDeclined(PortalError):
    """The person did not sign in at the provider, or the provider did not let them."""

    code = "sign_on_declined"
    message = N_("Signing in with your practice account was stopped. Try again, or sign in another way.")


class NoRoleHere(PortalError):
    """The provider knows the person, and nothing it says of them gives a role here."""

    code = "no_role_here"
    message = N_("Your practice account opens nothing here. Ask whoever looks after it, or call us.")


class AccountClosed(PortalError):
    """The person may not sign in any more."""

    code = "account_closed"
    message = N_("Your account here is closed. If you think that is wrong, call us.")


class NotForStaff(PortalError):
    """Whoever wants to join a practice account does not work here."""

    code = "not_for_staff"
    message = N_("Practice accounts are for people who work here. Sign in with a code or a passkey instead.")


class AlreadyJoined(PortalError):
    """The account here, or the one at the provider, is joined to another one."""

    code = "already_joined"
    message = N_("One of these two accounts is joined to another one already. Call us, and we sort it out.")


class JoinTooLate(PortalError):
    """What was proved at the provider is used, or too long ago."""

    code = "join_too_late"
    message = N_("That took too long, so nothing was joined. Sign in with your practice account once more.")


class CodeNotOnList(PortalError):
    """What was typed to show that the recovery codes are kept is none of them."""

    code = "code_not_on_list"
    message = N_("That is none of your ten codes. Type one exactly as it stands on your copy.")
