"""The statements of a month for every account: begin, progress, stop, and what was made before."""

import reflex as rx

from portal_app.components import actions, fields, frame, skeleton, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import done, problem, problem_of
from portal_app.state.staff_statements import StaffStatements as State
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Statements"),
            _("One for each account, with what was charged, paid and is left"),
            action=actions.link_button(_("All bills"), path("/staff/bills"), kind="quiet", fits=True),
        ),
        problem(State),
        done(State.news),
        skeleton.until(
            State.is_ready,
            surfaces.stack(skeleton.card(320), skeleton.rows(3, 80)),
            surfaces.stack(
                rx.cond(State.is_running, _running(), _form()),
                rx.cond(State.rows.length() > 0, surfaces.section(_("Made before"), _list()), rx.fragment()),
            ),
            loading=_("Opening the statements"),
        ),
        at="/staff/bills",
    )


def _running() -> rx.Component:
    return surfaces.card(
        rx.el.h2(_("Statements are being made")),
        surfaces.meter(State.progress, State.done, State.total),
        rx.el.p(_("Each is sent as a message with a link, without amounts or names.")),
        rx.el.div(
            actions.button(_("Stop making them"), State.on_cancel(State.running_id), kind="critical_second", fits=True)
        ),
        is_first=True,
        class_name="grid gap-3 max-w-2xl",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="key", value=State.form_key, read_only=True),
        fields.choice_list(
            "month", _("Of which month?"), State.months, error=problem_of(State, "month"),
            hint=_("Private visits stand on a statement of their own that only the patient sees. None is made twice."),
        ),
        actions.submit(_("Make the statements and tell everybody")),
        key=State.form_key,
        on_submit=State.on_start,
        class_name="grid gap-5 max-w-2xl",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _list() -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(
            surfaces.row(
                row["month"],
                row["detail"],
                end=rx.el.span(
                    surfaces.tag_by(row["tone"], row["status"]), rx.el.small(row["made"], class_name="block")
                ),
            )
        )

    return surfaces.rows(rx.foreach(State.rows, one))


PAGE = Page(
    "/staff/statements", N_("Statements"), build, policy="billing.keep_books", audience="staff", on_load=State.on_load
)
