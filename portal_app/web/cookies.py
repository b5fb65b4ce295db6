"""The cookies: who this browser is, and by what it is known again; HttpOnly and unreadable to the page.

Before sign-in it holds a visitor's secret (`anon-…`), to which a one-time code is bound; after sign-in a
session's. Cookies ignore ports, so the port is part of the name: two installations on one machine do not sign
each other out. `SameSite=Lax` lets a link in a message arrive signed in (`Strict` would land on sign-in).

A second cookie outlives signing out: what a browser that somebody signed in on is known by when it asks for a code
again. It opens nothing by itself.

A third one, for a quarter of an hour, finds again what a browser proved at the provider of single sign-on while its
owner signs in here. A fourth is the key of the one visit that a guest was invited to.

The page itself writes one (`device_zone.js`): where the clock of its device stands. It opens nothing and is only shown.
"""

import secrets
from functools import cache
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from portal_app.settings import Settings, get_settings

VISITOR_PREFIX = "anon-"
_KNOWN = "-known"
_JOIN = "-join"
_ROOM = "-room"
_LOOK = "-look"
_ZONE = "sala-zone"
_LOOK_AGE_S = 365 * 24 * 3600
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"


def cookie_name(settings: Settings | None = None) -> str:
    """Return the name of the cookie of this installation."""
    origin = urlsplit((settings or get_settings()).public_origin)
    port = origin.port or (443 if origin.scheme == "https" else 80)
    return f"__Host-sala-{port}"


def read_secret(cookie_header: str | None) -> str:
    """Return the secret a request carries, or "" if it carries none."""
    return _read(cookie_header, cookie_name())


def read_known_secret(cookie_header: str | None) -> str:
    """Return what this browser is known by from an earlier sign-in, or ""."""
    return _read(cookie_header, cookie_name() + _KNOWN)


def read_join_secret(cookie_header: str | None) -> str:
    """Return what this browser finds again what it proved at the provider by, or ""."""
    return _read(cookie_header, cookie_name() + _JOIN)


def read_room_secret(cookie_header: str | None) -> str:
    """Return the key of the one visit that a guest came to on this browser, or ""."""
    return _read(cookie_header, cookie_name() + _ROOM)


def set_room_cookie(room_secret: str, max_age_s: int) -> str:
    """Return the `Set-Cookie` value that gives a guest the key of one visit's room."""
    return f"{cookie_name()}{_ROOM}={room_secret}; {_ATTRIBUTES}; Max-Age={max_age_s}"


def read_look(cookie_header: str | None) -> str:
    """Return how large and strong this browser shows the portal, such as "large.more", or nothing."""
    return _read(cookie_header, cookie_name() + _LOOK)


def set_look_cookie(look: str) -> str:
    """Return the `Set-Cookie` value by which the first HTML already has the size and contrast that somebody chose."""
    return f"{cookie_name()}{_LOOK}={look}; {_ATTRIBUTES}; Max-Age={_LOOK_AGE_S}"


def read_zone(cookie_header: str | None) -> str:
    """Return where the device's clock stands, such as "America/New_York"; "" if it says nothing we know."""
    said = _read(cookie_header, _ZONE)
    return said if said and said in _zones() else ""


@cache
def _zones() -> frozenset[str]:
    """Return every zone there is; each look at the disk takes as long as a page."""
    return frozenset(available_timezones())


def _read(cookie_header: str | None, name: str) -> str:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(cookie_header or "")
    except CookieError:
        return ""
    morsel = jar.get(name)
    return morsel.value if morsel else ""


def is_visitor(secret: str) -> bool:
    """Tell whether a secret belongs to a browser on which nobody has signed in."""
    return secret.startswith(VISITOR_PREFIX)


def new_session_secret() -> str:
    """Return a fresh secret for a session (256 random bits)."""
    return secrets.token_urlsafe(32)


def new_visitor_secret() -> str:
    """Return a fresh secret for a browser that nobody has signed in on (256 random bits)."""
    return VISITOR_PREFIX + secrets.token_urlsafe(32)


def set_cookie(secret: str, max_age_s: int | None = None) -> str:
    """Return the `Set-Cookie` value that gives a browser this secret; without an age it ends with the browser."""
    age = f"; Max-Age={max_age_s}" if max_age_s is not None else ""
    return f"{cookie_name()}={secret}; {_ATTRIBUTES}{age}"


def set_known_cookie(known_secret: str, max_age_s: int) -> str:
    """Return the `Set-Cookie` value by which a browser is known when it asks for a code again; only to ourselves."""
    attributes = _ATTRIBUTES.replace("Lax", "Strict")
    return f"{cookie_name()}{_KNOWN}={known_secret}; {attributes}; Max-Age={max_age_s}"


def set_join_cookie(join_secret: str, max_age_s: int) -> str:
    """Return the `Set-Cookie` value that keeps what was proved at the provider; an age of nought takes it away."""
    return f"{cookie_name()}{_JOIN}={join_secret}; {_ATTRIBUTES}; Max-Age={max_age_s}"


def clear_cookie() -> str:
    """Return the `Set-Cookie` value that takes the secret away."""
    return set_cookie("", 0)
