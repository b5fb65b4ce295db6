"""The form that a passkey fills in."""

from typing import Any, ClassVar

import reflex as rx

from portal_app.components.kinds import Part, Text
from portal_app.components.native import PlainForm


class PasskeyForm(PlainForm):
    """Fetches a question, has the device answer it, and posts the answer to one of our routes."""

    library = "$/public/passkey.jsx"
    tag = "PasskeyForm"
    _is_tag_in_global_scope: ClassVar[bool] = False

    question: rx.Var[str]
    makes: rx.Var[bool]
    fills: rx.Var[bool]
    unsupported: rx.Var[str]
    cancelled: rx.Var[str]
    known: rx.Var[str]
    failed: rx.Var[str]
    stays: rx.Var[bool]
    again: rx.Var[str]
    on_proved: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]
    on_needed: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


def passkey_form(
    *parts: Part,
    question: str,
    action: str,
    cancelled: Text,
    failed: Text,
    known: Text = "",
    unsupported: Text = "",
    makes: bool = False,
    fills: bool = False,
    stays: bool = False,
    again: Text = "",
    **attributes: Any,
) -> rx.Component:
    """Return the form around a submit button and hidden fields.

    `question` is where the server's question is fetched. `makes` makes a new passkey instead of using one; `fills`
    offers passkeys in the page's e-mail field too. With `stays` the answer is sent without leaving the page, and
    `on_proved` is called once it was taken. `on_needed` is called where a fresh proof is wanted first; when `again`
    changes, what was begun is tried anew. Without `unsupported` it vanishes where there are no passkeys.
    """
    said = {"unsupported": unsupported, "cancelled": cancelled, "known": known, "failed": failed}
    does = {"makes": makes, "fills": fills, "stays": stays, "again": again}
    form: rx.Component = PasskeyForm.create(
        *parts, question=question, action=action, method="post", **does, **said, **attributes
    )
    return form
