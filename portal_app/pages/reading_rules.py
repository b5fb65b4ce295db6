"""What a number means: every rule with its source, reviewed by measure, and changed in versions."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, fields, frame, skeleton, surfaces, table
from portal_app.components.kinds import Rows, when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _reading_sets
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import problem, problem_of
from portal_app.state import measuring_words
from portal_app.state.reading_rules import ReadingRules
from portal_app.web.page import Page

FORM = "change-rule"


def build() -> rx.Component:
    """Draw the screen."""
    back = actions.link_button(_("Readings from home"), path("/staff/vitals"), kind="quiet", fits=True)
    return staff_page(
        frame.page_title(
            _("What a number means"), _("A change holds for new readings; old ones keep what they meant"), action=back
        ),
        rx.el.div(
            when_said(ReadingRules.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(ReadingRules.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            ReadingRules.is_ready,
            skeleton.rows(8, 72),
            surfaces.stack(
                dialog.filter_tabs(
                    "measure", _("What is measured"), ReadingRules.measures, chosen=ReadingRules.measure,
                    on_choose=ReadingRules.on_measure,
                ),
                rx.cond(ReadingRules.is_open, _review(), rx.fragment()),
                rx.cond(ReadingRules.rows.length() > 0, _table(), _nothing()),
                _reading_sets.sets(),
            ),
            loading=_("Opening the rules"),
        ),
        _change(),
        _reading_sets.dialogs(),
        at="/staff/vitals",
    )  # fmt: skip


def _nothing() -> rx.Component:
    return rx.el.p(_("No number means anything here yet: readings are kept and shown, and nobody is told."))


def _review() -> rx.Component:
    return surfaces.banner(
        _("Not reviewed by your practice: read each line and its source before you say that it is right."),
        tone="caution",
        action=actions.button(_("I have reviewed them all"), ReadingRules.on_approve, kind="second", fits=True),
    )


def _table() -> rx.Component:
    columns = [_("Number"), _("For whom"), _("What it means"), _("Who is told"), _("Source"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("Change") + ": ").to(str) + row["what"].to(str) + ", " + row["whose"].to(str)
        change = actions.button(
            _("Change"), ReadingRules.on_begin(row["id"].to(str)), kind="quiet", fits=True, writes=False,
            accessible_name=name,
        )  # fmt: skip
        return table.line(
            table.cell(columns[0], rx.el.b(row["what"])),
            table.cell(columns[1], row["whose"]),
            table.cell(
                columns[2],
                surfaces.tag_by(row["tone"], row["finding"]),
                when_said(row["do"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(columns[3], row["how"]),
            table.cell(
                columns[4],
                rx.el.bdi(row["source"], class_name="block [overflow-wrap:anywhere]"),
                rx.el.small(row["version"], class_name="block"),
                when_said(row["reason"], lambda text: rx.el.small(rx.el.bdi(text, dir="auto"), class_name="block")),
                when_said(row["by"], lambda text: rx.el.small(rx.el.bdi(text), class_name="block")),
                when_said(row["reviewed"], lambda text: surfaces.tag(text, "caution")),
            ),
            table.cell(columns[5], change),
        )

    return table.table(_("What a number means"), columns, ReadingRules.rows, line)


def _change() -> rx.Component:
    severities = [{"value": code, "label": _(said)} for code, said in measuring_words.SEVERITIES.items()]
    rule = ReadingRules.changing

    def one_of(name: str, legend: str, choices: Rows) -> rx.Component:
        return fields.choice_list(
            name, legend, choices, chosen=rule[name].to(str), error=problem_of(ReadingRules, name)
        )

    return dialog.dialog(
        "change",
        _("The next version"),
        problem(ReadingRules),
        rx.el.p(rule["what"], ", ", rule["whose"]),
        rx.el.form(
            fields.text_field(
                "value", _("Number"), value=rule["value"].to(str), input_mode="decimal", width="short",
                autocomplete="off", error=problem_of(ReadingRules, "value"),
            ),
            one_of("severity", _("Who is told at first"), severities),
            one_of("again", _("Who is told when it is found again"), severities),
            one_of("protocol", _("What the person is told to do"), ReadingRules.protocols),
            fields.multi_line("reason", _("Why"), rows=2, error=problem_of(ReadingRules, "reason")),
            on_submit=ReadingRules.on_change,
            key=rule["id"].to(str),
            class_name="grid gap-4",
            custom_attrs={"id": FORM, "noValidate": True},
        ),
        is_open=rule.contains("id"),
        on_dismiss=ReadingRules.on_stop,
        actions=[
            actions.submit(_("Put it in force"), form=FORM),
            actions.button(_("Leave it as it is"), ReadingRules.on_stop, kind="second", writes=False),
        ],
    )  # fmt: skip


PAGE = Page(
    "/staff/settings/readings", N_("What a number means"), build, policy="vitals.review", audience="staff",
    on_load=ReadingRules.on_load,
)  # fmt: skip
