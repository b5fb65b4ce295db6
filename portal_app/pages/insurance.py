"""Insurance: what we know, adding one, or saying that there is none."""

import reflex as rx

from portal_app.components import actions, contact, dialog, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, patient_page, to_check_in, unless_looked_at
from portal_app.pages._said import done
from portal_app.state.insurance import Insurance
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return patient_page(
        frame.page_title(_("Insurance")),
        to_check_in(Insurance.check_in_href),
        done(Insurance.news),
        skeleton.until(
            Insurance.is_ready,
            surfaces.stack(skeleton.rows(1, 88), skeleton.card(120), skeleton.card(150)),
            surfaces.stack(
                rx.cond(Insurance.rows.length() > 0, _rows(Insurance.rows), _nothing()),
                unless_looked_at(_what_next()),
                _help(),
                rx.cond(Insurance.ended.length() > 0, _ended(), rx.fragment()),
            ),
            loading=_("Looking for the insurance"),
        ),
        _ask(),
        at="/bills",
    )


def _rows(rows: rx.Var[list[dict[str, str]]]) -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(
            surfaces.row(
                rx.el.bdi(row["title"], dir="auto"), row["detail"], href=row["href"],
                end=surfaces.tag_by(row["tone"], row["status"]),
            )
        )  # fmt: skip

    return surfaces.rows(rx.foreach(rows, one))


def _nothing() -> rx.Component:
    drawn: rx.Component = rx.cond(
        Insurance.is_uninsured,
        states.empty(
            _("No insurance"),
            _("So we were told. Before a visit we say what it will probably cost. If that changes, add it here."),
            icon=icons.check(),
        ),
        states.empty(
            _("We do not know of an insurance yet"),
            _("Have the card at hand: you type the number and take a picture of both sides."),
            icon=icons.bill(),
        ),
    )
    return drawn


def _what_next() -> rx.Component:
    none = actions.button(_("There is no insurance"), Insurance.on_ask, kind="quiet", writes=False)
    return rx.el.div(
        actions.link_button(_("Add an insurance"), Insurance.add_href),
        rx.cond(Insurance.is_uninsured, rx.fragment(), none),
        class_name="grid gap-3",
    )


def _help() -> rx.Component:
    return surfaces.card(
        rx.el.h2(_("Is something unclear?")),
        rx.el.p(_("We read what you add and call you if something does not fit. Or ask us.")),
        rx.el.div(
            when_said(Insurance.phone, lambda number: contact.call(_("Call about bills"), number)),
            actions.link_button(_("Ask us to call you"), path("/call-back"), kind="quiet"),
            class_name="flex flex-wrap gap-3",
        ),
        class_name="grid gap-3",
    )


def _ended() -> rx.Component:
    return surfaces.section(_("Earlier insurances"), _rows(Insurance.ended))


def _ask() -> rx.Component:
    return dialog.dialog(
        "ask-none",
        _("Is there no insurance?"),
        rx.el.p(_("Insurances listed here then count as ended. You can add one again at any time.")),
        is_open=Insurance.is_asking,
        on_dismiss=Insurance.on_keep,
        actions=[
            actions.button(_("Yes, there is none"), Insurance.on_none(Insurance.key)),
            actions.button(_("Go back"), Insurance.on_keep, kind="second", writes=False),
        ],
    )


PAGE = Page("/insurance", N_("Insurance"), build, policy="coverage.see", audience="patient", on_load=Insurance.on_load)
