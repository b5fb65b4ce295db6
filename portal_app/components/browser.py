"""The few pieces that need the browser: each a small file in `assets/`, driven by properties and events.

They work under a content policy that forbids scripts from text, because nothing is evaluated and nothing is called by
name: the server changes a property, the component answers with an event. (Reflex reads the shape of an event from the
brackets of `EventHandler`, which types cannot say.)
"""

from typing import ClassVar

import reflex as rx
from reflex_components_core.el.elements.forms import BaseInput
from reflex_components_core.el.elements.other import Dialog
from reflex_components_core.el.elements.typography import Div


class ModalDialog(Dialog):
    """A native dialog that a property opens and closes; Escape and its own buttons close it without the server."""

    library = "$/public/modal_dialog.jsx"
    tag = "ModalDialog"
    _is_tag_in_global_scope: ClassVar[bool] = False

    is_open: rx.Var[bool]
    on_dismiss: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


class TakesFocus(Div):
    """A block that takes the focus when it appears and whenever `moment` changes, or gives it to the field `to`."""

    library = "$/public/takes_focus.jsx"
    tag = "TakesFocus"
    _is_tag_in_global_scope: ClassVar[bool] = False

    moment: rx.Var[str]
    to: rx.Var[str]


class SyncedChoice(BaseInput):
    """A radio or check box that answers a tap at once and follows the server's `is_chosen` when that changes."""

    library = "$/public/synced_choice.jsx"
    tag = "SyncedChoice"
    _is_tag_in_global_scope: ClassVar[bool] = False

    is_chosen: rx.Var[bool]
    moment: rx.Var[str]
    on_choose: rx.EventHandler[rx.event.passthrough_event_spec(str)]  # type: ignore[type-arg, valid-type]


class ConnectionNotice(Div):
    """A status line shown while the device is offline or the server does not answer."""

    library = "$/public/connection_notice.jsx"
    tag = "ConnectionNotice"
    _is_tag_in_global_scope: ClassVar[bool] = False

    is_cut_off: rx.Var[bool]
