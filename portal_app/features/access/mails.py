"""What people are told by mail when a way into their account, or into their chart, changes."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.access import rules
from portal_app.features.notify.service import Kind, Template, register_template

LINK: Final = "/profile/devices"
_NOT_YOU: Final = N_("If this was not you, call us, and remove what you do not know on the page below.")
_BUTTON: Final = N_("See how you sign in")


def _told(name: str, subject: str, *lines: str, text: str = "") -> Template:
    said = Template(name, subject, (*lines, _NOT_YOU), {"link": Kind.path}, button=_BUTTON, text=text)
    return register_template(said)


TOLD: Final = {
    "passkey_added": _told(
        "access_passkey_added", N_("A passkey was added"), N_("You can now sign in with one more passkey.")
    ),
    "passkey_removed": _told(
        "access_passkey_removed", N_("A passkey was removed"), N_("One of your passkeys does not sign you in any more.")
    ),
    "passkey_set_aside": _told(
        "access_passkey_set_aside",
        N_("A passkey is no longer accepted"),
        N_("One of your passkeys may have been copied, so we do not accept it any more. Nobody was signed in with it."),
        N_("Sign in with a code from your e-mail, remove that passkey and add a new one."),
    ),
    "app_added": _told(
        "access_app_added",
        N_("An authenticator app was added"),
        N_("A new authenticator app now shows the codes for your sign-in. One you had before shows them no more."),
    ),
    "codes_made": _told(
        "access_codes_made",
        N_("New recovery codes were made"),
        N_("Ten new recovery codes for your sign-in were made. The ones you had before count no more."),
    ),
    "code_used": _told(
        "access_code_used", N_("A recovery code was used"), N_("Somebody signed in with one of your recovery codes.")
    ),
    "without_passkey": _told(
        "access_without_passkey",
        N_("Somebody got into your account without your passkey"),
        N_("A code from your e-mail and one by text message opened your account, not your passkey."),
        N_("Did you do that yourself? Then all is well."),
    ),
    "passkeys_reset": _told(
        "access_passkeys_reset",
        N_("Your passkeys were removed"),
        N_("We removed your passkeys, as was asked, and signed you out everywhere."),
        N_("Sign in with a code from your e-mail, and add a new passkey."),
    ),
    "sign_in_reset": _told(
        "access_sign_in_reset",
        N_("Your sign-in was reset"),
        N_("We removed your passkeys, as was asked at our front desk, and signed you out everywhere."),
        N_("Sign in with a code from your e-mail, type the code we gave you, and add a new passkey."),
        text=N_("Your sign-in to our portal was reset at our front desk. If this was not you, call us."),
    ),
    "factors_reset": _told(
        "access_factors_reset",
        N_("Your sign-in was reset"),
        N_("A colleague removed your passkeys, your authenticator app and your recovery codes, and signed you out."),
        N_("They give you a code with which you set up a new one."),
    ),
    "accounts_joined": _told(
        "access_accounts_joined",
        N_("Your practice account now opens your account here"),
        N_("From now on you can sign in here with your practice account."),
    ),
    "accounts_parted": _told(
        "access_accounts_parted",
        N_("Your practice account no longer opens your account here"),
        N_("Signing in here with your practice account was removed."),
    ),
}

CAREGIVERS: Final = "/profile/caregivers"

INVITED: Final = register_template(
    Template(
        "access_caregiver_invited",
        N_("Somebody asks for your help"),
        (
            N_("A patient of ours would like you to help with their care on our portal. Only you can open this."),
            N_("Open it and sign in with this e-mail address; we send you a code. There is no password. "
               "Then you see who asks and what you would do, and accept or decline."),
            N_("The invitation counts for seven days. If you do not know what this is, you need do nothing."),
        ),
        {"link": Kind.path},
        N_("See the invitation"),
        life=rules.INVITATION_LIFE,
    )
)  # fmt: skip
ACCEPTED: Final = register_template(
    Template(
        "access_caregiver_accepted",
        N_("A caregiver accepted your invitation"),
        (
            N_("Somebody you invited can now act for you on our portal, as far as you allowed it."),
            N_("If this was not you, call us, and end their access on the page below."),
        ),
        {"link": Kind.path},
        N_("See your caregivers"),
    )
)
DECLINED: Final = register_template(
    Template(
        "access_caregiver_declined",
        N_("A caregiver declined your invitation"),
        (N_("Somebody you invited to act for you said no. They see nothing of yours."),),
        {"link": Kind.path},
        N_("See your caregivers"),
    )
)

CONTACT_CODE: Final = register_template(
    Template(
        "access_contact_code",
        N_("Your code"),
        (
            N_("Your code is {code}"),
            N_("It works once, for ten minutes, on the page where you asked for it."),
            N_("If you did not ask for a code, you need do nothing."),
            N_("We will never ask you for this code by phone or by message."),
        ),
        {"code": Kind.code},
        life=rules.CODE_LIFE,
        text=N_("Your code is {code}. It works once, for ten minutes. We will never ask you for it."),
    )
)

ADDRESS_CLAIMED: Final = register_template(
    Template(
        "access_address_claimed",
        N_("Somebody named your e-mail address"),
        (
            N_("Somebody who is signed in to the portal gave this e-mail address as their new one. It signs you in, so "
               "nothing was changed."),
            N_("If that was you, with two accounts: call us. If not, you need do nothing."),
        ),
        {},
    )
)  # fmt: skip
