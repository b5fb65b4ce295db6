"""Going through one's medicines and allergies: one card for each, four answers, and room for what is missing."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path, to_check_in
from portal_app.pages._said import done, problem, problem_of
from portal_app.state.medication_review import MedicationReview as Review
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that visit"),
        _("It was cancelled or moved. Your list is where it was."),
        action=actions.link_button(_("Your medicines and allergies"), path("/medications")),
        ask=call_us(),
    )
    return focus_page(
        _("Is your list right?"),
        problem(Review),
        skeleton.until(
            Review.is_ready,
            surfaces.stack(skeleton.lines(2), skeleton.card(360), skeleton.card(360)),
            rx.cond(Review.is_missing, missing, _review()),
            loading=_("Opening your list"),
        ),
        back_href=Review.back_href,
    )


def _review() -> rx.Component:
    finished = surfaces.banner(
        _("Done. Your care team sees what you said before your visit."),
        rx.el.p(_("If something changes, tap an answer again.")),
        tone="good",
    )
    return rx.el.div(
        rx.cond(
            Review.is_done,
            finished,
            rx.el.p(
                _(
                    "Each tap is saved. You can stop at any time and go on later. Nothing changes before your care team"
                    " has looked at it."
                )
            ),
        ),
        _list(_("Medicines"), Review.medicines, _("No medicine is written down."), "medication"),
        _list(_("Allergies"), Review.allergies, _("Nothing is written down about allergies."), "allergy"),
        rx.cond(Review.added.length() > 0, _added(), rx.fragment()),
        done(Review.saved),
        rx.cond(
            Review.is_done,
            to_check_in(Review.check_in_href),
            actions.button(_("That is everything"), Review.on_finish),
        ),
        class_name="grid grid-cols-1 gap-6 content-start",
        custom_attrs={"id": "lists", "tabIndex": -1},
    )


def _list(title: str, rows: Any, empty: str, kind: str) -> rx.Component:
    add = _("Add a medicine that is missing") if kind == "medication" else _("Add an allergy that is missing")
    none: rx.Component = rx.fragment()
    if kind == "allergy":
        none = rx.cond(
            Review.can_say_none,
            actions.button(_("I have no allergies"), Review.on_none(Review.key), kind="second"),
            rx.fragment(),
        )
    listed = rx.el.ul(rx.foreach(rows, _card), class_name="grid grid-cols-1 gap-3", custom_attrs={"role": "list"})
    return surfaces.section(
        title,
        rx.cond(rows.length() > 0, listed, rx.el.p(empty)),
        none,
        rx.cond(
            Review.writing == kind,
            _new(kind),
            actions.button(add, Review.on_write(kind), kind="second", writes=False),
        ),
    )


def _card(row: rx.Var[Any]) -> rx.Component:
    def choice(one: rx.Var[Any]) -> rx.Component:
        is_chosen = one["chosen"].to(str) != ""
        return rx.el.button(
            rx.cond(is_chosen, icons.check("icon-small"), rx.fragment()),
            rx.el.span(one["label"].to(str)),
            type="button",
            on_click=Review.on_answer(row["id"].to(str), row["version"].to(str), one["value"].to(str)),
            class_name=rx.cond(is_chosen, "btn", "btn btn-second"),
            custom_attrs={
                "aria-pressed": rx.cond(is_chosen, "true", "false"), "aria-label": one["name"].to(str),
                "data-writes": "",
            },
        )  # fmt: skip

    return rx.el.li(
        rx.el.h3(rx.el.bdi(row["name"].to(str), dir="auto")),
        surfaces.facts(row["facts"].to(list[dict[str, str]])),
        rx.el.div(
            rx.foreach(row["choices"].to(list[dict[str, str]]), choice),
            class_name="grid grid-cols-1 sm:grid-cols-2 gap-2",
            role="group",
        ),
        when_said(
            row["said"].to(str),
            lambda text: rx.el.p(rx.el.b(_("You said:")), " ", rx.el.bdi(text, dir="auto")),
        ),
        rx.cond(Review.writing == row["id"].to(str), _differs(row), rx.fragment()),
        class_name="card grid gap-3",
    )


def _differs(row: rx.Var[Any]) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="entry", value=row["id"].to(str), read_only=True),
        rx.el.input(type="hidden", name="version", value=row["version"].to(str), read_only=True),
        fields.multi_line(
            "words", _("How is it now? In your own words."), rows=2, error=problem_of(Review, "words"),
            value=row["said"].to(str),
        ),
        actions.submit(_("Save what I wrote")),
        actions.button(_("Close without saving"), Review.on_close, kind="quiet", writes=False),
        on_submit=Review.on_say,
        class_name="grid grid-cols-1 gap-3",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _new(kind: str) -> rx.Component:
    def text(name: str, label: str, hint: str | None = None) -> rx.Component:
        return fields.text_field(
            name, label, hint=hint, error=problem_of(Review, name), autocomplete="off", more={"dir": "auto"}
        )

    if kind == "medication":
        asked = [
            text("name", _("What is it called?"), _("As on the box, with its strength if you see it.")),
            text("how", _("How and when do you take it? (optional)")),
            text("why", _("What for? (optional)")),
        ]
    else:
        asked = [
            text("name", _("What are you allergic to?")),
            text("reaction", _("What happens? (optional)")),
            fields.choice_list(
                "severity", _("How bad is it?"), Review.severities, error=problem_of(Review, "severity")
            ),
        ]
    return rx.el.form(
        rx.el.input(type="hidden", name="kind", value=kind, read_only=True),
        rx.el.input(type="hidden", name="key", value=Review.key, read_only=True),
        *asked,
        actions.submit(_("Add this")),
        actions.button(_("Close without saving"), Review.on_close, kind="quiet", writes=False),
        key=kind,
        on_submit=Review.on_add,
        class_name="card grid grid-cols-1 gap-4",
        custom_attrs={"noValidate": True},
    )


def _added() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        back = actions.button(
            _("Take back"), Review.on_withdraw(row["id"]), kind="quiet", fits=True, accessible_name=row["button"]
        )
        return rx.el.li(
            rx.el.b(rx.el.bdi(row["name"], dir="auto")),
            when_said(row["detail"], lambda text: rx.el.p(rx.el.bdi(text, dir="auto"))),
            rx.cond(row["can_withdraw"] != "", back, rx.fragment()),
            class_name="card grid gap-2",
        )

    listed = rx.el.ul(rx.foreach(Review.added, one), class_name="grid grid-cols-1 gap-3", custom_attrs={"role": "list"})
    return surfaces.section(_("You added"), listed)


PAGE = Page(
    "/medications/review", N_("Is your list right?"), build, policy="chart.tell", audience="patient",
    on_load=Review.on_load, steps_up=True,
)  # fmt: skip
