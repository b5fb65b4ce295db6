"""Insurance for billing and the front desk: what is new, and one person's cards to confirm."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import done
from portal_app.pages.one_insurance import card_picture
from portal_app.state.staff_insurance import StaffInsurance
from portal_app.web.page import Page

AT = "/staff/insurance"


def build() -> rx.Component:
    """Draw the screen."""
    is_one = StaffInsurance.patient_id != ""
    back = actions.link_button(_("All new insurances"), path(AT), kind="quiet", fits=True)
    missing = states.error(
        _("We could not find this person"), _("Look for them again, or open the list."),
        action=actions.link_button(_("All new insurances"), path(AT)),
    )  # fmt: skip
    return staff_page(
        frame.page_title(
            rx.cond(is_one & (StaffInsurance.name != ""), rx.el.bdi(StaffInsurance.name), _("Insurance")),
            rx.cond(is_one, StaffInsurance.born, _("What patients wrote down and nobody has looked at yet")),
            action=rx.cond(is_one, back, rx.fragment()),
        ),
        done(StaffInsurance.news),
        rx.el.div(when_said(StaffInsurance.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(
            StaffInsurance.is_ready,
            surfaces.stack(skeleton.card(360), skeleton.card(360)),
            rx.cond(StaffInsurance.is_missing, missing, rx.cond(is_one, _person(), _list())),
            loading=_("Opening the insurances"),
        ),
        at=AT,
    )


def _list() -> rx.Component:
    columns = (_("Patient"), _("Insurance"), _("Since"), _("What to do"))

    def one(row: rx.Var[Any]) -> rx.Component:
        look = actions.link_button(
            _("Look at it"), row["href"].to(str), kind="second", fits=True,
            accessible_name=rx.Var.create(_("Look at it") + ": ").to(str) + row["name"].to(str),
        )  # fmt: skip
        return table.line(
            table.head_cell(rx.el.bdi(row["name"].to(str)), rx.el.small(row["born"].to(str), class_name="block")),
            table.cell(columns[1], rx.el.bdi(row["insurance"].to(str), dir="auto")),
            table.cell(columns[2], row["since"].to(str)),
            table.cell(columns[3], look),
        )

    none = states.empty(
        _("All looked at"), _("When a patient adds or changes an insurance, it stands here."), icon=icons.check()
    )
    drawn: rx.Component = rx.cond(
        StaffInsurance.rows.length() > 0, table.table(_("Insurance"), columns, StaffInsurance.rows, one), none
    )
    return drawn


def _person() -> rx.Component:
    none = states.empty(
        _("No insurance written down"), _("The patient can add it on their telephone, under Bills."), icon=icons.bill()
    )
    return surfaces.stack(
        rx.cond(StaffInsurance.cards.length() > 0, rx.foreach(StaffInsurance.cards, _card), none),
        rx.cond(
            StaffInsurance.ended.length() > 0,
            surfaces.section(_("Earlier insurances"), surfaces.rows(rx.foreach(StaffInsurance.ended, _old))),
            rx.fragment(),
        ),
    )


def _card(row: rx.Var[Any]) -> rx.Component:
    title = row["title"].to(str)
    look = actions.button(
        _("I looked at it"), StaffInsurance.on_review(row["id"].to(str), row["sequence"].to(str)), fits=True,
        accessible_name=rx.Var.create(_("I looked at it") + ": ").to(str) + title,
    )  # fmt: skip
    ask = actions.button(
        _("Ask the insurer again"), StaffInsurance.on_check(row["id"].to(str), row["key"].to(str)), kind="second",
        fits=True, accessible_name=rx.Var.create(_("Ask the insurer again") + ": ").to(str) + title,
    )  # fmt: skip
    said = surfaces.stack(
        when_said(row["said"].to(str), rx.el.p),
        rx.el.ul(rx.foreach(row["lines"].to(list[str]), _line), class_name="list-disc ps-5 grid gap-1"),
        when_said(row["end"].to(str), rx.el.small),
        class_name="gap-2",
    )
    pictures = rx.el.div(
        when_said(row["front"].to(str), lambda picture: card_picture(_("Front of the card"), picture)),
        when_said(row["back"].to(str), lambda picture: card_picture(_("Back of the card"), picture)),
        class_name="grid gap-4",
    )
    return surfaces.card(
        rx.el.div(
            rx.el.h2(rx.el.bdi(title, dir="auto")),
            surfaces.tag_by(row["tone"].to(str), row["status"].to(str)),
            class_name="flex flex-wrap items-start justify-between gap-2",
        ),
        when_said(row["turn"].to(str), rx.el.p),
        surfaces.panes(
            surfaces.stack(surfaces.facts(row["facts"].to(list[dict[str, str]])), said, class_name="gap-3"), pictures
        ),
        rx.el.small(row["reviewed"].to(str)),
        rx.el.div(
            rx.cond(row["is_new"].to(str) != "", look, rx.fragment()),
            rx.cond(row["can_ask"].to(str) != "", ask, rx.fragment()),
            class_name="flex flex-wrap gap-3",
        ),
        class_name="grid gap-3",
    )


def _line(line: rx.Var[str]) -> rx.Component:
    return rx.el.li(line)


def _old(row: rx.Var[dict[str, str]]) -> rx.Component:
    return surfaces.row_item(surfaces.row(rx.el.bdi(row["title"], dir="auto"), rx.el.bdi(row["detail"])))


PAGE = Page(AT, N_("Insurance"), build, policy="coverage.review", audience="staff", on_load=StaffInsurance.on_load)
