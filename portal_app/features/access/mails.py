"""What people are told by mail when a way into their account changes."""

from typing import Final

from portal_app.core.i18n import N_
from portal_app.features.notify.service import Kind, Template, register_template

LINK: Final = "/profile/devices"
_NOT_YOU: Final = N_("If this was not you, call us, and remove what you do not know on the page below.")
_BUTTON: Final = N_("See how you sign in")


def _told(name: str, subject: str, *lines: str) -> Template:
    return register_template(Template(name, subject, (*lines, _NOT_YOU), {"link": Kind.path}, button=_BUTTON))


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
}
