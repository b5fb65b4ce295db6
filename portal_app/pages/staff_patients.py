"""Find a patient: one box that takes names in any script, a birth date or a telephone number."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, icons, skeleton, states, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_patients import StaffPatients
from portal_app.web.page import Page

PAUSE_MS = 250
EXAMPLES = ("garcía mar", "5/1/1964", "فاطمة", "555-0142")


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Find a patient"),
            action=actions.link_button(_("Who is in the portal"), path("/staff/enrolment"), kind="quiet", fits=True),
        ),
        skeleton.until(
            StaffPatients.is_ready,
            skeleton.rows(4, 72),
            surfaces.stack(_box(), _found(), class_name="gap-4"),
            loading=_("Opening the search"),
        ),
        at="/staff/patients",
    )


def _box() -> rx.Component:
    return fields.search_field(
        "query",
        _("Name, birth date or telephone number"),
        # Each isolated (what <bdi> does in HTML): a number beside a word in Arabic would be read backwards.
        hint=_("In any script and order: {examples}").format(
            examples=" · ".join(f"\u2068{one}\u2069" for one in EXAMPLES)
        ),
        on_change=StaffPatients.on_search.debounce(PAUSE_MS),
    )


def _found() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(
            rx.el.a(
                rx.el.span(
                    rx.el.span(
                        rx.el.b(rx.el.bdi(row["name"])),
                        rx.el.small(row["born"]),
                        class_name="row-words",
                    ),
                    rx.el.span(rx.el.bdi(row["phone"]), class_name="text-small tabular-nums"),
                    rx.el.span(row["language"], class_name="text-small text-quiet"),
                    class_name="row-middle",
                ),
                icons.onward("row-end"),
                href=row["href"],
                class_name="row",
            )
        )

    nobody = states.empty(
        _("Nobody found"),
        _("Try fewer letters, another spelling, or the birth date. New here? They can register on the web."),
        icon=icons.search(),
    )
    start = states.empty(
        _("Who is it?"),
        _("Begin to type: what fits appears by itself. Each chart shown is recorded."),
        icon=icons.search(),
    )
    found = rx.cond(
        StaffPatients.rows.length() > 0,
        surfaces.rows(rx.foreach(StaffPatients.rows, one)),
        rx.cond(StaffPatients.has_asked, nobody, start),
    )
    return surfaces.stack(
        rx.el.p(StaffPatients.said, role="status", class_name="text-small text-quiet min-h-[24px]"),
        found,
        rx.cond(
            StaffPatients.may_open,
            rx.el.p(actions.text_link(_("Not one of your patients, and urgent?"), path("/staff/emergency"))),
            rx.fragment(),
        ),
        class_name="gap-2",
    )


PAGE = Page(
    "/staff/patients",
    N_("Find a patient"),
    build,
    policy="patients.find",
    audience="staff",
    on_load=StaffPatients.on_load,
)
