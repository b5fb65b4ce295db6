"""Activation cards, to be printed and handed over."""

from typing import Any

import reflex as rx

from portal_app.components import actions, board, frame, icons, skeleton, states
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_cards import StaffCards
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        rx.el.div(
            frame.page_title(
                _("Cards to print"),
                _("Each opens one account, once. Hand it to the person themself, or post it in an envelope."),
                action=rx.cond(StaffCards.cards.length() > 0, board.print_button(_("Print")), rx.fragment()),
            ),
            class_name="no-print",
        ),
        skeleton.until(
            StaffCards.is_ready,
            skeleton.card(480),
            rx.cond(StaffCards.cards.length() > 0, _cards(), _none()),
            loading=_("Opening the cards"),
        ),
        at="/staff/patients",
    )


def _none() -> rx.Component:
    return states.empty(
        _("No card to print"),
        _("It was used, withdrawn or replaced, or it is too old. Make a new one on the patient's page."),
        icon=icons.person(),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )


def _cards() -> rx.Component:
    return rx.el.div(rx.foreach(StaffCards.cards, _card), class_name="cards-to-print")


def _card(row: rx.Var[Any]) -> rx.Component:
    steps = rx.el.ol(
        rx.el.li(row["first"]),
        rx.el.li(
            row["second"],
            rx.el.span(row["page"], class_name="card-page", dir="ltr"),
            rx.el.span(row["code"], class_name="card-code", dir="ltr"),
        ),
    )
    picture = rx.el.svg(
        rx.el.path(custom_attrs={"d": row["path"]}),
        class_name="card-square",
        custom_attrs={"viewBox": row["size"], "role": "img", "aria-label": row["square"]},
    )
    return rx.el.article(
        rx.el.header(rx.el.b(row["practice"]), rx.el.span(row["for"])),
        rx.el.div(
            rx.el.div(rx.el.h2(row["title"]), rx.el.p(row["what"]), steps, class_name="card-words"),
            picture,
            class_name="card-middle",
        ),
        rx.el.footer(rx.el.p(row["ready"]), rx.el.p(row["until"]), rx.el.p(row["call"])),
        class_name="activation-card",
        custom_attrs={"lang": row["lang"], "dir": row["dir"]},
    )


PAGE = Page(
    "/staff/cards", N_("Cards to print"), build, policy="enrolment.issue", audience="staff",
    on_load=StaffCards.on_load,
)  # fmt: skip
