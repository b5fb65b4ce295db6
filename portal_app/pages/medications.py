"""Medicines and allergies as the practice has them, in plain words, and what became of what the patient told."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, patient_page, unless_looked_at
from portal_app.state.medications import Medications
from portal_app.web.page import Page

_ROWS, _ROW_PX = 4, 140


def build() -> rx.Component:
    """Draw the screen."""
    nothing = _("Nothing is written down yet. If you take something, tell us.")
    return patient_page(
        frame.page_title(_("Your medicines and allergies")),
        skeleton.until(
            Medications.is_ready,
            surfaces.stack(skeleton.bone(height_px=56), skeleton.rows(_ROWS, _ROW_PX)),
            surfaces.stack(
                unless_looked_at(actions.link_button(_("Go through my list"), path("/medications/review"))),
                _list(_("Medicines"), Medications.medicines, nothing),
                _list(
                    _("Allergies"), Medications.allergies,
                    _("Nothing is written down yet, not even that you have none. Tell us."),
                ),
                rx.cond(Medications.told.length() > 0, _told(), rx.fragment()),
                # As high as what stood there before it: with less, the page's foot would come up under a thumb.
                class_name=f"min-h-[{56 + _ROWS * _ROW_PX}px]",
            ),
            loading=_("Opening your list"),
        ),
        at="/profile",
    )  # fmt: skip


def _list(title: str, rows: Any, empty: str) -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return rx.el.li(
            rx.el.h3(rx.el.bdi(row["name"].to(str), dir="auto")),
            surfaces.facts(row["facts"].to(list[dict[str, str]])),
            when_said(row["private"].to(str), lambda text: surfaces.tag(text, icon=icons.lock("icon-small"))),
            rx.el.small(row["written"].to(str), class_name="block quiet"),
            class_name="card grid gap-2",
        )

    listed = rx.el.ul(rx.foreach(rows, one), class_name="grid grid-cols-1 gap-3", custom_attrs={"role": "list"})
    return surfaces.section(title, rx.cond(rows.length() > 0, listed, rx.el.p(empty)))


def _told() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return rx.el.li(
            rx.el.b(rx.el.bdi(row["what"], dir="auto")),
            when_said(row["said"], lambda text: rx.el.p(rx.el.bdi(text, lang=row["lang"].to(str), dir="auto"))),
            rx.el.div(surfaces.tag_by(row["tone"], row["status"])),
            when_said(row["reason"], lambda text: rx.el.p(rx.el.bdi(text, dir="auto"))),
            when_said(row["decided"], lambda text: rx.el.small(text, class_name="block quiet")),
            class_name="card grid gap-2",
        )

    listed = rx.el.ul(
        rx.foreach(Medications.told, one), class_name="grid grid-cols-1 gap-3", custom_attrs={"role": "list"}
    )
    return surfaces.section(_("What you told us"), listed)


PAGE = Page(
    "/medications", N_("Your medicines and allergies"), build, policy="chart.see", audience="patient",
    on_load=Medications.on_load,
)  # fmt: skip
