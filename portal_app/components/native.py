"""Elements that do what HTML says, where Reflex's own would do something else.

`rx.el.form` never posts and `rx.el.a` stays inside the open document; signing in, choosing a language and
downloading need the browser's own behaviour.
"""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData
from reflex_base.vars.base import Var
from reflex_components_core.el.elements.base import BaseHTML

IS_ELSEWHERE = Var(
    _js_expr="isElsewhere",
    _var_data=VarData(
        imports={"$/public/shell.js": [ImportVar(tag="useElsewhere")]},
        hooks={"const isElsewhere = useElsewhere()": None},
    ),
).to(bool)
"""Whether the browser has gone to a page for which the server has not answered yet, so that what is held is of another.

It is so at once, without a word from the server; false on a document just loaded, where nothing is held.
"""


class PlainForm(BaseHTML):
    """A form that the browser itself sends, with or without JavaScript."""

    tag = "form"

    action: rx.Var[str]
    method: rx.Var[str]
    auto_complete: rx.Var[str]
    no_validate: rx.Var[bool]
    enc_type: rx.Var[str]


class DocumentLink(BaseHTML):
    """A link that loads a whole document: another language, a file, an answer of the server."""

    tag = "a"

    href: rx.Var[str]
    download: rx.Var[str]
    rel: rx.Var[str]
    target: rx.Var[str]


class Shell(rx.Component):
    """What every page asks of the browser; draws nothing.

    `leave_to` loads an address as a whole document as soon as it is set. While `away` (the server does not
    answer) controls marked `data-writes` do nothing, so that no tap is kept and sent later.
    """

    library = "$/public/shell.js"
    tag = "Shell"

    lang: rx.Var[str]
    dir: rx.Var[str]
    leave_to: rx.Var[str]
    away: rx.Var[bool]
    ready: rx.Var[bool]


class ShownFor(rx.Component):
    """Tells all that is in it for which address the states were filled last."""

    library = "$/public/shell.js"
    tag = "ShownFor"

    address: rx.Var[str]


class KeptScroll(rx.Component):
    """Goes back to where a page was left, once it is filled; stands inside `ShownFor` and draws nothing."""

    library = "$/public/shell.js"
    tag = "KeptScroll"

    ready: rx.Var[bool]


class AskServer(rx.Component):
    """Loads the present address from the server; stands where no screen is."""

    library = "$/public/shell.js"
    tag = "AskServer"


def plain_form(*children: rx.Component | str, action: str, **attributes: Any) -> rx.Component:
    """Return a form that posts to one of our own routes."""
    form: rx.Component = PlainForm.create(*children, action=action, method="post", **attributes)
    return form


def document_link(*children: rx.Component | str, href: str | rx.Var[str], **attributes: Any) -> rx.Component:
    """Return a link that loads a whole document."""
    link: rx.Component = DocumentLink.create(*children, href=href, **attributes)
    return link
