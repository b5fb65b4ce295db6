"""The statements of an account, and the button that makes one of today; on the page of its bills."""

import reflex as rx

from portal_app.components import actions, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.pages._frames import unless_looked_at
from portal_app.pages._said import done
from portal_app.state.statements import Statements


def statements() -> rx.Component:
    """Return the list, with each as a file."""
    return surfaces.section(
        _("Statements"),
        rx.cond(Statements.rows.length() > 0, surfaces.rows(rx.foreach(Statements.rows, _one)), rx.fragment()),
        done(Statements.news),
        unless_looked_at(
            rx.el.div(
                actions.button(_("Make a statement of today"), Statements.on_make(Statements.form_key), kind="quiet")
            )
        ),
    )


def _save(row: rx.Var[dict[str, str]]) -> rx.Component:
    return actions.plain_link(
        _("Save as PDF"),
        href=row["file_href"],
        class_name="btn btn-second btn-fit",
        **{"aria-label": rx.Var.create(_("Save as PDF") + ": ").to(str) + row["title"].to(str)},
    )


def _one(row: rx.Var[dict[str, str]]) -> rx.Component:
    return surfaces.row_item(
        rx.el.div(
            rx.el.div(rx.el.b(row["title"]), when_said(row["detail"], rx.el.small), class_name="row-words"),
            unless_looked_at(_save(row)),
            class_name="row-middle px-4 py-3",
        )
    )
