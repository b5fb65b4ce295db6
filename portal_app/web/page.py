"""What a screen declares about itself."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import parse_qs, urlsplit

import reflex as rx
from markupsafe import Markup

from portal_app.core.db import Transaction

Audience = Literal["patient", "staff", "public", "demo"]

NAMES_A_THING: Final = ("id", "patient", "visit", "what", "bill", "relation")
"""What of an address after its question mark says which one a page shows; `assets/shell.js` has the same."""


def place(address: str) -> tuple[str, ...]:
    """Return what makes two addresses of a tab the same page about the same thing."""
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    return (parts.path, *(asked.get(name, [""])[0] for name in NAMES_A_THING))


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What a page shows in its first HTML: found under the policy of the page, drawn in its language.

    Args:
        find: returns what the address after its question mark asks for, and what of it was recorded, by name; None
            where there is nothing to show before the page is there.
        draw: returns it as HTML, as the page will draw it: nothing jumps when it does.
    """

    find: Callable[[Transaction, Mapping[str, str]], Awaitable[tuple[Mapping[str, Any], frozenset[str]] | None]]
    draw: Callable[[Mapping[str, Any]], Markup]


@dataclass(frozen=True, slots=True)
class Page:
    """One screen, in every language.

    Args:
        route: its address without a language, such as `/book` or `/appointments/[id]`.
        title: the msgid of the tab's title; never names a person or a subject of health.
        build: draws the screen; called once per language, with that language current.
        policy: the name of the policy that opens it.
        audience: "public" needs no session, "demo" exists only in the demo, and the others need a session.
        on_load: the event (or events) that fill it each time it is opened.
        steps_up: whether what is refused for want of a fresh proof is asked for in place, and then done.
        first_look: what it shows before any script has come.
    """

    route: str
    title: str
    build: Callable[[], rx.Component]
    policy: str
    audience: Audience
    on_load: Any = None
    steps_up: bool = False
    first_look: FirstLook | None = None

    @property
    def is_dynamic(self) -> bool:
        """Tell whether the address carries a value, so that the page cannot be drawn before it is asked for."""
        return "[" in self.route

    @property
    def needs_session(self) -> bool:
        """Tell whether only someone signed in may open it."""
        return self.audience in ("patient", "staff")

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return what matches the whole of an address of this page, without its language."""
        literal = re.split(r"\[[a-z_]+\]", self.route)
        return re.compile("[^/]+".join(re.escape(part) for part in literal) + r"\Z")
