"""What patients are asked to have ready for a visit by video, as the manager writes it."""

from typing import Any

import reflex as rx

from portal_app.components import actions, errors, fields, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.state.visit_preparations import VisitPreparations


def preparing() -> rx.Component:
    """Return the kinds of visit with what is to be ready for each, and the form of the one that is changed."""
    return surfaces.section(
        _("What patients have ready"),
        rx.el.p(_("Whoever waits reads it in their language. Where nothing is written, what comes with the portal.")),
        rx.el.div(when_said(VisitPreparations.news, lambda text: surfaces.banner(text, tone="good")), role="status"),
        surfaces.rows(rx.foreach(VisitPreparations.rows, _kind)),
        rx.cond(VisitPreparations.editing != "", _form(), rx.fragment()),
    )


def _kind(row: rx.Var[Any]) -> rx.Component:
    name = rx.Var.create(_("Change the list") + ": ").to(str) + row["kind"].to(str)
    change = actions.button(
        _("Change the list"), VisitPreparations.on_edit(row["id"]), kind="second", fits=True, writes=False,
        accessible_name=name,
    )  # fmt: skip
    end = rx.el.span(rx.el.small(row["written"]), change, class_name="grid justify-items-end gap-1")
    return surfaces.row_item(surfaces.row(row["kind"], row["things_given"], end=end))


def _form() -> rx.Component:
    summary = errors.error_summary(
        _("There is a problem"),
        [{"field": VisitPreparations.error_field, "text": VisitPreparations.error}],
        is_shown=VisitPreparations.error != "",
        moment=VisitPreparations.attempt,
    )
    texts = [
        fields.multi_line(
            f"ready-{code}",
            language.own_name,
            value=VisitPreparations.typed[code],
            error=rx.cond(VisitPreparations.error_field == f"ready-{code}", VisitPreparations.error, ""),
        )
        for code, language in i18n.LOCALES.items()
    ]
    return surfaces.card(
        states.focused(rx.el.h3(VisitPreparations.about), moment=VisitPreparations.editing),
        rx.el.p(_("A thing on each line, at most eight. With nothing in any language, what comes with the portal.")),
        summary,
        rx.el.form(
            *texts,
            actions.submit(_("Save the list"), kind="second"),
            on_submit=VisitPreparations.on_save,
            key=VisitPreparations.editing,
            class_name="grid grid-cols-1 gap-4",
            custom_attrs={"noValidate": True},
        ),
        actions.button(_("Leave it as it is"), VisitPreparations.on_leave_it, kind="quiet", writes=False, fits=True),
        class_name="grid gap-4 max-w-2xl",
    )
