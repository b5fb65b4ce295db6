"""The button that turns notifications on for a browser."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from portal_app.components.kinds import Handler, Text


class PushSwitch(rx.Component):
    """Asks the person and the browser, and tells the server where to send."""

    library = "$/public/push_switch.jsx"
    tag = "PushSwitch"

    server_key: rx.Var[str]
    label: rx.Var[str]
    words: rx.Var[dict[str, str]]
    on_subscribed: rx.EventHandler[rx.event.passthrough_event_spec(dict[str, str])]  # type: ignore[type-arg, valid-type]


def push_switch(
    label: Text, *, server_key: Text, words: Mapping[str, str], on_subscribed: Handler, **attributes: Any
) -> rx.Component:
    """Return the button and the words below it.

    `words` say what to do where this browser cannot (`insecure`, `unsupported`), may not (`denied`), was not let
    (`later`) or did not get through (`failed`). `on_subscribed` hears where the browser takes notifications.
    """
    drawn: rx.Component = PushSwitch.create(
        server_key=server_key, label=label, words=dict(words), on_subscribed=on_subscribed, **attributes
    )
    return drawn
