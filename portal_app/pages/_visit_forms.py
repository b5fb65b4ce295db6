"""The forms of a visit as a list of things to do, each row one target."""

from typing import Any

import reflex as rx

from portal_app.components import icons, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.state.visit_forms import VisitForms


def only_seen(row: rx.Var[Any], words: rx.Component, status: rx.Component) -> rx.Component:
    """Return the row of a form that cannot be answered here: it leads to what was answered, where that was shared."""
    still = rx.el.div(words, class_name="row task text-quiet")
    drawn: rx.Component = rx.cond(
        row["href"] != "", rx.el.a(words, status, href=row["href"].to(str), class_name="row task"), still
    )
    return drawn


def visit_forms() -> rx.Component:
    """Return the forms, or nothing where the visit has none."""

    def one(row: rx.Var[Any]) -> rx.Component:
        words = rx.el.span(
            rx.el.b(row["form_title"], lang=row["lang"]), when_said(row["hint"], rx.el.small), class_name="row-words"
        )
        done = rx.el.span(icons.check("icon-small"), row["status"], class_name="flex items-center gap-2")
        status = rx.cond(row["is_done"] != "", done, rx.el.span(row["status"], class_name="tag"))
        tappable = rx.el.button(
            words, status, type="button", class_name="row task", on_click=VisitForms.on_open(row["url"]),
            custom_attrs={"data-writes": ""},
        )  # fmt: skip
        return rx.el.li(rx.cond(row["is_open"] != "", tappable, only_seen(row, words, status)), key=row["url"])

    shown = surfaces.section(
        _("Before your visit"),
        rx.el.div(when_said(VisitForms.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        rx.el.ul(rx.foreach(VisitForms.forms, one), class_name="rows", custom_attrs={"role": "list"}),
    )
    drawn: rx.Component = rx.cond(VisitForms.forms.length() > 0, shown, rx.fragment())
    return drawn
