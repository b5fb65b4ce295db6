"""What a script may send: every event that any state takes, with somebody else's ids wherever one fits."""

import inspect
import re
from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import Any, Final, get_type_hints
from uuid import uuid4

from reflex_base.registry import RegistrationContext

import portal_app.portal_app  # noqa: F401 - registers every page, state and policy
from portal_app.state.base import policy_of
from portal_app.web.limits import Allowances
from portal_app.web.registry import all_pages
from tests.web.wire import ROOT

Ids = Mapping[str, str]
"""What belongs to the victim, by the name that pages and forms have for it (`appointment_id`, `chart`, `id`)."""

NOTICE: Final = f"{ROOT}.portal_app___state___notice____notice"
_PLACE = re.compile(r"\[[a-z_]+\]")
_WORD = re.compile(r'"([a-z][a-z_-]{1,30})"')
_EVENTS = {
    name: entry
    for name, entry in RegistrationContext.get().event_handlers.items()
    if entry.states[0].__module__.startswith("portal_app.state.")
    and policy_of(entry.handler.fn)
    and not name.startswith(NOTICE)
}


def events_by_state() -> dict[str, list[str]]:
    """Return the names of all events by their state, the one that opens its page first."""
    states: dict[str, list[str]] = {}
    for name in sorted(_EVENTS, key=lambda name: (not name.endswith(".on_load"), name)):
        states.setdefault(name.rsplit(".", 1)[0], []).append(name)
    return states


def path_of(state: str, ids: Ids) -> str:
    """Return the address of the page that a state is for, leading to what is the victim's."""
    module = _EVENTS[events_by_state()[state][0]].states[0].__module__.rsplit(".", 1)[-1]
    route = next((page.route for page in all_pages() if page.build.__module__.endswith(f".{module}")), "/")
    named = {"patient": "patient_id", "offer": "offer_id", "request": "request_id", "clinician": "practitioner_id"}
    key = next((key for word, key in named.items() if word in module), "appointment_id")
    here = {"id": ids[key], "chart": ids["patient_id"], "patient": ids["patient_id"], "who": ids["practitioner_id"],
            "appointment": ids["appointment_id"], "relation": ids["relation_id"], "key": ids["key"]}  # fmt: skip
    query = "&".join(f"{name}={value}" for name, value in here.items())
    return f"{_PLACE.sub(ids[key], route)}?{query}"


@cache
def _words(module: Any) -> tuple[str, ...]:
    return tuple(sorted(set(_WORD.findall(inspect.getsource(module)))))


def payload_of(name: str, ids: Ids) -> dict[str, Any]:
    """Return arguments that fit an event: ids of the victim's, and in forms every field that its module knows."""
    method = _EVENTS[name].handler.fn
    hints = get_type_hints(method)
    return {
        parameter: _value(parameter, hints[parameter], method, ids)
        for parameter in list(inspect.signature(method).parameters)[1:]
    }


def _value(name: str, hint: Any, method: Any, ids: Ids) -> Any:
    if hint is int:
        return 1
    if hint is str:
        return ids.get(name, ids["appointment_id"])
    form = {word: ids.get(word, ids.get(f"{word}_id", "1")) for word in _words(inspect.getmodule(method))}
    return form | {"reason": "Because", "role": "manager", "person_id": ids["person_id"], "assurance": "2"}


@cache
def shares() -> list[list[str]]:
    """Share the states out among as few sessions as send what they may in ten seconds, a tenth of it left for arriving.

    The page on which somebody ends all their other sessions comes last of all.
    """
    states = sorted(events_by_state(), key=lambda state: ("devices" in state, state))
    most = Allowances().events.amount * 9 // 10
    shared = ([states[start::many] for start in range(many)] for many in count(1))
    return next(shares for shares in shared if max(map(_sent, shares)) <= most)


def _sent(states: list[str]) -> int:
    """Return how many events these states take, with the one after each that tells that they were dealt with."""
    return sum(len(events_by_state()[state]) + 1 for state in states)


def random_ids(names: Mapping[str, str]) -> dict[str, str]:
    """Return the ids given, and random ones for all others that pages have names for."""
    others = ("passkey_id", "browser_id", "session_id", "task_id", "question_id", "opening_id", "limit_id", "leave_id",
              "room_id", "line_id", "item_id", "offer_id", "request_id", "entry_id")  # fmt: skip
    return {name: str(uuid4()) for name in others} | dict(names)
