"""Open a chart in an emergency: who it is, why, and what happens then."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, icons, skeleton, states, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.emergency import Emergency
from portal_app.web.page import Page

FORM = "emergency-form"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Open a chart in an emergency")),
        skeleton.until(
            Emergency.is_ready,
            surfaces.stack(skeleton.card(160), skeleton.card(120)),
            surfaces.stack(_before(), _search(), _found(), class_name="gap-4 max-w-2xl"),
            loading=_("Opening the search"),
        ),
        _why(),
        rx.el.p(actions.text_link(_("Back to your own patients"), path("/staff/patients"))),
        at="/staff/patients",
    )


def _before() -> rx.Component:
    return surfaces.banner(
        _("For patients who are not yours, when you need their chart now"),
        rx.el.p(
            _("You give a reason, and the chart is open to you for four hours. The practice manager is told at once, "
              "and the patient reads in their portal that you opened it.")
        ),
        tone="caution",
    )  # fmt: skip


def _search() -> rx.Component:
    return rx.el.form(
        fields.text_field(
            "query",
            _("Name, and the birth date if you know it"),
            type="search",
            autocomplete="off",
            hint=_("Only name and birth date are shown. Being found is recorded in the chart."),
        ),
        actions.submit(_("Look for the patient")),
        on_submit=Emergency.on_search,
        class_name="grid gap-3",
        custom_attrs={"noValidate": True, "role": "search"},
    )


def _found() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        named = rx.Var.create(_("Open this chart") + ": ").to(str) + row["name_given"].to(str)
        return surfaces.row_item(
            rx.el.div(
                rx.el.div(rx.el.b(rx.el.bdi(row["name_given"])), rx.el.small(row["born"]), class_name="row-words"),
                actions.button(
                    _("Open this chart"),
                    Emergency.on_choose(row["id"]),
                    kind="second",
                    fits=True,
                    writes=False,
                    accessible_name=named,
                ),
                class_name="flex flex-wrap items-center justify-between gap-2 px-4 py-3",
            )
        )

    nobody = states.empty(
        _("Nobody found"), _("Try fewer letters, another spelling, or the birth date."), icon=icons.search()
    )
    return surfaces.stack(
        rx.el.p(Emergency.said, role="status", class_name="sr-only"),
        rx.cond(
            Emergency.rows.length() > 0,
            surfaces.rows(rx.foreach(Emergency.rows, one)),
            rx.cond(Emergency.has_asked, nobody, rx.fragment()),
        ),
        class_name="gap-2",
    )


def _why() -> rx.Component:
    form = rx.el.form(
        fields.choice_list("kind", _("Why do you need it?"), Emergency.kinds, error=Emergency.kind_error),
        fields.multi_line(
            "reason",
            _("What happened?"),
            hint=_("In a few words. The manager reads it, the patient does not."),
            error=Emergency.reason_error,
            rows=3,
        ),
        on_submit=Emergency.on_open,
        class_name="grid gap-5",
        custom_attrs={"id": FORM, "noValidate": True},
    )
    return dialog.dialog(
        "why",
        _("Open this chart for four hours?"),
        errors.error_summary(
            _("There is a problem"), Emergency.errors, is_shown=Emergency.errors.length() > 0, moment=Emergency.attempt
        ),
        rx.el.p(rx.el.b(rx.el.bdi(Emergency.chosen_name)), rx.el.br(), Emergency.chosen_born),
        rx.cond(Emergency.chosen != "", form, rx.fragment()),
        is_open=Emergency.chosen != "",
        on_dismiss=Emergency.on_stop,
        actions=[
            actions.submit(_("Open the chart, and tell the manager"), form=FORM),
            actions.button(_("Leave it closed"), Emergency.on_stop, kind="second", writes=False),
        ],
    )


PAGE = Page(
    "/staff/emergency",
    N_("Open a chart in an emergency"),
    build,
    policy="privacy.open_in_emergency",
    audience="staff",
    on_load=Emergency.on_load,
)
