"""The security headers every answer carries."""

from typing import Final

from portal_app.settings import Settings
from portal_app.web.request import Headers

_COMMON: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (
        b"permissions-policy",
        (
            b"camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=(),"
            b" browsing-topics=()"
        ),
    ),
]
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_OVERRIDDEN = frozenset(name for name, _value in _COMMON) | {_HSTS[0], b"content-security-policy"}


def security_headers(settings: Settings, content_policy: str) -> Headers:
    """Return the headers for one answer; transport security only where the origin is https."""
    headers = [*_COMMON, (b"content-security-policy", content_policy.encode())]
    return [*headers, _HSTS] if settings.public_origin.startswith("https:") else headers


_OF_DOCUMENTS = frozenset(
    {b"x-frame-options", b"permissions-policy", b"cross-origin-opener-policy", b"referrer-policy"}
)  # what a script or a style asks for is of this origin, by the document's own policy
_NEEDLESS = frozenset({b"accept-ranges", b"last-modified", b"etag"})
BUILT: Final = "/assets/"
"""Where the build's files are, with a hash of their content in the name."""
BUILT_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"


def lean(headers: Headers, *, changes: bool = False) -> Headers:
    """Return the headers of a file of the build without what only documents need, or files that change.

    A page asks for a dozen of them, and each answer's headers travel whole.
    """
    left_out = _OF_DOCUMENTS | {b"vary"} | (frozenset() if changes else _NEEDLESS)
    kept = [pair for pair in headers if pair[0].lower() not in left_out]
    return [*kept, (b"vary", b"Accept-Encoding")]


def with_security(headers: Headers, security: Headers) -> Headers:
    """Return an answer's headers with ours in place of any it set by itself."""
    return [*(pair for pair in headers if pair[0].lower() not in _OVERRIDDEN), *security]


def with_caching(headers: Headers, path: str) -> Headers:
    """Return the headers with a rule for caches, unless the answer has one.

    Files under `/assets/` carry a hash of their content in the name and never change; anything else is asked
    for again, and what was made for one person (no validator) is not stored at all.
    """
    names = {name.lower() for name, _value in headers}
    if path.startswith(BUILT):
        rule = b"public, max-age=31536000, immutable"
    elif b"cache-control" in names:
        return headers
    else:
        rule = b"no-cache" if b"etag" in names else b"no-store"
    return [*(pair for pair in headers if pair[0].lower() != b"cache-control"), (b"cache-control", rule)]
