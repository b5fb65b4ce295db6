"""The pictures and sounds of a visit: cameras, microphones and the way to the others are the browser's business."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from portal_app.components.kinds import Flag, Handler, Text


class VideoRoom(rx.Component):
    """Holds a visit's video from when it knows which visit, until it is taken off the page."""

    library = "$/public/video_door.jsx"
    tag = "VideoRoom"

    visit: rx.Var[str]
    is_guest: rx.Var[bool]
    is_awaiting: rx.Var[bool]
    words: rx.Var[dict[str, Any]]
    numbers: rx.Var[dict[str, str]]
    on_change: rx.EventHandler[rx.event.passthrough_event_spec(dict)]  # type: ignore[type-arg, valid-type]


class RoomAhead(rx.Component):
    """Has the browser load what a room is made of, for somebody who will soon be in it."""

    library = "$/public/video_door.jsx"
    tag = "RoomAhead"


def ahead() -> rx.Component:
    """Return what brings the room while somebody waits to be let in; it draws nothing."""
    drawn: rx.Component = RoomAhead.create()
    return drawn


def picture(
    visit: Text,
    *,
    words: Mapping[str, Any],
    numbers: Mapping[str, Text],
    is_guest: Flag = False,
    is_awaiting: Flag = False,
    on_change: Handler | None = None,
) -> rx.Component:
    """Return the room's pictures and the buttons for one's own.

    `visit` is the visit's id, "" while nobody is in the room. `words` has a sentence for each state and a label for
    each button (see `pages/_video.py`). `numbers` are the telephones that are named while there is no line: "own", on
    which the practice calls, "practice" and "theirs", the patient's; "" or missing where there is none. While
    `is_awaiting` a clinician who takes the visit over, nothing is said of connecting to the one before. `on_change`
    hears `{"phase", "path", "seen"}`: asking, alone, joining, on, taken, out or full; "direct", "hub" or ""; how many
    others are there.
    """
    events = {"on_change": on_change} if on_change is not None else {}
    drawn: rx.Component = VideoRoom.create(
        visit=visit, is_guest=is_guest, is_awaiting=is_awaiting, words=dict(words), numbers=dict(numbers), **events
    )
    return drawn
