"""What is kept for somebody while they decide: the words they typed, and the time they chose."""

from typing import Any, ClassVar

import reflex as rx
from reflex_components_core.el.elements.forms import Textarea

from portal_app.components.fields import field, field_attributes, field_error
from portal_app.components.kinds import Flag, Handler, Text, attributes, choose, is_said, when_said


class KeptText(Textarea):
    """A text area that keeps its text in this tab until it is done with."""

    library = "$/public/kept_text.jsx"
    tag = "KeptText"
    _is_tag_in_global_scope: ClassVar[bool] = False

    keep: rx.Var[str]
    is_done: rx.Var[bool]


class SentText(Textarea):
    """A text area that is empty once what was sent has been taken."""

    library = "$/public/kept_text.jsx"
    tag = "SentText"
    _is_tag_in_global_scope: ClassVar[bool] = False

    taken: rx.Var[str]
    turn: rx.Var[str]


class TimeKept(rx.Component):
    """A clock that tells the page when a kept time is ending and when it has ended; draws nothing."""

    library = "$/public/time_kept.jsx"
    tag = "TimeKept"

    seconds: rx.Var[int]
    warn_at: rx.Var[int]
    moment: rx.Var[str]
    on_warn: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]
    on_end: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


def kept_text(
    name: str, label: Text, *, keep: Text, is_done: Flag = False, hint: Text, error: Text, rows: int = 3
) -> rx.Component:
    """Return a field for several lines that survives a reload and a session that ended.

    `keep` names where the text is kept: unguessable, and different for each person.
    """
    box = KeptText.create(
        keep=keep,
        is_done=is_done,
        class_name="input",
        custom_attrs=attributes(
            id=name, name=name, rows=rows, **{"aria-describedby": f"{name}-hint {name}-error", "dir": "auto"}
        ),
    )
    return rx.el.div(
        rx.el.label(label, custom_attrs={"htmlFor": name}),
        rx.el.span(hint, class_name="hint", custom_attrs={"id": f"{name}-hint"}),
        when_said(error, lambda text: field_error(name, text)),
        box,
        class_name="field",
        custom_attrs={"data-wrong": choose(is_said(error), "true", "false")},
    )


def sent_text(
    name: str, label: Text, *, taken: Text, turn: Text, hint: Text | None = None, error: Text, rows: int = 2
) -> rx.Component:
    """Return a field for several lines that keeps what was typed until the server has taken it.

    `taken` is what was taken last, and `turn` becomes another with each time.
    """
    box = SentText.create(
        taken=taken,
        turn=turn,
        class_name="input",
        custom_attrs=field_attributes(name, hint, error) | attributes(rows=rows, dir="auto"),
    )
    return field(name, label, hint, error, box)


def time_kept(seconds: Any, *, warn_at_s: int, moment: Text, on_warn: Handler, on_end: Handler) -> rx.Component:
    """Return the clock of a kept time; it starts anew whenever `moment` changes."""
    clock: rx.Component = TimeKept.create(
        seconds=seconds, warn_at=warn_at_s, moment=moment, on_warn=on_warn, on_end=on_end
    )
    return clock
