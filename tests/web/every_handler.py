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
from portal_app.web.page import Page
from portal_app.web.registry import all_pages
from tests.web.wire import ROOT

Ids = Mapping[str, str]
"""What belongs to the victim, by the name that pages and forms have for it (`appointment_id`, `chart`, `id`)."""

NOTICE: Final = f"{ROOT}.portal_app___state___notice____notice"
MEASURE: Final = "weight"
"""What the victim measures at home."""
_NAMED: Final = {
    "/vitals/reading": "reading_id", "/vitals/log": "reading_id",
    "/bills/[id]": "bill_id", "/staff/bills/[id]": "bill_id", "/staff/billing": "charge_id",
    "/staff/bill-questions": "bill_question_id", "/estimates/[id]": "estimate_id", "/insurance/[id]": "coverage_id",
    "/insurance/add": "coverage_id", "/forms/[id]": "form_id", "/staff/forms/[id]": "sent_form_id",
    "/profile/caregivers/invite": "relation_id", "/staff/vitals/patient": "patient_id",

}  # fmt: skip
"""What the `id` of an address names; else a word of the address tells, else it is a visit."""
_MEANT: Final = {
    "patient": "patient_id", "offer": "offer_id", "request": "request_id", "clinician": "practitioner_id",
}  # fmt: skip
_ABOUT_BILLS: Final = ("/pay", "/bill-question")
"""Pages that are about a bill or, if the address names one, about a visit."""
_FITTING: Final = {"version": "1", "sequence": "0", "measure": MEASURE, "reason": "Because", "words": "Why?"}
_FITTING_THERE: Final[Mapping[str, Mapping[str, str]]] = {
    "medication_review": {"entry_id": "chart_entry_id", "entry": "chart_entry_id", "verb": "same"},
    "staff_lists": {"entry_id": "chart_entry_id", "entry": "chart_entry_id", "why": "stopped", "name": "Metformin"},
    "bill_question": {"kind": "unclear", "line": "all"},
    "staff_bill_questions": {"question_id": "bill_question_id", "question": "bill_question_id", "answer": "So."},
    "staff_bill": {"posting_id": "payment_id", "posting": "payment_id", "kind": "payment", "amount": "1.00"},
    "staff_bill_undo": {"payment": "payment_id", "given": "1.00", "again": "yes"},
    "alerts": {"outcome": "called"},
    "vitals_plan": {"at-0": "08:30"},
}
"""By module: a word as it is, or the name of an id."""
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


def pages_of_one() -> list[str]:
    """Return the states whose page can be without what its address names."""
    return [
        one for one, (first, *_) in events_by_state().items() if "is_missing" in _EVENTS[first].states[0].get_fields()
    ]


def handler_of(event: str) -> Any:
    """Return the method that an event runs."""
    return _EVENTS[event].handler.fn


def named(event: str) -> tuple[str, str]:
    """Return the full names of a state and of its event, such as `bill.on_load`."""
    (found,) = (name for name in _EVENTS if name.endswith(f"____{event}"))
    return found.rsplit(".", 1)[0], found


def path_of(state: str, ids: Ids) -> str:
    """Return the address of the page that a state is for, leading to what is the victim's."""
    return address_of(_route_of(state), ids)


def address_of(route: str, ids: Ids) -> str:
    """Return the address of a page, with everything that pages read from one."""
    key = _NAMED.get(route) or next((key for word, key in _MEANT.items() if word in route), "appointment_id")
    here = {"id": ids[key], "chart": ids["patient_id"], "patient": ids["patient_id"], "who": ids["practitioner_id"],
            "appointment": ids["appointment_id"], "relation": ids["relation_id"], "key": ids["key"],
            "attempt": ids["attempt_id"], "what": MEASURE}  # fmt: skip
    here |= {"bill": ids["bill_id"]} if route in _ABOUT_BILLS else {"visit": ids["appointment_id"]}
    query = "&".join(f"{name}={value}" for name, value in here.items())
    return f"{_PLACE.sub(ids[key], route)}?{query}"


def _route_of(state: str) -> str:
    """Return where a state is loaded, else where the page of its module is, else home."""
    first = _EVENTS[events_by_state()[state][0]]
    loaded = [page.route for page in all_pages() if first.handler.fn in _loaded_by(page)]
    module = first.states[0].__module__.rsplit(".", 1)[-1]
    built = [page.route for page in all_pages() if page.build.__module__.endswith(f".{module}")]
    return next(iter(loaded + built), "/")


def _loaded_by(page: Page) -> list[Any]:
    events = page.on_load if isinstance(page.on_load, (list, tuple)) else [page.on_load]
    return [event.fn for event in events if event is not None]


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
    known = dict(ids) | {"key": str(uuid4())} | _fitting(method, ids)
    if hint is int:
        return int(known.get(name, "1"))
    if hint is str:
        return known.get(name, ids["appointment_id"])
    form = {word: known.get(word, known.get(f"{word}_id", "1")) for word in _words(inspect.getmodule(method))}
    return form | _fitting(method, ids) | {"role": "manager", "person_id": ids["person_id"], "assurance": "2"}


def _fitting(method: Any, ids: Ids) -> dict[str, str]:
    """Return what else an event takes: a word that it knows, and an id where one name means several things."""
    module = method.__module__.rsplit(".", 1)[-1]
    return _FITTING | {name: ids.get(key, key) for name, key in _FITTING_THERE.get(module, {}).items()}


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
