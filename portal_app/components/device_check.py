"""The device check: camera, microphone, speaker and line, tried in the browser itself."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from portal_app.components.kinds import Handler


class DeviceCheck(rx.Component):
    """Asks for camera and microphone once somebody taps, and tells what it found."""

    library = "$/public/device_check.jsx"
    tag = "DeviceCheck"

    words: rx.Var[dict[str, str]]
    measure_at: rx.Var[str]
    mirror_at: rx.Var[str]
    on_done: rx.EventHandler[rx.event.passthrough_event_spec(dict[str, str])]  # type: ignore[type-arg, valid-type]


def device_check(words: Mapping[str, str], *, measure_at: str, mirror_at: str, on_done: Handler) -> rx.Component:
    """Return the check; `on_done` receives what was found, each value as text, empty where nothing was measured.

    `words` has a sentence for each name that `assets/device_check.jsx` says.
    """
    check: Any = DeviceCheck.create(words=dict(words), measure_at=measure_at, mirror_at=mirror_at, on_done=on_done)
    component: rx.Component = check
    return component
