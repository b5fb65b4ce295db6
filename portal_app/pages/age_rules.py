"""Rules by age: what counts from when, a new version, and what it would change before it does."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import staff_page
from portal_app.state.age_rules import AgeRules
from portal_app.web.page import Page

AT = "/staff/settings/ages"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Rules by age"), _("What a parent or guardian sees of a minor's chart")),
        rx.el.div(
            when_said(AgeRules.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(AgeRules.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            AgeRules.is_ready,
            skeleton.rows(7, 120),
            rx.match(
                AgeRules.view, ("form", _form()), ("preview", _preview()), ("counting", _counting_preview()), _list()
            ),
            loading=_("Opening the rules"),
        ),
        at="/staff/settings",
    )


def _list() -> rx.Component:
    note = _("The law of your state decides. The rules that came with this portal are examples: have them reviewed.")
    return surfaces.stack(
        surfaces.banner(note, tone="caution"),
        surfaces.section(_("Whose rule counts"), _counting()),
        surfaces.section(_("Rules, the newest first"), _table()),
        rx.el.div(
            actions.button(_("Add a rule for another state"), AgeRules.on_change(""), kind="second", writes=False,
                           fits=True),
        ),
    )  # fmt: skip


def _counting() -> rx.Component:
    return rx.el.form(
        fields.text_field(
            "counting", _("State of your practice, in two letters"), value=AgeRules.counting, width="two",
            max_length=2, error=_error("counting"), more={"autoCapitalize": "characters", "dir": "ltr"},
            hint=_("Left empty, the rule for all other states counts."),
        ),
        rx.el.div(actions.button(_("See what this changes"), kind="second", is_submit=True, fits=True, writes=False)),
        on_submit=AgeRules.on_state,
        class_name="grid gap-4",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _table() -> rx.Component:
    columns = [_("State"), _("What parents see"), _("Source"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(
                columns[0],
                rx.el.b(row["label"].to(str), class_name="block"),
                rx.el.small(row["from"].to(str), class_name="block"),
                surfaces.tag_by(row["tone"], row["standing"].to(str)),
            ),
            table.cell(columns[1], rx.foreach(row["lines"].to(list[str]), _line)),
            table.cell(
                columns[2],
                rx.el.bdi(row["source_given"].to(str), class_name="block"),
                when_said(row["example"].to(str), lambda text: surfaces.tag(text, "caution")),
            ),
            table.cell(columns[3], _steps(row)),
        )

    return table.table(_("Rules by age"), columns, AgeRules.rows, line)


def _line(text: rx.Var[str]) -> rx.Component:
    return rx.el.span(text, class_name="block sm:min-w-[13rem]")


def _steps(row: rx.Var[Any]) -> rx.Component:
    def one(label: str, handler: Any, wanted: str, kind: actions.Kind, *, writes: bool = True) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["label"].to(str) + ", " + row["from"].to(str)
        button = actions.button(
            label, handler(row["id"].to(str)), kind=kind, fits=True, writes=writes, accessible_name=name
        )
        drawn: rx.Component = rx.cond(row[wanted] != "", button, rx.fragment())
        return drawn

    return rx.el.div(
        one(_("Change from a day on"), AgeRules.on_change, "can_change", "second", writes=False),
        one(_("We have reviewed it"), AgeRules.on_approve, "can_approve", "quiet"),
        one(_("Take it back"), AgeRules.on_withdraw, "can_withdraw", "critical_second"),
        class_name="flex flex-wrap gap-1",
    )


def _form() -> rx.Component:
    def number(name: str, label: str, hint: str) -> rx.Component:
        return fields.number_field(
            name, label, _("years"), is_decimal=False, value=AgeRules.typed.get(name, ""), error=_error(name), hint=hint
        )

    state = fields.text_field(
        "state", _("State, in two letters"), value=AgeRules.typed.get("state", ""), width="two", max_length=2,
        error=_error("state"), more={"autoCapitalize": "characters", "dir": "ltr"},
    )  # fmt: skip
    return surfaces.stack(
        _said.problem(AgeRules),
        rx.el.form(
            surfaces.stack(
                rx.el.h2(AgeRules.about),
                rx.cond(AgeRules.is_new_state, state, rx.fragment()),
                fields.text_field(
                    "effective_from", _("From which day on?"), value=AgeRules.typed.get("effective_from", ""),
                    error=_error("effective_from"), more={"type": "date"},
                    hint=_("Tomorrow at the earliest. Until then you can take it back."),
                ),
                number("full_until", _("A parent sees all that was shared until"), _("Up to this birthday")),
                number("limited_until", _("A parent sees only what is ticked below until"), _("Then nothing")),
                rx.el.fieldset(
                    rx.el.legend(_("What stays open between these two ages?")),
                    when_said(_error("sections"), lambda text: fields.field_error("sections", text)),
                    rx.el.div(rx.foreach(AgeRules.sections, _box), class_name="choices"),
                    class_name="field",
                    custom_attrs={"id": "sections", "tabIndex": -1},
                ),
                number("own_from", _("Patients may sign in themselves from"), _("They can keep visits private")),
                number("majority", _("Patients are of age at"), _("Then a parent's access ends")),
                fields.multi_line(
                    "source", _("Which law or paper does this follow?"), value=AgeRules.typed.get("source", ""),
                    error=_error("source"), rows=2,
                ),
                actions.submit(_("See what this changes")),
                class_name="gap-4",
            ),
            on_submit=AgeRules.on_look,
            custom_attrs={"noValidate": True},
        ),
        actions.button(_("Leave it as it is"), AgeRules.on_leave_it, kind="quiet", writes=False, fits=True),
        class_name="max-w-2xl",
    )  # fmt: skip


def _box(row: rx.Var[Any]) -> rx.Component:
    return fields.check_box(row["value"], row["label"], is_checked=row["is_on"] == "yes")


def _preview() -> rx.Component:
    return _changes(
        actions.button(_("Date this rule"), AgeRules.on_save),
        actions.button(_("Go back and change it"), AgeRules.on_correct, kind="second", writes=False),
    )


def _counting_preview() -> rx.Component:
    return _changes(
        actions.button(_("Let this rule count"), AgeRules.on_choose),
        actions.button(_("Go back and change it"), AgeRules.on_other_state, kind="second", writes=False),
    )


def _changes(*steps: rx.Component) -> rx.Component:
    return surfaces.stack(
        states.focused(rx.el.h2(_("What this changes"), ": ", AgeRules.about), moment=AgeRules.attempt),
        surfaces.card(rx.foreach(AgeRules.lines, _line), rx.el.p(rx.el.b(AgeRules.summary)), is_first=True),
        rx.cond(AgeRules.changes.length() > 0, surfaces.rows(rx.foreach(AgeRules.changes, _touched)), rx.fragment()),
        when_said(AgeRules.hidden, lambda text: rx.el.p(text, class_name="quiet")),
        rx.el.div(
            *steps,
            actions.button(_("Leave it as it is"), AgeRules.on_leave_it, kind="quiet", writes=False),
            class_name="grid grid-cols-1 gap-2",
        ),
        class_name="max-w-2xl",
    )


def _touched(row: rx.Var[Any]) -> rx.Component:
    return surfaces.row_item(
        rx.el.div(
            rx.el.b(rx.el.bdi(row["name_given"].to(str))),
            rx.el.small(row["what"].to(str), class_name="block"),
            rx.el.small(row["from"].to(str), class_name="block"),
            class_name="grid gap-1 px-4 py-3",
        )
    )


def _error(name: str) -> rx.Var[str]:
    return _said.problem_of(AgeRules, name)


PAGE = Page(
    AT, N_("Rules by age"), build, policy="ages.change_rules", audience="staff", on_load=AgeRules.on_load, steps_up=True
)
