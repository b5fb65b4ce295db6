"""How much of each part of a chart somebody may see, or see and act in: one line of choices for each part."""

import reflex as rx

from portal_app.components import fields
from portal_app.components.kinds import Text, when_said
from portal_app.core.i18n import _
from portal_app.state import share_words as say


def shared_parts(chosen: rx.Var[dict[str, str]] | None, error: Text, hint: str = "") -> rx.Component:
    """Return the question what somebody may do; each part begins as it is in `chosen`, or shared with nobody."""

    def one(part: str) -> rx.Component:
        begins = say.NOT_SHARED if chosen is None else rx.Var.create(chosen)[part].to(str)
        words, _choices = say.OFFERED[part]
        return fields.segments(part, _(words), say.offered(part), chosen=begins, is_legend_seen=True)

    return rx.el.fieldset(
        rx.el.legend(rx.el.h2(_("What may they do?"))),
        when_said(hint, lambda text: rx.el.span(text, class_name="hint", custom_attrs={"id": "shares-hint"})),
        when_said(error, lambda text: fields.field_error("shares", text)),
        rx.el.div(*(one(part) for part in say.OFFERED), class_name="grid gap-4"),
        class_name="field",
        custom_attrs={"id": "shares", "tabIndex": -1, **({"aria-describedby": "shares-hint"} if hint else {})},
    )
