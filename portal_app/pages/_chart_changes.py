"""What the patient said about their lists: one card for each change, taken over or left, with the reason."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, icons, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.pages._said import done, problem, problem_of
from portal_app.state.staff_changes import StaffChanges
from portal_app.state.staff_lists import StaffLists


def changes() -> rx.Component:
    """Return the changes that wait, what the patient does not know, and what was decided lately."""
    none = states.empty(
        _("Nothing waits for you"),
        _("When the patient says that something on a list is different, it stands here."),
        icon=icons.check(),
    )
    return rx.el.section(
        rx.el.h2(_("What the patient says is different")),
        problem(StaffChanges),
        done(StaffChanges.news),
        rx.cond(StaffChanges.rows.length() > 0, _listed(), none),
        rx.cond(StaffChanges.unknown.length() > 0, _unknown(), rx.fragment()),
        rx.cond(StaffChanges.decided.length() > 0, _decided(), rx.fragment()),
        class_name="grid grid-cols-1 gap-3",
        custom_attrs={"id": "changes", "tabIndex": -1},
    )


def _listed() -> rx.Component:
    return rx.el.ul(
        rx.foreach(StaffChanges.rows, _card), class_name="grid grid-cols-1 gap-3", custom_attrs={"role": "list"}
    )


def _card(row: rx.Var[Any]) -> rx.Component:
    take = rx.cond(
        row["writes"] != "",
        actions.button(
            _("Take over"), StaffChanges.on_open(row["id"], False), fits=True, writes=False,
            accessible_name=row["take"],
        ),
        actions.button(
            _("Take over"), StaffChanges.on_take(row["id"], row["version"]), fits=True, accessible_name=row["take"]
        ),
    )  # fmt: skip
    leave = actions.button(
        _("Leave the list as it is"), StaffChanges.on_open(row["id"], True), kind="second", fits=True, writes=False,
        accessible_name=row["leave"],
    )  # fmt: skip
    open_form = rx.cond(StaffChanges.is_declining, _decline(row), _take(row))
    return rx.el.li(
        rx.el.h3(rx.el.bdi(row["what"], dir="auto")),
        when_said(
            row["said"],
            lambda text: rx.el.p(rx.el.bdi(text, lang=row["lang"].to(str), dir="auto")),
        ),
        when_said(row["now"], lambda text: rx.el.p(_("On the list now:"), " ", rx.el.bdi(text, dir="auto"))),
        rx.el.small(row["told"], class_name="block quiet"),
        rx.cond(
            StaffChanges.deciding == row["id"], open_form,
            rx.el.div(take, leave, class_name="flex flex-wrap gap-2"),
        ),
        class_name="card grid gap-2",
    )  # fmt: skip


def _hidden(row: rx.Var[Any]) -> rx.Component:
    return rx.fragment(
        rx.el.input(type="hidden", name="change", value=row["id"].to(str), read_only=True),
        rx.el.input(type="hidden", name="version", value=row["version"].to(str), read_only=True),
    )


def _take(row: rx.Var[Any]) -> rx.Component:
    def text(name: str, label: str) -> rx.Component:
        return fields.text_field(
            f"list-{name}", label, value=StaffChanges.typed[name], error=problem_of(StaffChanges, f"list-{name}"),
            autocomplete="off", more={"dir": "auto"},
        )  # fmt: skip

    severity = fields.choice_list(
        "list-severity", _("How bad"), StaffLists.severities, chosen=StaffChanges.typed["severity"],
        error=problem_of(StaffChanges, "list-severity"),
    )  # fmt: skip
    return rx.el.form(
        _hidden(row),
        rx.cond(row["verb"] == "new", text("name", _("Name on the list")), rx.fragment()),
        rx.cond(
            row["kind"] == "medication", text("how", _("How and when, as the list says it from now on")),
            text("reaction", _("What happens, as the list says it from now on")),
        ),
        rx.cond((row["kind"] == "allergy") & (row["verb"] == "new"), severity, rx.fragment()),
        rx.el.div(
            actions.button(_("Put it on the list"), is_submit=True, fits=True),
            actions.button(_("Close"), StaffChanges.on_close, kind="quiet", fits=True, writes=False),
            class_name="flex flex-wrap gap-2",
        ),
        on_submit=StaffChanges.on_take_written,
        class_name="grid grid-cols-1 gap-3",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _decline(row: rx.Var[Any]) -> rx.Component:
    return rx.el.form(
        _hidden(row),
        fields.text_field(
            "reason", _("Why does the list stay as it is?"), hint=_("The patient reads this."),
            error=problem_of(StaffChanges, "reason"), autocomplete="off", more={"dir": "auto"},
        ),
        rx.el.div(
            actions.button(_("Leave it and tell the patient why"), is_submit=True, fits=True),
            actions.button(_("Close"), StaffChanges.on_close, kind="quiet", fits=True, writes=False),
            class_name="flex flex-wrap gap-2",
        ),
        on_submit=StaffChanges.on_decline,
        class_name="grid grid-cols-1 gap-3",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _unknown() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(surfaces.row(rx.el.bdi(row["what"], dir="auto"), row["told"]))

    return surfaces.section(_("To ask in the visit"), surfaces.rows(rx.foreach(StaffChanges.unknown, one)))


def _decided() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        end = surfaces.tag_by(row["tone"], row["status"])
        return surfaces.row_item(
            surfaces.row(rx.el.bdi(row["what"], dir="auto"), rx.el.bdi(row["detail"], dir="auto"), end=end)
        )

    return rx.el.details(
        rx.el.summary(_("Decided before"), class_name="min-h-12 content-center"),
        surfaces.rows(rx.foreach(StaffChanges.decided, one)),
    )
