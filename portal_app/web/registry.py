"""The screens there are: each module of `portal_app.pages` declares a `PAGE`, or several `PAGES`."""

import importlib
import pkgutil
from functools import cache

from portal_app.core import policy
from portal_app.core.actor import STAFF, Role
from portal_app.web.page import Page

PACKAGE = "portal_app.pages"


@cache
def all_pages() -> tuple[Page, ...]:
    """Return every declared screen, by address.

    Raises:
        ValueError: if two screens claim one address.
    """
    package = importlib.import_module(PACKAGE)
    found: dict[str, Page] = {}
    for entry in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{entry.name}")
        declared = (*((module.PAGE,) if hasattr(module, "PAGE") else ()), *getattr(module, "PAGES", ()))
        for page in declared:
            if found.setdefault(page.route, page) is not page:
                raise ValueError(f"two screens claim {page.route}")
    return tuple(found[route] for route in sorted(found))


def page_of(route: str) -> Page | None:
    """Return the screen of an address without a language, or None while there is none."""
    return next((page for page in all_pages() if page.route == route), None)


def page_at(route: str) -> Page | None:
    """Return the screen that is shown at an address without a language, whatever values it carries.

    `/insurance/add` is a page of its own before it is an `/insurance/[id]`.
    """
    return page_of(route) or next((page for page in all_pages() if page.pattern.match(route)), None)


def is_for_staff(page: Page) -> bool:
    """Tell whether somebody of the staff works on a screen; the one on which they prove themselves is none."""
    roles = policy.get(page.policy).roles if page.needs_session else frozenset()
    return bool(roles & STAFF) and Role.unproven not in roles
