"""Somebody's medicines and allergies for the care team: in full to keep them, in short beside a visit."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, surfaces
from portal_app.components.kinds import when_said
from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.pages._said import done, problem, problem_of
from portal_app.state.staff_lists import StaffLists


def lists() -> rx.Component:
    """Return both lists with what can be done to each entry."""
    return rx.el.div(
        problem(StaffLists),
        done(StaffLists.news),
        _list(_("Medicines"), StaffLists.medicines, _("No medicine is written down."), "medication"),
        _list(_("Allergies"), StaffLists.allergies, _("Nothing is written down about allergies."), "allergy"),
        rx.cond(StaffLists.history.length() > 0, _history(), rx.fragment()),
        class_name="grid grid-cols-1 gap-6 content-start",
        custom_attrs={"id": "lists", "tabIndex": -1},
    )


def in_short() -> rx.Component:
    """Return both lists, one line for each entry."""

    def one(row: rx.Var[Any]) -> rx.Component:
        said = rx.el.bdi(row["name"].to(str), dir="auto")
        return rx.el.li(
            rx.el.b(said), when_said(row["short"].to(str), lambda text: rx.fragment(" · ", rx.el.bdi(text, dir="auto")))
        )

    def part(title: str, rows: Any, empty: str) -> rx.Component:
        listed = rx.el.ul(rx.foreach(rows, one), class_name="list-disc ps-5 grid gap-1")
        return rx.el.div(rx.el.h3(title), rx.cond(rows.length() > 0, listed, rx.el.p(empty, class_name="quiet")))

    return surfaces.stack(
        part(_("Allergies"), StaffLists.allergies, _("Nothing is written down about allergies.")),
        part(_("Medicines"), StaffLists.medicines, _("No medicine is written down.")),
        class_name="gap-3",
    )


def _list(title: str, rows: Any, empty: str, kind: str) -> rx.Component:
    add = _("Add a medicine") if kind == "medication" else _("Add an allergy")
    none: rx.Component = rx.fragment()
    if kind == "allergy":
        none = rx.cond(
            StaffLists.can_say_none,
            actions.button(_("No known allergies"), StaffLists.on_none(StaffLists.key), kind="second", fits=True),
            rx.fragment(),
        )
    buttons = rx.el.div(
        actions.button(add, StaffLists.on_write(kind), kind="second", fits=True, writes=False), none,
        class_name="flex flex-wrap gap-2",
    )  # fmt: skip
    listed = rx.el.ul(rx.foreach(rows, _card), class_name="grid grid-cols-1 gap-3", custom_attrs={"role": "list"})
    return surfaces.section(
        title,
        rx.cond(rows.length() > 0, listed, rx.el.p(empty)),
        rx.cond(StaffLists.writing == kind, rx.el.div(_form(), class_name="card"), buttons),
    )


def _card(row: rx.Var[Any]) -> rx.Component:
    of = {name: row[name].to(str) for name in ("id", "version")}
    private = actions.button(
        row["private"].to(str), StaffLists.on_private(of["id"], of["version"], row["private_to"].to(str)),
        kind="quiet", fits=True, accessible_name=row["private_name"].to(str),
    )  # fmt: skip
    change = actions.button(
        _("Change"), StaffLists.on_write(of["id"]), kind="second", fits=True, writes=False,
        accessible_name=row["change"].to(str),
    )  # fmt: skip

    def end(label: str, name: str, why: str) -> rx.Component:
        return actions.button(
            label, StaffLists.on_end(of["id"], of["version"], why), kind="quiet", fits=True,
            accessible_name=row[name].to(str),
        )  # fmt: skip

    buttons = rx.el.div(
        rx.cond(row["is_none"].to(str) == "", change, rx.fragment()),
        end(_("Has ended"), "stop", "stopped"),
        end(_("Was a mistake"), "wrong", "wrong"),
        rx.cond(row["is_none"].to(str) == "", private, rx.fragment()),
        class_name="flex flex-wrap gap-2",
    )
    return rx.el.li(
        rx.el.h3(rx.el.bdi(row["name"].to(str), dir="auto")),
        surfaces.facts(row["facts"].to(list[dict[str, str]])),
        rx.cond(
            row["is_private"].to(str) != "", rx.el.div(surfaces.tag(_("Kept from caregivers"))), rx.fragment()
        ),
        rx.el.small(row["written"].to(str), class_name="block quiet"),
        rx.cond(StaffLists.writing == of["id"], _form(), buttons),
        class_name="card grid gap-2",
    )  # fmt: skip


def _form() -> rx.Component:
    def text(name: str, label: str, most: int) -> rx.Component:
        return fields.text_field(
            name, label, value=StaffLists.typed[name], error=problem_of(StaffLists, name), autocomplete="off",
            max_length=most, more={"dir": "auto"},
        )  # fmt: skip

    parts: tuple[fields.DatePart, ...] = ("day", "month", "year")
    medicine = rx.fragment(
        text("name", _("Name and strength"), 120),
        text("how", _("How and when it is taken"), 500),
        text("why", _("What for (optional)"), 120),
        text("prescriber", _("Prescribed by (optional)"), 120),
    )
    allergy = rx.fragment(
        text("name", _("Allergic to"), 120),
        text("reaction", _("What happens (optional)"), 500),
        fields.choice_list(
            "severity", _("How bad"), StaffLists.severities, chosen=StaffLists.typed["severity"],
            error=problem_of(StaffLists, "severity"),
        ),
    )  # fmt: skip
    return rx.el.form(
        rx.el.input(type="hidden", name="entry", value=StaffLists.writing, read_only=True),
        rx.el.input(type="hidden", name="kind", value=StaffLists.kind, read_only=True),
        rx.el.input(type="hidden", name="version", value=StaffLists.version, read_only=True),
        rx.el.input(type="hidden", name="key", value=StaffLists.key, read_only=True),
        rx.cond(StaffLists.kind == "medication", medicine, allergy),
        fields.date_field(
            "since", _("Since (optional)"), {"day": _("Day"), "month": _("Month"), "year": _("Year")},
            order=i18n.date_order(), values={part: StaffLists.typed[f"since-{part}"] for part in parts},
            error=problem_of(StaffLists, "since"),
        ),
        rx.el.div(
            actions.button(_("Save on the list"), is_submit=True, fits=True),
            actions.button(_("Close"), StaffLists.on_close, kind="quiet", fits=True, writes=False),
            class_name="flex flex-wrap gap-2",
        ),
        key=StaffLists.writing,
        on_submit=StaffLists.on_save,
        class_name="grid grid-cols-1 gap-4",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _history() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(surfaces.row(rx.el.bdi(row["what"], dir="auto"), rx.el.bdi(row["detail"], dir="auto")))

    return rx.el.details(
        rx.el.summary(_("What was on the lists before"), class_name="min-h-12 content-center"),
        surfaces.rows(rx.foreach(StaffLists.history, one)),
    )
