"""For which ages and conditions a measure has numbers, and the forms that give another age its own or end them."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, fields, surfaces
from portal_app.core.i18n import _
from portal_app.pages._said import problem, problem_of
from portal_app.state import measuring_words
from portal_app.state.reading_rules import ReadingRules
from portal_app.state.reading_sets import ReadingSets as Sets

WRITE, END = "write-set", "end-set"


def sets() -> rx.Component:
    """Return the list of ages and conditions."""
    return surfaces.section(
        _("Ages and conditions"),
        rx.el.p(_("Each has all of its numbers. Begin another one as a copy of the one that is nearest to it.")),
        rx.cond(
            ReadingRules.sets.length() > 0,
            surfaces.rows(rx.foreach(ReadingRules.sets, _one)),
            rx.el.div(actions.button(_("Begin the first numbers"), Sets.on_begin(""), kind="second", fits=True)),
        ),
    )


def _one(row: rx.Var[Any]) -> rx.Component:
    def named(label: str) -> rx.Var[str]:
        return rx.Var.create(label + ": ").to(str) + row["whose"].to(str)

    copy, end = _("Copy or change"), _("End")
    return surfaces.row_item(
        surfaces.row(
            row["whose"],
            row["count"],
            end=rx.el.div(
                actions.button(
                    copy, Sets.on_begin(row["id"].to(str)), kind="quiet", fits=True, writes=False,
                    accessible_name=named(copy),
                ),
                actions.button(
                    end, Sets.on_begin_end(row["id"].to(str)), kind="quiet", fits=True, writes=False,
                    accessible_name=named(end),
                ),
                class_name="flex flex-wrap gap-1",
            ),
        )
    )  # fmt: skip


def dialogs() -> rx.Component:
    """Return the form of a set and the question whether one should end."""
    return rx.fragment(_write(), _end())


def _write() -> rx.Component:
    said = Sets.writing
    whose = [{"value": code, "label": _(words)} for code, words in measuring_words.CONDITIONS.items()]
    ages = [{"value": code, "label": _(words)} for code, words in measuring_words.AGES.items()]
    return dialog.dialog(
        "set",
        _("Numbers for an age or a condition"),
        problem(Sets),
        rx.el.form(
            fields.choice_list(
                "condition", _("For whom"), [{"value": "none", "label": _("Everybody of these ages")}, *whose],
                chosen=said["condition"].to(str), error=problem_of(Sets, "condition"),
            ),
            _age("since", _("From which age (empty: from birth)")),
            _age("until", _("Until before which age (empty: no end)")),
            fields.choice_list(
                "ages", _("Ages are in"), ages, chosen=said["ages"].to(str), error=problem_of(Sets, "ages")
            ),
            rx.el.p(_("A number that is left empty is not asked about. Numbers in another unit follow from these.")),
            rx.foreach(Sets.lines, _line),
            fields.text_field(
                "source", _("Who gives these numbers (guideline, year)"), autocomplete="off",
                error=problem_of(Sets, "source"),
            ),
            fields.multi_line("because", _("Why"), rows=2, error=problem_of(Sets, "because")),
            rx.el.p(_("What held at these ages ends; it goes on at its other ages.")),
            on_submit=Sets.on_write,
            key=said["moment"].to(str),
            class_name="grid gap-4",
            custom_attrs={"id": WRITE, "noValidate": True},
        ),
        is_open=said.contains("moment"),
        on_dismiss=Sets.on_stop,
        actions=[
            actions.submit(_("Put these numbers in force"), form=WRITE),
            actions.button(_("Leave it as it is"), Sets.on_stop, kind="second", writes=False),
        ],
    )  # fmt: skip


def _age(name: str, label: str) -> rx.Component:
    return fields.text_field(
        name, label, value=Sets.writing[name].to(str), input_mode="numeric", width="short", autocomplete="off",
        error=problem_of(Sets, name),
    )  # fmt: skip


def _line(row: rx.Var[Any]) -> rx.Component:
    field = row["field"].to(str)
    error = rx.cond(Sets.error_field == field, Sets.error, "").to(str)
    return rx.el.div(
        rx.el.label(row["label"], custom_attrs={"htmlFor": field}),
        rx.cond(error != "", fields.field_error(field, error), rx.fragment()),
        rx.el.input(
            class_name="input input-short",
            custom_attrs={
                "id": field, "name": field, "inputMode": "decimal", "autoComplete": "off", "dir": "ltr",
                "defaultValue": row["value"], "aria-invalid": rx.cond(error != "", "true", "false"),
            },
        ),
        class_name="field",
        custom_attrs={"data-wrong": rx.cond(error != "", "true", "false")},
    )  # fmt: skip


def _end() -> rx.Component:
    return dialog.dialog(
        "end",
        _("End these numbers?"),
        problem(Sets),
        rx.el.p(rx.el.b(Sets.ending["whose"].to(str))),
        rx.el.p(Sets.ending["after"].to(str)),
        rx.el.form(
            fields.multi_line("why", _("Why"), rows=2, error=problem_of(Sets, "why")),
            on_submit=Sets.on_end,
            key=Sets.seen,
            custom_attrs={"id": END, "noValidate": True},
        ),
        is_open=Sets.ending.contains("id"),
        on_dismiss=Sets.on_stop,
        actions=[
            actions.submit(_("End them"), form=END, kind="critical"),
            actions.button(_("Leave it as it is"), Sets.on_stop, kind="second", writes=False),
        ],
    )
