"""The first step of what rests on a document: the document itself."""

import reflex as rx

from portal_app.components.kinds import Text
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import _


def document_form(words: str, action: Text, *hidden: rx.Component) -> rx.Component:
    """Return a plain form for one document; `words` say what is asked for, `hidden` goes with it.

    Plain, because a file goes over HTTP, and what is typed afterwards is so never lost by it.
    """
    return plain_form(
        rx.el.p(words),
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        *hidden,
        rx.el.div(
            rx.el.label(_("The document (a picture or a PDF file)"), custom_attrs={"htmlFor": "document"}),
            rx.el.input(
                type="file", name="document", id="document", accept="image/*,.heic,.heif,application/pdf",
                class_name="file",
            ),
            class_name="field",
        ),
        rx.el.button(_("Keep it and go on"), type="submit", class_name="btn", custom_attrs={"data-writes": ""}),
        action=action,
        enc_type="multipart/form-data",
        class_name="grid gap-4",
    )  # fmt: skip
