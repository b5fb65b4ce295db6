"""Content Security Policy: no script runs but ours, and no inline one whose hash the build did not write down."""

import base64
import hashlib
import re
from collections.abc import Iterable

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style(?P<attributes>[^>]*)>(?P<body>.*?)</style>", re.DOTALL)


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def script_hashes(html: str) -> list[str]:
    """Return the source expressions that allow exactly the inline scripts of a document, sorted."""
    return sorted({_hash(m["body"]) for m in _SCRIPT.finditer(html) if "src=" not in m["attributes"]})


def style_hashes(html: str) -> list[str]:
    """Return the source expressions that allow exactly the inline style sheets of a document, sorted."""
    return sorted({_hash(m["body"]) for m in _STYLE.finditer(html)})


def document_policy(
    script_sources: Iterable[str], socket_origins: Iterable[str], style_sources: Iterable[str] = ()
) -> str:
    """Return the policy of a screen.

    Style attributes are allowed (they cannot run anything and heights are reserved with them); style sheets
    come from files, or have a hash in `style_sources`. `socket_origins` are spelled out because older Safari does not
    count a WebSocket as 'self'.
    """
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *script_sources)),
            " ".join(("style-src 'self'", *style_sources)),
            "style-src-attr 'unsafe-inline'",
            " ".join(("connect-src 'self'", *socket_origins)),
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


WORKER = "default-src 'none'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
"""The policy of the service worker, which fetches addresses of ours and nothing else."""


def plain_policy(html: str) -> str:
    """Return the policy of a page without any script."""
    style = " ".join(("style-src", *(style_hashes(html) or ("'none'",))))
    return f"default-src 'none'; {style}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
