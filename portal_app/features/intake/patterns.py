"""Regular expressions that a questionnaire may bring: only those whose work is bounded, and alike in both languages.

A pattern that can match in many ways takes a time that grows with their number, and somebody else wrote it. What is
taken here are letters, classes, groups and counted repetitions of single characters, and no more than `WAYS` ways in
all, so the longest text takes milliseconds. Anything else is refused when the questionnaire is imported.
"""

import re
from typing import Final

LENGTH: Final = 200
WAYS: Final = 50_000
_OPEN: Final = 200
"""How many ways a repetition without an upper end counts for."""
_ESCAPED: Final = frozenset("^$\\.*+?()[]{}|/")
_CLASSES: Final = frozenset("dws")
_COUNTED: Final = re.compile(r"\{(\d{1,3})(,(\d{0,3}))?\}")


class _Unbounded(ValueError):
    """The pattern is none that is taken."""


def is_safe(pattern: str) -> bool:
    """Tell whether a pattern may be used at all."""
    if len(pattern) > LENGTH or not pattern.isascii():
        return False
    try:
        rest, ways = _alternatives(bare(pattern), 0)
        if rest != len(bare(pattern)) or ways > WAYS:
            return False
        re.compile(bare(pattern), re.ASCII)
    except (_Unbounded, re.error, OverflowError):
        return False
    return True


def bare(pattern: str) -> str:
    """Return a pattern without the anchors at its ends: it is always matched as a whole."""
    start = pattern.removeprefix("^")
    return start[:-1] if start.endswith("$") and not start.endswith("\\$") else start


def matches(pattern: str, text: str) -> bool:
    """Tell whether the whole text matches a safe pattern."""
    return re.fullmatch(bare(pattern), text, re.ASCII) is not None


def _alternatives(pattern: str, at: int, depth: int = 0) -> tuple[int, int]:
    ways = 0
    while True:
        at, more = _sequence(pattern, at, depth)
        ways += more
        if at == len(pattern) or pattern[at] == ")":
            return at, ways
        at += 1


def _sequence(pattern: str, at: int, depth: int) -> tuple[int, int]:
    ways = 1
    while at < len(pattern) and pattern[at] not in "|)":
        is_group = pattern[at] == "("
        at, more = _group(pattern, at, depth) if is_group else (_atom(pattern, at), 1)
        at, times = _times(pattern, at, is_group=is_group)
        ways *= more * times
        if ways > WAYS:
            raise _Unbounded
    return at, ways


def _group(pattern: str, at: int, depth: int) -> tuple[int, int]:
    start = at + 3 if pattern.startswith("(?:", at) else at + 1
    if depth == 3 or pattern.startswith("?", start):
        raise _Unbounded
    end, ways = _alternatives(pattern, start, depth + 1)
    if end == len(pattern):
        raise _Unbounded
    return end + 1, ways


def _atom(pattern: str, at: int) -> int:
    if pattern[at] == "[":
        return _class(pattern, at + 1)
    if pattern[at] == "\\":
        return _escape(pattern, at, _ESCAPED | _CLASSES)
    if pattern[at] in "*+?{}]^$":
        raise _Unbounded
    return at + 1


def _escape(pattern: str, at: int, allowed: frozenset[str]) -> int:
    if at + 1 >= len(pattern) or pattern[at + 1] not in allowed:
        raise _Unbounded
    return at + 2


def _class(pattern: str, at: int) -> int:
    at += pattern.startswith("^", at)
    start = at
    while at < len(pattern) and pattern[at] != "]":
        if pattern[at] == "[":
            raise _Unbounded
        at = _escape(pattern, at, _ESCAPED | _CLASSES | {"-"}) if pattern[at] == "\\" else at + 1
    if at >= len(pattern) or at == start:
        raise _Unbounded
    return at + 1


def _times(pattern: str, at: int, *, is_group: bool) -> tuple[int, int]:
    """Return where a repetition ends and how many ways it adds; a group may only be left out."""
    following = pattern[at : at + 1]
    if following == "?":
        end, times = at + 1, 2
    elif following in ("*", "+") and following:
        end, times = at + 1, _OPEN
    elif (counted := _COUNTED.match(pattern, at)) is not None:
        end, times = counted.end(), _span(counted)
    else:
        return at, 1
    is_doubled = pattern[end : end + 1] in ("?", "+", "*", "{")
    if is_doubled or (is_group and following != "?"):
        raise _Unbounded
    return end, times


def _span(counted: "re.Match[str]") -> int:
    low = int(counted[1])
    if counted[2] is None:
        return 1
    return int(counted[3]) - low + 1 if counted[3] else _OPEN
