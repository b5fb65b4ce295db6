"""The forms that can be asked before a visit: where each is from, in which languages, and whether it is asked."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import path, staff_page
from portal_app.state.form_library import FormLibrary
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Forms before a visit"), _("What is asked shows on the page of each coming visit")),
        _said.done(FormLibrary.news),
        rx.cond(FormLibrary.problem != "", surfaces.banner(FormLibrary.problem, tone="caution"), rx.fragment()),
        skeleton.until(
            FormLibrary.is_ready,
            skeleton.rows(8, 150),
            surfaces.stack(
                actions.link_button(_("Import a form"), path("/staff/settings/forms/import"), kind="second", fits=True),
                _kinds(),
                rx.el.ul(
                    rx.foreach(FormLibrary.rows, _form),
                    class_name="grid grid-cols-1 gap-3",
                    custom_attrs={"role": "list"},
                ),
            ),
            loading=_("Opening the forms"),
        ),
        at="/staff/settings",
    )


def _kinds() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        is_chosen = row["id"] == FormLibrary.kind
        return rx.el.button(
            rx.cond(is_chosen, icons.check("icon-small"), rx.fragment()),
            row["name"],
            type="button",
            on_click=FormLibrary.on_kind(row["id"]),
            class_name=rx.cond(is_chosen, "btn btn-fit", "btn btn-second btn-fit"),
            custom_attrs={"aria-pressed": rx.cond(is_chosen, "true", "false")},
            key=row["id"],
        )

    return surfaces.section(
        _("Before which visits?"),
        rx.el.div(rx.foreach(FormLibrary.kinds, one), role="group", class_name="flex flex-wrap gap-2"),
    )


def _form(row: rx.Var[Any]) -> rx.Component:
    def button(label: Any, kind: Any) -> rx.Component:
        return actions.button(
            label, FormLibrary.on_ask(row["url"], row["next"]), kind=kind, fits=True, accessible_name=row["action"]
        )

    return rx.el.li(
        rx.el.div(
            rx.el.h2(row["form_title"], lang=row["lang"]),
            rx.cond(row["is_asked"] != "", surfaces.tag(_("Asked"), "good"), rx.fragment()),
            class_name="flex flex-wrap items-start justify-between gap-2",
        ),
        rx.el.p(row["source"], " · ", rx.el.bdi(row["languages"]), class_name="quiet"),
        rx.el.p(rx.el.small(row["licence"]), lang="en"),
        rx.cond(
            row["is_always"] != "",
            rx.el.p(_("It is asked before every visit.")),
            rx.cond(row["is_asked"] != "", button(_("Stop asking"), "second"), button(row["label"], "primary")),
        ),
        class_name="card grid grid-cols-1 gap-2",
        key=row["url"],
    )


PAGE = Page(
    "/staff/settings/forms", N_("Forms before a visit"), build, policy="intake.choose_forms", audience="staff",
    on_load=FormLibrary.on_load,
)  # fmt: skip
