"""One bill for whoever keeps the books."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._bill_undo import give_back, hidden, take_all_back
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import done, problem, problem_of
from portal_app.pages.bill import sums
from portal_app.state.staff_bill import StaffBill
from portal_app.state.staff_bill_undo import StaffBillUndo
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.empty(
        _("We could not find that bill"),
        _("Open the list of bills again."),
        icon=icons.search(),
        action=actions.link_button(_("All bills"), path("/staff/bills")),
    )
    return staff_page(
        frame.page_title(
            rx.cond(StaffBill.number != "", rx.el.bdi(StaffBill.number), _("Bill")),
            rx.el.bdi(StaffBill.name),
            action=actions.link_button(_("All bills"), path("/staff/bills"), kind="quiet", fits=True),
        ),
        problem(StaffBill),
        problem(StaffBillUndo),
        done(StaffBill.news),
        done(StaffBillUndo.news),
        when_said(StaffBill.asked, _asked),
        skeleton.until(
            StaffBill.is_ready,
            surfaces.stack(skeleton.card(240), skeleton.card(320)),
            rx.cond(
                StaffBill.is_missing,
                missing,
                surfaces.panes(
                    _now(),
                    rx.cond(StaffBill.is_void, _taken_back(), surfaces.stack(_write(), take_all_back())),
                ),
            ),
            loading=_("Opening the bill"),
        ),
        at="/staff/bills",
    )


def _asked(text: rx.Var[str]) -> rx.Component:
    answer = actions.link_button(_("See the question"), StaffBill.asked_href, kind="second", fits=True)
    return surfaces.banner(text, tone="caution", action=answer)


def _now() -> rx.Component:
    return surfaces.stack(
        surfaces.card(
            rx.el.div(
                rx.el.h2(rx.el.bdi(StaffBill.title)),
                surfaces.tag_by(StaffBill.tone, rx.el.bdi(StaffBill.status)),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            rx.el.p(rx.el.bdi(StaffBill.what, dir="auto"), class_name="quiet"),
            sums(StaffBill.lines, _("Left to pay"), StaffBill.left),
            rx.el.small(StaffBill.by),
            when_said(StaffBill.plan, rx.el.p),
            when_said(StaffBill.credit, _credit),
            is_first=True,
            class_name="grid gap-3",
        ),
        surfaces.section(_("In the books"), surfaces.rows(rx.foreach(StaffBill.history, _entry))),
    )


def _credit(label: rx.Var[str]) -> rx.Component:
    return rx.el.form(
        hidden("key", StaffBill.form_key),
        actions.button(label, kind="second", is_submit=True, fits=True),
        on_submit=StaffBill.on_use_credit,
    )


def _entry(row: rx.Var[Any]) -> rx.Component:
    ask = actions.button(
        _("Take back"), StaffBill.on_choose(row["id"].to(str)), kind="quiet", fits=True, writes=False,
        accessible_name=rx.Var.create(_("Take back") + ": ").to(str) + row["title"].to(str),
    )  # fmt: skip
    choice = rx.cond(StaffBill.taking_back == row["id"].to(str), _take_back(), ask)
    return surfaces.row_item(
        rx.el.div(
            rx.el.div(
                rx.el.b(row["title"].to(str)),
                rx.el.bdi(row["amount"].to(str), class_name="tabular-nums"),
                class_name="flex items-baseline justify-between gap-4",
            ),
            rx.el.small(row["detail"].to(str)),
            when_said(row["reason"].to(str), lambda text: rx.el.p(rx.el.bdi(text, dir="auto"))),
            when_said(row["mark"].to(str), lambda text: rx.el.small(rx.el.strong(text))),
            rx.cond(row["can_take_back"].to(str) != "", choice, rx.fragment()),
            give_back(row),
            class_name="grid gap-2 px-4 py-3",
        )
    )


def _take_back() -> rx.Component:
    return rx.el.form(
        hidden("key", StaffBill.form_key),
        hidden("posting", StaffBill.taking_back),
        fields.text_field("why", _("Why is it taken back?"), autocomplete="off", error=problem_of(StaffBill, "why")),
        rx.el.div(actions.button(_("Take it back now"), kind="second", is_submit=True, fits=True)),
        on_submit=StaffBill.on_take_back,
        class_name="grid gap-3",
        custom_attrs={"noValidate": True},
    )


def _taken_back() -> rx.Component:
    return surfaces.banner(_("This bill was taken back. Nothing more is written on it."), tone="info")


def _write() -> rx.Component:
    return surfaces.section(
        _("Write what happened"),
        rx.el.form(
            hidden("key", StaffBill.form_key),
            fields.choice_list("kind", _("What happened?"), StaffBill.kinds, error=problem_of(StaffBill, "kind")),
            fields.number_field("amount", _("Amount"), StaffBill.unit, error=problem_of(StaffBill, "amount")),
            fields.multi_line(
                "reason",
                _("Why? Needed for a lower price and for letting go"),
                hint=_("Patients do not see this."),
                error=problem_of(StaffBill, "reason"),
                rows=2,
            ),
            actions.submit(_("Write it in the books")),
            key=StaffBill.form_key,
            on_submit=StaffBill.on_post,
            class_name="grid gap-5",
            custom_attrs={"noValidate": True},
        ),
    )


PAGE = Page(
    "/staff/bills/[id]",
    N_("Bill"),
    build,
    policy="billing.keep_books",
    audience="staff",
    on_load=[StaffBill.on_load, StaffBillUndo.on_load],
)
