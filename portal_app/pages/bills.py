"""Bills: one number, by when, and help always in sight."""

import reflex as rx

from portal_app.components import actions, contact, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._bill_questions import asked
from portal_app.pages._frames import path, patient_page
from portal_app.pages._statements import statements
from portal_app.state.bills import Bills
from portal_app.state.statements import Statements
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return patient_page(
        frame.page_title(rx.cond(Bills.heading != "", Bills.heading, _("Your bills"))),
        skeleton.until(
            Bills.is_ready,
            surfaces.stack(skeleton.card(150), skeleton.card(190), skeleton.rows(2, 88)),
            surfaces.stack(
                rx.cond(Bills.open.length() > 0, _owed(), _nothing()),
                asked(Bills.questions),
                how_to_pay(Bills.phone, help_href=Bills.help, help_words=Bills.help_words),
                surfaces.rows([_plan(), _insurance(), _estimates()]),
                rx.cond(Bills.open.length() > 0, _to_pay(), rx.fragment()),
                rx.cond(Bills.paid.length() > 0, _settled(), rx.fragment()),
                statements(),
            ),
            loading=_("Looking for the bills"),
        ),
        at="/bills",
    )


def _owed() -> rx.Component:
    return surfaces.card(
        rx.el.h2(Bills.owes),
        rx.el.p(rx.el.strong(rx.el.bdi(Bills.owed), class_name="text-[2rem] leading-tight tabular-nums")),
        when_said(Bills.by, rx.el.p),
        when_said(Bills.pay, lambda href: actions.link_button(_("Pay"), href)),
        is_first=True,
        class_name="grid gap-1",
    )


def _nothing() -> rx.Component:
    return states.empty(
        Bills.nothing,
        Bills.nothing_more,
        icon=icons.check(),
    )


def how_to_pay(phone: rx.Var[str], *, help_href: rx.Var[str], help_words: rx.Var[str]) -> rx.Component:
    """Return how a bill is paid, and that there is help: in the practice's own words, where it has any."""
    return surfaces.card(
        rx.el.h2(_("To pay, or if it is too much")),
        rx.el.p(
            _("You can pay at our desk. If you cannot pay all of it, or a bill looks wrong, call us or ask us to call.")
        ),
        when_said(help_words, lambda said: rx.el.p(rx.el.bdi(said, dir="auto"), class_name="whitespace-pre-line")),
        when_said(help_href, lambda href: actions.link_button(_("Ask for help to pay"), href, kind="second")),
        rx.el.div(
            when_said(phone, lambda number: contact.call(_("Call about bills"), number)),
            actions.link_button(_("Ask us to call you"), path("/call-back"), kind="quiet"),
            class_name="flex flex-wrap gap-3",
        ),
        class_name="grid gap-3",
    )


def _insurance() -> rx.Component:
    said = _("The card, and what the plan covers")
    return surfaces.row(_("Insurance"), said, href=path("/insurance"))


def _estimates() -> rx.Component:
    said = _("Asked for before a visit, kept as they were given")
    return surfaces.row(_("What a visit will cost"), said, href=path("/estimates"))


def _plan() -> rx.Component:
    said = _("Your payment plan, and the cards you keep")
    return surfaces.row(_("Pay in parts"), said, href=path("/pay/plan"))


def _to_pay() -> rx.Component:
    later = actions.button(_("Show more bills to pay"), Bills.on_later, kind="second", writes=False)
    return surfaces.section(_("To pay"), _list(is_open=True), rx.cond(Bills.has_later, later, rx.fragment()))


def _settled() -> rx.Component:
    older = actions.button(_("Show older bills"), Bills.on_older, kind="second", writes=False)
    return surfaces.section(_("Paid"), _list(is_open=False), rx.cond(Bills.has_older, older, rx.fragment()))


def _list(*, is_open: bool) -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(
            surfaces.row(
                row["title"],
                row["detail"],
                href=row["href"],
                end=surfaces.tag_by(row["tone"], rx.el.bdi(row["status"])),
            )
        )

    return surfaces.rows(rx.foreach(Bills.open if is_open else Bills.paid, one))


PAGE = Page(
    "/bills",
    N_("Your bills"),
    build,
    policy="billing.see_bills",
    audience="patient",
    on_load=[Bills.on_load, Statements.on_load],
)
