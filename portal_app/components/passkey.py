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
    **attributes: Any,
) -> rx.Component:
    """Return the form around a submit button and hidden fields.

    `question` is where the server's question is fetched. `makes` makes a new passkey instead of using one; `fills`
    offers passkeys in the page's e-mail field too. Without `unsupported` it vanishes where there are no passkeys.
    """
    form: rx.Component = PasskeyForm.create(
        *parts, question=question, action=action, method="post", makes=makes, fills=fills, cancelled=cancelled,
        failed=failed, known=known, unsupported=unsupported, **attributes,
    )  # fmt: skip
    return form
