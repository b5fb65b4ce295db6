"""Whose rule by age counts for a patient: said, and changed after a look at what that does."""

from typing import Any

import reflex as rx

from portal_app.components import actions, errors, fields, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.state.staff_state import StaffState


def whose_rule() -> rx.Component:
    """Return the part of the page."""
    return surfaces.section(
        _("Whose rule by age counts"),
        errors.error_summary(
            _("There is a problem"),
            [{"field": "patient-state", "text": StaffState.error}],
            is_shown=StaffState.error != "",
            moment=StaffState.attempt,
        ),
        rx.el.div(
            when_said(StaffState.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(StaffState.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        rx.el.p(StaffState.counts),
        rx.cond(StaffState.is_looking, _look(), _form()),
    )


def _form() -> rx.Component:
    return rx.el.form(
        fields.text_field(
            "patient-state", _("State where the patient lives, in two letters"), value=StaffState.own, width="two",
            max_length=2, error=StaffState.error, more={"autoCapitalize": "characters", "dir": "ltr"},
            hint=_("Left empty, the rule of the practice's state counts."),
        ),
        rx.el.div(actions.button(_("See what it changes"), kind="second", is_submit=True, fits=True, writes=False)),
        on_submit=StaffState.on_look,
        class_name="grid gap-4",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _look() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(
            rx.el.div(
                rx.el.b(rx.el.bdi(row["name_given"])),
                rx.el.small(row["what"]),
                rx.el.small(row["from"]),
                class_name="grid gap-1 px-4 py-3",
            )
        )

    return surfaces.stack(
        rx.el.div(surfaces.banner(StaffState.summary, tone="info"), role="status"),
        rx.cond(StaffState.changes.length() > 0, surfaces.rows(rx.foreach(StaffState.changes, one)), rx.fragment()),
        rx.el.div(
            actions.button(_("Let this rule count"), StaffState.on_set, fits=True),
            actions.button(_("Change nothing"), StaffState.on_keep, kind="second", fits=True, writes=False),
            class_name="flex flex-wrap gap-2",
        ),
    )
