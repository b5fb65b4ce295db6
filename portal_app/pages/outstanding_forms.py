"""Forms that stand out, the overdue ones first; and asking one of a patient."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import path, staff_page
from portal_app.state.outstanding_forms import OutstandingForms
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    back = rx.cond(
        OutstandingForms.has_patient,
        actions.link_button(_("Open the chart"), OutstandingForms.chart_href, kind="quiet", fits=True),
        actions.link_button(_("Find a patient"), path("/staff/patients"), kind="quiet", fits=True),
    )
    return staff_page(
        frame.page_title(_("Forms not sent yet"), action=back),
        _said.done(OutstandingForms.news),
        _said.problem(OutstandingForms),
        skeleton.until(
            OutstandingForms.is_ready,
            skeleton.rows(4, 96),
            surfaces.stack(
                rx.cond(OutstandingForms.choices.length() > 0, _ask(), rx.fragment()),
                rx.cond(OutstandingForms.rows.length() > 0, _table(), _none()),
            ),
            loading=_("Opening the forms"),
        ),
        at="/staff/patients",
    )


def _none() -> rx.Component:
    return states.empty(
        _("Everything that was asked is sent"),
        _("Forms that you ask a patient to fill in stand here until they are sent."),
        icon=icons.check(),
    )


def _ask() -> rx.Component:
    def error(name: str) -> rx.Var[Any]:
        return _said.problem_of(OutstandingForms, name)

    return surfaces.section(
        _("Ask a form of this patient"),
        rx.el.form(
            rx.el.input(type="hidden", name="key", value=OutstandingForms.key, read_only=True),
            fields.choice_list(
                "url", _("Which form?"), OutstandingForms.choices,
                chosen=OutstandingForms.typed.get("url", ""), error=error("url"),
            ),
            fields.text_field(
                "every", _("Again after how many days? (optional)"), value=OutstandingForms.typed.get("every", ""),
                hint=_("Leave this empty to ask once, now."), error=error("every"),
                more={"inputMode": "numeric", "autoComplete": "off"},
            ),
            fields.text_field(
                "until", _("Until which day? (optional)"), value=OutstandingForms.typed.get("until", ""),
                error=error("until"), more={"type": "date"},
            ),
            fields.check_box(
                "private",
                _("Only the patient may see this form"),
                detail=_("Caregivers neither see it nor hear of it."),
            ),
            actions.button(_("Ask for this form"), is_submit=True, fits=True),
            on_submit=OutstandingForms.on_ask,
            class_name="grid grid-cols-1 gap-4 max-w-2xl",
            custom_attrs={"noValidate": True},
        ),
    )  # fmt: skip


def _table() -> rx.Component:
    columns = [_("State"), _("Patient"), _("Form"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(
                columns[0],
                surfaces.tag_by(row["tone"], row["state"]),
                rx.el.small(row["due"], class_name="block"),
                rx.el.small(row["begun"], class_name="block"),
            ),
            table.cell(columns[1], actions.text_link(row["patient"], row["href"])),
            table.cell(
                columns[2],
                rx.el.b(row["form_title"]),
                when_said(row["again"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(
                columns[3],
                actions.button(
                    _("Ask no more"), OutstandingForms.on_end(row["id"]), kind="second", fits=True,
                    accessible_name=row["end"],
                ),
            ),
        )  # fmt: skip

    return table.table(_("Forms not sent yet"), columns, OutstandingForms.rows, line)


PAGE = Page(
    "/staff/outstanding", N_("Forms not sent yet"), build, policy="intake.assign", audience="staff",
    on_load=OutstandingForms.on_load,
)  # fmt: skip
