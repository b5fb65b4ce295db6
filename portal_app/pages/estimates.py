"""Estimates: those given, asking what a visit will cost, and one of them."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, icons, skeleton, states, surfaces
from portal_app.components.kinds import rows_of, when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path, unless_looked_at
from portal_app.state.estimates import Estimates, OneEstimate
from portal_app.state.frame import Frame
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the list."""
    missing = states.error(
        _("We could not find that visit"),
        _("It may have been changed or removed. Your other visits are safe."),
        action=actions.link_button(_("See your visits"), path("/appointments")),
        ask=call_us(),
    )
    return focus_page(
        _("What a visit will cost"),
        rx.el.div(when_said(Estimates.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(
            Estimates.is_ready,
            surfaces.stack(skeleton.card(220), skeleton.rows(2, 88)),
            rx.cond(Estimates.is_missing, missing, _list()),
            loading=_("Looking for your estimates"),
        ),
        back_href=Estimates.back_href,
    )


def _list() -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(
            surfaces.row(
                row["title"], row["detail"], href=row["href"],
                end=surfaces.tag_by(row["tone"], rx.el.bdi(row["status"])),
            )
        )  # fmt: skip

    none = states.empty(
        _("No estimate yet"),
        _("Open a visit that you have booked: there you can ask what it will cost."),
        icon=icons.bill(),
        action=actions.link_button(_("See your visits"), path("/appointments")),
    )
    return surfaces.stack(
        rx.cond(Estimates.visit != "", _ask(), rx.fragment()),
        rx.cond(
            Estimates.rows.length() > 0,
            surfaces.section(_("Your estimates"), surfaces.rows(rx.foreach(Estimates.rows, one))),
            rx.cond(Estimates.visit != "", rx.fragment(), none),
        ),
        _call(Estimates.phone),
    )


def _ask() -> rx.Component:
    return surfaces.card(
        rx.el.h2(_("Your visit")),
        rx.el.p(Estimates.visit),
        rx.el.p(_("We work out what it will probably cost you, from our prices and from what your insurer told us.")),
        rx.cond(
            Estimates.can_ask & ~Frame.is_looked_at,
            actions.button(_("Tell me what it will cost"), Estimates.on_ask(Estimates.key)),
            rx.fragment(),
        ),
        is_first=True,
        class_name="grid gap-3",
    )


def _call(phone: rx.Var[str]) -> rx.Component:
    return rx.el.div(when_said(phone, lambda number: contact.call(_("Call about bills"), number)))


def build_one() -> rx.Component:
    """Draw one estimate."""
    missing = states.error(
        _("We could not find that estimate"),
        _("Your other estimates are where they were."),
        action=actions.link_button(_("Your estimates"), path("/estimates")),
        ask=call_us(),
    )
    return focus_page(
        _("What your visit will cost"),
        skeleton.until(
            OneEstimate.is_ready,
            surfaces.stack(skeleton.card(200), skeleton.card(420)),
            rx.cond(OneEstimate.is_missing, missing, _one()),
            loading=_("Opening your estimate"),
        ),
        back="/estimates",
    )


def _one() -> rx.Component:
    total = surfaces.card(
        rx.el.h2(OneEstimate.title),
        rx.el.p(OneEstimate.visit),
        when_said(OneEstimate.newer, lambda text: surfaces.banner(text, tone="caution")),
        rx.cond(
            OneEstimate.is_given,
            rx.el.p(
                OneEstimate.amount_words, rx.el.br(),
                rx.el.strong(rx.el.bdi(OneEstimate.amount), class_name="text-[2rem] leading-tight tabular-nums"),
            ),
            rx.el.p(_("We work it out. This page changes by itself.")),
        ),
        rx.el.small(OneEstimate.when),
        is_first=True,
        class_name="grid gap-2",
    )  # fmt: skip
    given = surfaces.stack(
        surfaces.card(rx.foreach(OneEstimate.parts, _part), class_name="grid gap-6"),
        unless_looked_at(
            actions.document_link(_("Save as PDF"), OneEstimate.pdf_href, kind="second", icon=icons.day_list()),
            actions.link_button(_("Ask for a newer one"), OneEstimate.again_href, kind="quiet"),
        ),
    )
    return surfaces.stack(total, rx.cond(OneEstimate.is_given, given, rx.fragment()), _call(OneEstimate.phone))


def _part(row: rx.Var[Any]) -> rx.Component:
    def line(one: rx.Var[Any]) -> rx.Component:
        return rx.el.li(rx.el.bdi(one["text"].to(str), dir="auto"))

    return rx.el.div(
        rx.el.h3(row["title"].to(str)),
        rx.el.ul(rx.foreach(rows_of(row, "lines"), line), class_name="list-disc ps-6 grid gap-2"),
        class_name="grid gap-2",
    )


PAGES = (
    Page(
        "/estimates", N_("What a visit will cost"), build, policy="estimates.see", audience="patient",
        on_load=Estimates.on_load,
    ),
    Page(
        "/estimates/[id]", N_("What a visit will cost"), build_one, policy="estimates.see", audience="patient",
        on_load=OneEstimate.on_load,
    ),
)  # fmt: skip
