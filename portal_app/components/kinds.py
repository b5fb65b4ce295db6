"""What components take: words, flags and handlers, each known when the page is built or only while it is shown."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import reflex as rx
from reflex.event import EventHandler, EventSpec

Text: TypeAlias = str | rx.Var[Any]
"""Words already translated, or the var that will hold them."""

Flag: TypeAlias = bool | rx.Var[Any]
"""Yes or no, now or while the page is shown."""

if TYPE_CHECKING:
    # What `@rx.event` makes of a handler in the eyes of a type checker; when the program runs the name is not there.
    from reflex_base.event import EventNamespace

    Handler: TypeAlias = Callable[..., Any] | EventHandler | EventSpec | EventNamespace | rx.Var[Any] | Sequence[Any]
else:
    Handler = Callable[..., Any] | EventHandler | EventSpec | rx.Var[Any] | Sequence[Any]
"""What a page wires to a tap or a change: a state's handler, an event, or a list of them."""

Part: TypeAlias = rx.Component | str | rx.Var[Any]
"""Anything that can stand inside an element."""

Row: TypeAlias = Mapping[str, Any] | rx.Var[Any]
"""One line of something listed: a mapping, or an item of a state's list of dicts, TypedDicts or dataclasses."""

Rows: TypeAlias = Sequence[Mapping[str, Any]] | rx.Var[Any]
"""Lines of something listed, known when the page is built or held by a state."""

Tone: TypeAlias = Literal["info", "good", "caution", "critical", "plain"]
"""What a tag or banner means; words or an icon always say it too, colour never alone."""


def classes(*names: str | None) -> str:
    """Join the class names that are there."""
    return " ".join(name for name in names if name)


def attributes(**pairs: Text | Flag | int | None) -> dict[str, Any]:
    """Return HTML attributes as given, leaving out those that are None.

    An `id` set this way costs no React reference, unlike Reflex's own `id` property.
    """
    return {name: value for name, value in pairs.items() if value is not None}


def events(**handlers: Handler | None) -> dict[str, Any]:
    """Return the events a page has wired, leaving out the others."""
    return {name: handler for name, handler in handlers.items() if handler is not None}


def when(flag: Flag, shown: Callable[[], rx.Component], otherwise: Callable[[], rx.Component] | None = None) -> Any:
    """Show one of two things; a flag known now leaves no trace of the other in the page."""
    if isinstance(flag, bool):
        return shown() if flag else (otherwise or rx.fragment)()
    return rx.cond(flag, shown(), (otherwise or rx.fragment)())


def when_said(text: Text | None, shown: Callable[[Text], rx.Component]) -> Any:
    """Show something only where there are words; a var that is empty or missing in its row shows nothing."""
    if text is None or (isinstance(text, str) and not text):
        return rx.fragment()
    if isinstance(text, str):
        return shown(text)
    return rx.cond(text, shown(text), rx.fragment())


def is_said(text: Text | None) -> Flag:
    """Tell whether there are words, now or while the page is shown."""
    if text is None or isinstance(text, str):
        return bool(text)
    return text.bool()


def choose(flag: Flag, yes: Any, no: Any) -> Any:
    """Pick one of two values by a flag known now or later."""
    return (yes if flag else no) if isinstance(flag, bool) else rx.cond(flag, yes, no)


def either(first: Flag, second: Flag) -> Flag:
    """Tell whether one of two flags is set."""
    if isinstance(first, bool):
        return True if first else second
    if isinstance(second, bool):
        return True if second else first
    return first | second


def words_of(row: Row, name: str) -> Any:
    """Return one text of a row, whether the row is a mapping or an item of a state's list."""
    return _item(row, name).to(str) if isinstance(row, rx.Var) else row[name]


def flag_of(row: Row, name: str) -> Any:
    """Return one flag of a row, whether the row is a mapping or an item of a state's list."""
    return _item(row, name).to(bool) if isinstance(row, rx.Var) else row[name]


def rows_of(row: Row, name: str) -> Rows:
    """Return the inner rows of a row, whether the row is a mapping or an item of a state's list."""
    inner: Rows = _item(row, name).to(list[dict[str, str]]) if isinstance(row, rx.Var) else row[name]
    return inner


def _item(row: rx.Var[Any], name: str) -> Any:
    """Return one item of an object var; Reflex decides on the kind of var only when it runs."""
    return cast("Any", row)[name]


def each(rows: Rows, draw: Callable[[Any], rx.Component]) -> rx.Component:
    """Draw rows known now, or the rows of a state's list."""
    if isinstance(rows, rx.Var):
        return rx.foreach(rows, draw)
    return rx.fragment(*(draw(row) for row in rows))
