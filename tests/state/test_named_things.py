"""What an address says after its question mark either names the thing a page shows, or is known not to."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import portal_app
from portal_app.web.page import NAMES_A_THING, place

PACKAGE: Final = Path(portal_app.__file__).parent
NO_THING: Final = {
    "at", "how", "where", "seq",  # parts of a wish, which has a key, and of a move
    "day", "who", "period", "of",  # what of a list or a calendar is shown
    "here", "lang", "part", "step", "step-up", "why", "ended",  # how somebody came, and how far they are
    "done", "problem", "next",  # what is said on arrival, and where one goes from there
    "kind", "document",  # what a form begins with
    # These name something, and pages are not told apart by them yet: the earlier shows until the server has answered.
    "q", "type", "key", "move", "appointment", "attempt", "batch", "card", "chart",
}  # fmt: skip
_HAND_ON: Final = {"dict", "urlencode", "carried"}
"""What takes a whole address and reads no name of it."""


def _is_whole(node: ast.expr, aliases: set[str]) -> bool:
    is_asked = isinstance(node, ast.Attribute) and node.attr == "query_parameters"
    return is_asked or (isinstance(node, ast.Name) and node.id in aliases)


def _aliases(function: ast.AST) -> set[str]:
    """Return by which names a function knows the whole of what an address asks."""
    found = {
        one.arg
        for one in ast.walk(function)
        if isinstance(one, ast.arg) and one.annotation and ast.unparse(one.annotation) == "Mapping[str, str]"
    }
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and _is_whole(one.value, set()):
            found |= {target.id for target in one.targets if isinstance(target, ast.Name)}
    return found


def _names(node: ast.AST, aliases: set[str]) -> Iterator[ast.expr]:
    """Return what is looked up in an address by this one expression."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        if _is_whole(node.func.value, aliases):
            yield node.args[0]
    elif isinstance(node, ast.Subscript) and _is_whole(node.value, aliases):
        yield node.slice
    elif isinstance(node, ast.Compare) and _is_whole(node.comparators[0], aliases):
        yield from [node.left] if isinstance(node.ops[0], ast.In | ast.NotIn) else []


def _functions() -> Iterator[tuple[str, ast.AST, set[str]]]:
    for path in sorted((PACKAGE / "state").glob("*.py")):
        text = path.read_text()
        if "query_parameters" in text or "asked: Mapping[str, str]" in text:
            for one in ast.walk(ast.parse(text)):
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{path.stem}.{one.name}", one, _aliases(one)


def _read() -> dict[str, set[str]]:
    """Return each name that a state looks up in an address, with the functions that do."""
    found: dict[str, set[str]] = {}
    for where, function, aliases in _functions():
        for node in ast.walk(function):
            for name in _names(node, aliases):
                if isinstance(name, ast.Constant):
                    found.setdefault(str(name.value), set()).add(where)
    return found


def test_each_name_of_an_address_is_known_to_name_a_thing_or_not() -> None:
    read = _read()
    assert {"id", "bill", "relation", "done", "here", "seq"} <= read.keys()
    assert {name: where for name, where in read.items() if name not in {*NAMES_A_THING, *NO_THING}} == {}
    assert {*NAMES_A_THING, *NO_THING} - read.keys() == set()
    assert {*NAMES_A_THING} & NO_THING == set()


def test_a_whole_address_is_read_by_nothing_that_this_test_does_not_see() -> None:
    seen = {where.split(".")[1] for where, _, aliases in _functions() if aliases} | _HAND_ON
    for where, function, aliases in _functions():
        for call in (one for one in ast.walk(function) if isinstance(one, ast.Call)):
            if any(_is_whole(given, aliases) for given in call.args):
                called = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
                assert called in seen, where


def test_the_browser_knows_the_same_names() -> None:
    script = (PACKAGE.parent / "assets" / "shell.js").read_text()
    (listed,) = re.findall(r"const NAMES_A_THING = \[(.*?)\];", script, re.DOTALL)
    assert tuple(re.findall(r'"([^"]+)"', listed)) == NAMES_A_THING


def test_another_bill_is_another_place_and_another_day_is_not() -> None:
    assert place("/pay?bill=1") != place("/pay?bill=2")
    assert place("/staff/caregivers?relation=1") != place("/staff/caregivers?relation=2")
    assert place("/staff/schedule?day=2026-01-01") == place("/staff/schedule?day=2026-01-02")
