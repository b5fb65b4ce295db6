"""One bill: what the visit cost, who paid what of it, and what is left."""

import reflex as rx

from portal_app.components import actions, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._bill_questions import asked
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.pages.bills import how_to_pay
from portal_app.state.bill import Bill
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that bill"),
        _("It may have been taken back. The other bills are where they were."),
        action=actions.link_button(_("See the bills"), path("/bills")),
        ask=call_us(),
    )
    return focus_page(
        rx.cond(Bill.heading != "", Bill.heading, _("Your bill")),
        skeleton.until(
            Bill.is_ready,
            surfaces.stack(skeleton.card(320), skeleton.card(190), skeleton.rows(1, 80)),
            rx.cond(Bill.is_missing, missing, _bill()),
            loading=_("Opening the bill"),
        ),
        back="/bills",
    )


def _bill() -> rx.Component:
    return surfaces.stack(
        surfaces.card(
            rx.el.div(
                rx.el.h2(rx.el.bdi(Bill.title)),
                surfaces.tag_by(Bill.tone, rx.el.bdi(Bill.status)),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            rx.el.p(rx.el.bdi(Bill.what, dir="auto"), " · ", rx.el.bdi(Bill.number), class_name="quiet"),
            sums(Bill.lines, Bill.left_words, Bill.left),
            when_said(Bill.by, rx.el.p),
            when_said(Bill.pay, lambda href: actions.link_button(_("Pay this bill"), href)),
            is_first=True,
            class_name="grid gap-3",
        ),
        rx.el.div(when_said(Bill.pause, lambda text: surfaces.banner(text, tone="info")), role="status"),
        asked(Bill.questions),
        when_said(Bill.ask, _ask),
        how_to_pay(Bill.phone, help_href=Bill.help, help_words=Bill.help_words),
        surfaces.section(_("What happened to this bill"), surfaces.rows(rx.foreach(Bill.history, _happened))),
    )


def _ask(href: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        actions.link_button(_("I do not understand this"), href + "&kind=unclear", kind="second"),
        actions.link_button(_("This is wrong"), href + "&kind=wrong", kind="second"),
        class_name="grid gap-3",
    )


def sums(lines: rx.Var[list[dict[str, str]]], total_words: str | rx.Var[str], total: rx.Var[str]) -> rx.Component:
    """Return the amounts of a bill one below the other, and what they come to."""

    def line(row: rx.Var[dict[str, str]]) -> rx.Component:
        return _amount(row["term"], row["fact"])

    return rx.el.dl(
        rx.foreach(lines, line),
        _amount(total_words, total, class_name="font-bold border-t pt-2"),
        class_name="grid gap-2",
    )


def _amount(words: str | rx.Var[str], amount: rx.Var[str], *, class_name: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.dt(words),
        rx.el.dd(rx.el.bdi(amount), class_name="tabular-nums"),
        class_name=f"flex items-baseline justify-between gap-4 {class_name}".strip(),
    )


def _happened(row: rx.Var[dict[str, str]]) -> rx.Component:
    return surfaces.row_item(
        surfaces.row(
            row["title"],
            row["detail"],
            end=rx.el.span(
                rx.el.bdi(row["amount"], class_name="tabular-nums"),
                when_said(row["mark"], lambda text: rx.el.small(text, class_name="block quiet")),
            ),
        )
    )


PAGE = Page("/bills/[id]", N_("Your bill"), build, policy="billing.see_bills", audience="patient", on_load=Bill.on_load)
