"""One insurance: what the insurer said, the card and its pictures, changing and ending it."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, dialog, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.send_file import send_file
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path, to_check_in, unless_looked_at
from portal_app.pages._said import done
from portal_app.state.one_insurance import OneInsurance
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that insurance"),
        _("It may have ended. The other insurances are where they were."),
        action=actions.link_button(_("See the insurances"), path("/insurance")),
        ask=call_us(),
    )
    return focus_page(
        _("Insurance"),
        done(OneInsurance.news),
        rx.el.div(when_said(OneInsurance.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(
            OneInsurance.is_ready,
            surfaces.stack(skeleton.card(360), skeleton.card(190)),
            rx.cond(OneInsurance.is_missing, missing, _one()),
            loading=_("Opening the insurance"),
        ),
        _ask_end(),
        back_href=OneInsurance.back_href,
    )


def _one() -> rx.Component:
    return surfaces.stack(
        surfaces.card(
            rx.el.div(
                rx.el.h2(rx.el.bdi(OneInsurance.title, dir="auto")),
                surfaces.tag_by(OneInsurance.tone, OneInsurance.status),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            when_said(OneInsurance.turn, rx.el.p),
            surfaces.facts(OneInsurance.facts),
            when_said(OneInsurance.reviewed, rx.el.small),
            is_first=True,
            class_name="grid gap-3",
        ),
        when_said(OneInsurance.said, lambda text: covers(text, OneInsurance.lines, OneInsurance.end, _again())),
        unless_looked_at(rx.cond(OneInsurance.is_active, _cards(), _old_cards())),
        to_check_in(OneInsurance.check_in_href),
        unless_looked_at(rx.cond(OneInsurance.is_active, _changes(), rx.fragment())),
        rx.cond(
            OneInsurance.history.length() > 0,
            surfaces.section(_("What it was before"), surfaces.rows(rx.foreach(OneInsurance.history, _before))),
            rx.fragment(),
        ),
    )


def covers(said: Any, lines: rx.Var[list[str]], end: rx.Var[str], again: rx.Component) -> rx.Component:
    """Return what the plan covers, in the insurer's answer and no further."""
    listed = rx.el.ul(rx.foreach(lines, _line), class_name="list-disc ps-5 grid gap-1")
    return surfaces.section(
        _("What the plan covers"),
        surfaces.card(
            rx.el.p(said),
            rx.cond(lines.length() > 0, listed, rx.fragment()),
            when_said(end, rx.el.small),
            again,
            class_name="grid gap-3",
        ),
    )


def _line(line: rx.Var[str]) -> rx.Component:
    return rx.el.li(line)


def _again() -> rx.Component:
    return rx.el.div(
        unless_looked_at(
            rx.cond(
                OneInsurance.can_ask,
                actions.button(
                    _("Ask the insurer again"), OneInsurance.on_check(OneInsurance.key), kind="quiet", fits=True
                ),
                rx.fragment(),
            )
        ),
        when_said(OneInsurance.phone, lambda number: contact.call(_("Call about bills"), number)),
        class_name="flex flex-wrap gap-3",
    )


def _cards() -> rx.Component:
    return surfaces.section(
        _("The card"),
        surfaces.card(
            _side("front", _("Front of the card"), OneInsurance.front, _("Take a picture of the front")),
            _side("back", _("Back of the card"), OneInsurance.back, _("Take a picture of the back")),
            class_name="grid grid-cols-1 gap-5",
        ),
    )


def _side(side: str, name: str, picture: rx.Var[str], choose: str) -> rx.Component:
    words = {
        "choose": choose,
        "sending": _("Sending the picture"),
        "sent": _("The picture has arrived."),
        "failed": _("That did not arrive. Nothing was saved. Try again, or bring the card to the visit."),
        "again": _("Send it again"),
        "tooLarge": _("This file is too large. Choose a smaller one, or take the picture again."),
        "notNow": _("This picture cannot be taken now. Open this page again, or bring the card to the visit."),
    }
    address = rx.Var.create("/coverages/").to(str) + OneInsurance.coverage_id + f"/card/{side}"
    return rx.el.div(
        rx.cond(picture != "", card_picture(name, picture), rx.fragment()),
        send_file(address, words),
        class_name="grid grid-cols-1 gap-2",
    )


def card_picture(name: str, picture: rx.Var[str]) -> rx.Component:
    """Return the picture of one side of a card."""
    return rx.el.figure(
        rx.el.figcaption(name, class_name="text-small text-quiet"),
        rx.el.img(src=picture, alt=name, loading="lazy", class_name="w-full max-h-[45vh] object-contain"),
    )


def _old_cards() -> rx.Component:
    return rx.fragment(
        rx.cond(OneInsurance.front != "", card_picture(_("Front of the card"), OneInsurance.front), rx.fragment()),
        rx.cond(OneInsurance.back != "", card_picture(_("Back of the card"), OneInsurance.back), rx.fragment()),
    )


def _changes() -> rx.Component:
    return rx.el.div(
        actions.link_button(_("Put something right"), OneInsurance.change_href, kind="second"),
        actions.button(_("This insurance has ended"), OneInsurance.on_ask_end, kind="critical_second", writes=False),
        class_name="grid gap-3",
    )


def _before(row: rx.Var[dict[str, str]]) -> rx.Component:
    return surfaces.row_item(surfaces.row(rx.el.bdi(row["title"], dir="auto"), row["detail"]))


def _ask_end() -> rx.Component:
    return dialog.dialog(
        "ask-end",
        _("Has this insurance ended?"),
        rx.el.p(rx.el.b(rx.el.bdi(OneInsurance.title, dir="auto"))),
        rx.el.p(_("We then bill nothing to it any more. You can add it again.")),
        is_open=OneInsurance.is_ending,
        on_dismiss=OneInsurance.on_keep,
        actions=[
            actions.button(_("Yes, it has ended"), OneInsurance.on_end(OneInsurance.sequence), kind="critical"),
            actions.button(_("Keep it"), OneInsurance.on_keep, kind="second", writes=False),
        ],
    )


PAGE = Page(
    "/insurance/[id]",
    N_("Insurance"),
    build,
    policy="coverage.see",
    audience="patient",
    on_load=OneInsurance.on_load,
)
