"""Where people begin, and the way to the sign-in page and back."""

from urllib.parse import quote, urlencode
from uuid import UUID

from portal_app.core import policy
from portal_app.core.actor import Actor, Role, Section
from portal_app.core.errors import (
    LookOver,
    NotShownToRole,
    NotSignedIn,
    OnlyLooking,
    PasskeyNeeded,
    SecondFactorNeeded,
    StepUpNeeded,
)
from portal_app.core.i18n import locale_of_path, localized_path, path_without_locale
from portal_app.web.documents import normal_path
from portal_app.web.registry import page_at, page_of

SIGN_IN = "/sign-in"
SECOND_FACTOR = "/second-factor"
TEXT_CODE = "/text-code"
INBOX = "/staff/inbox"
OWN_PAGE = "/profile"
ACTING_FOR = "/profile/acting-for"
CHECK_IN = "/check-in"
LOOKED = "/looked"
"""Where support goes back to work after it saw a patient's pages."""
_ATTENDING = frozenset({Role.nurse, Role.clinician, Role.front_desk})


def staff_start(actor: Actor) -> str:
    """Return where a day at work begins: with who comes today, with the settings, or with what is to be done.

    Whoever may open none of these begins with their own page, which everybody has.
    """
    starts = ["/staff/schedule"] if actor.roles & _ATTENDING else []
    starts += ["/staff/settings", INBOX]
    return next((route for route in starts if is_open(route, actor)), OWN_PAGE)


def is_open(route: str, actor: Actor) -> bool:
    """Tell whether there is a screen at an address without a language, and whether somebody may open it."""
    page = page_of(route)
    return page is not None and policy.get(page.policy).is_allowed(actor)


def barred_path(path: str, section: str) -> str:
    """Return where whoever acts for another is told that a part, or the whole ("") of the chart is not shared."""
    part = f"why=part&part={section}" if section in set(Section) else "why=ended"
    return localized_path(locale_of_path(path), f"{ACTING_FOR}?{part}")


def looked_path(path: str, error: OnlyLooking) -> str:
    """Return where whoever sees a patient's pages is told why one of them stays shut, or how to go back to work."""
    page, why = page_at(path_without_locale(normal_path(path))), ""
    if isinstance(error, NotShownToRole):
        why = "?why=part"
    elif page is not None and page.audience == "patient" and not isinstance(error, LookOver):
        why = "?why=patient"
    return localized_path(locale_of_path(path), f"{LOOKED}{why}")


def other_chart_path(target: str) -> str:
    """Return the page on which somebody goes to the chart that an address is about, and on to that address."""
    return f"{localized_path(locale_of_path(target), ACTING_FOR)}?next={quote(target, safe='/')}"


def sign_in_path(path: str, query: str = "", *, step_up: bool = False) -> str:
    """Return the sign-in page in the language of an address, which leads back to it.

    Signing in checks the way back again, since anybody can write such an address.
    """
    back = normal_path(path) + (f"?{query}" if query else "")
    reason = "&step-up=1" if step_up else ""
    return f"{localized_path(locale_of_path(back), SIGN_IN)}?next={quote(back, safe='/')}{reason}"


def proof_path(error: NotSignedIn | StepUpNeeded, path: str, query: str = "") -> str:
    """Return the page on which somebody proves what an error says is missing, which leads back to an address."""
    if isinstance(error, SecondFactorNeeded):
        return second_factor_path(path, query)
    if isinstance(error, PasskeyNeeded):
        return text_code_path(locale_of_path(path), normal_path(path) + (f"?{query}" if query else ""))
    return sign_in_path(path, query, step_up=isinstance(error, StepUpNeeded))


def second_factor_path(path: str, query: str = "") -> str:
    """Return the page of the second factor in the language of an address, which leads back to it."""
    back = normal_path(path) + (f"?{query}" if query else "")
    return f"{localized_path(locale_of_path(back), SECOND_FACTOR)}?next={quote(back, safe='/')}"


def text_code_path(locale: str, back: str, *, problem: str = "") -> str:
    """Return the page of the code by text message, with what went wrong, which leads back to an address."""
    query = {"next": back, **({"step": "code", "problem": problem} if problem else {})}
    return f"{localized_path(locale, TEXT_CODE)}?{urlencode(query)}"


def check_in_path(locale: str, visit: str) -> str:
    """Return the check-in of the visit that an address names (`?visit=`); nothing where it names none.

    An address carries an id and never a path, so that only we say where it leads.
    """
    try:
        return localized_path(locale, f"{CHECK_IN}?id={UUID(visit)}")
    except ValueError:
        return ""


def for_check_in(path: str, visit: str) -> str:
    """Return an address of ours with the visit to whose check-in it leads back; as it was where there is none."""
    try:
        return f"{path}{'&' if '?' in path else '?'}visit={UUID(visit)}"
    except ValueError:
        return path
