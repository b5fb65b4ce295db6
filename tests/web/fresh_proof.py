"""Which events want more than that somebody is signed in: read from the program, so that a new one is among them."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType
from typing import Any, Final

from reflex_base.event import EventHandler

import portal_app.portal_app  # noqa: F401 - registers every page, state and policy
from portal_app.core import policy
from portal_app.features.access import caregivers, sessions
from portal_app.state.base import policy_of
from tests.web.every_handler import events_by_state, handler_of

_OURS: Final = ("portal_app.state.", "portal_app.features.")
Method = Callable[..., Any]


def wanting_fresh_proof() -> list[str]:
    """Return the events whose handlers come, by whatever way, to `sessions.require_fresh`."""
    return [name for name in _events() if sessions.require_fresh in _reached(handler_of(name))]


def wanting_two_proofs() -> list[str]:
    """Return the events that ask the database, and whose policy, or what they come to, wants assurance 2."""
    return [
        name for name in _events()
        if _asks_database(handler_of(name)) and (
            policy.get(policy_of(handler_of(name)) or "").assurance > 1
            or caregivers.require_proof_to_share in _reached(handler_of(name))
        )
    ]  # fmt: skip


def _asks_database(method: Method) -> bool:
    return any("act_as(" in inspect.getsource(one) for one in (method, *_reached(method)))


def _events() -> list[str]:
    return [name for names in events_by_state().values() for name in names]


@cache
def _reached(start: Method) -> frozenset[Method]:
    """Return every function of ours that one names, and that those name in turn."""
    found: set[Method] = set()
    ahead = [start]
    while ahead:
        for one in _named_by(ahead.pop()):
            if one not in found:
                found.add(one)
                ahead.append(one)
    return frozenset(found)


@cache
def _named_by(method: FunctionType) -> tuple[Method, ...]:
    """Return the functions of ours that the source of one names, also through a module, or as a method beside it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
    owner = inspect.getmodule(method)
    beside = method.__qualname__.rpartition(".")[0]
    known = vars(owner) | {"self": vars(owner).get(beside), "cls": vars(owner).get(beside)}
    meant = (_meant(node, known) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute))
    return tuple({one for one in _functions(meant) if one.__module__.startswith(_OURS)})


def _functions(meant: Iterator[Any]) -> Iterator[FunctionType]:
    for one in meant:
        plain = one.fn if isinstance(one, EventHandler) else one
        if isinstance(plain, FunctionType):
            yield plain


def _meant(node: ast.expr, known: dict[str, Any]) -> Any:
    """Return what a name or a dotted name stands for in its module, or None."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        holder = _meant(node.value, known)
        return inspect.getattr_static(holder, node.attr, None) if holder is not None else None
    return None
