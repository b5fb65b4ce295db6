"""Which origins may talk to us, and who counts as cross-site."""

from portal_app.settings import Settings
from portal_app.web.request import Scope, header

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def accepted_origins(settings: Settings) -> frozenset[str]:
    """Return the exact origins of this installation.

    On one's own machine people type either name of it, so both count there; in production there is one.
    """
    if settings.mode == "serve" or settings.origin:
        return frozenset({settings.public_origin})
    return frozenset(f"http://{name}:{settings.port}" for name in ("localhost", "127.0.0.1"))


def socket_origins(origins: frozenset[str]) -> list[str]:
    """Return the same origins as WebSocket addresses, sorted."""
    return sorted(origin.replace("http", "ws", 1) for origin in origins)


def is_own(scope: Scope, origins: frozenset[str]) -> bool:
    """Tell whether a request names one of our origins; a missing one is not ours."""
    return header(scope, "origin") in origins


def is_cross_site_write(scope: Scope, origins: frozenset[str]) -> bool:
    """Tell whether a request would change something on behalf of another site.

    A browser always sends `Origin` with a POST; a request without it counts as ours only if the browser itself
    says `same-origin`. Something that is neither has no cookie of a person to abuse and is refused as well.
    (OWASP CSRF Prevention, "Verifying Origin With Standard Headers" and "Fetch Metadata")
    """
    if scope["method"] in _SAFE_METHODS:
        return False
    if header(scope, "sec-fetch-site") not in (None, "same-origin"):
        return True
    origin = header(scope, "origin")
    return origin not in origins if origin else header(scope, "sec-fetch-site") != "same-origin"
