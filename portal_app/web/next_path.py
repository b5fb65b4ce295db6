"""Where people begin, and the way to the sign-in page and back."""

from urllib.parse import quote

from portal_app.core.actor import Actor, Role
from portal_app.core.i18n import locale_of_path, localized_path
from portal_app.web.documents import normal_path

SIGN_IN = "/sign-in"
INBOX = "/staff/inbox"
_ATTENDING = frozenset({Role.nurse, Role.clinician, Role.front_desk})


def staff_start(actor: Actor) -> str:
    """Return where a day at work begins: with who comes today, with the settings, or with what is to be done."""
    if actor.roles & _ATTENDING:
        return "/staff/schedule"
    return "/staff/settings" if Role.manager in actor.roles else INBOX


def sign_in_path(path: str, query: str = "", *, step_up: bool = False) -> str:
    """Return the sign-in page in the language of an address, which leads back to it.

    Signing in checks the way back again, since anybody can write such an address.
    """
    back = normal_path(path) + (f"?{query}" if query else "")
    reason = "&step-up=1" if step_up else ""
    return f"{localized_path(locale_of_path(back), SIGN_IN)}?next={quote(back, safe='/')}{reason}"
