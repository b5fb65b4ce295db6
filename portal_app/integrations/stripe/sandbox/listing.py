"""Lists as Stripe gives them: the newest first, a page at a time (https://docs.stripe.com/api/pagination)."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from portal_app.integrations.stripe.sandbox.refusals import Refused, missing
from portal_app.integrations.stripe.sandbox.store import Thing, Work

_PAGING: Final = frozenset({"limit", "starting_after", "ending_before", "created", "expand"})
_LONGEST: Final = 100
_COMPARED: Final[dict[str, Callable[[int, int], bool]]] = {
    "gt": lambda mine, given: mine > given,
    "gte": lambda mine, given: mine >= given,
    "lt": lambda mine, given: mine < given,
    "lte": lambda mine, given: mine <= given,
}


def listed(work: Work, kind: str, given: Thing, url: str, **exact: Any) -> Thing:
    """Return a page of the things of a kind; what is asked for beside paging must be equal."""
    wanted = {name: value for name, value in given.items() if name not in _PAGING} | exact
    found = [one for one in reversed(work.every(kind, **wanted)) if is_created(one, given.get("created"))]
    return page(found, given, url)


def page(found: Iterable[Thing], given: Thing, url: str) -> Thing:
    """Return the page that was asked for of what was found, the newest first."""
    limit = given.get("limit", 10)
    if not 1 <= limit <= _LONGEST:
        raise Refused(f"This value must be between 1 and {_LONGEST}.", param="limit")
    every = list(found)
    if after := given.get("starting_after"):
        every = every[_place(every, after, "starting_after") + 1 :]
    if before := given.get("ending_before"):
        every = every[: _place(every, before, "ending_before")][-limit:]
    return {"object": "list", "url": url, "has_more": len(every) > limit, "data": every[:limit]}


def _place(every: list[Thing], thing_id: str, param: str) -> int:
    place = next((index for index, one in enumerate(every) if one["id"] == thing_id), None)
    if place is None:
        raise missing("object", thing_id, param)
    return place


def is_created(thing: Thing, when: Any) -> bool:
    """Tell whether a thing was made when it was asked for: at a second, or within bounds."""
    if when is None:
        return True
    if isinstance(when, int):
        return bool(thing["created"] == when)
    return all(_COMPARED[name](thing["created"], bound) for name, bound in when.items())
