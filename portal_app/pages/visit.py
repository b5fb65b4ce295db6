"""A video visit, for the patient: check, before, waiting room, room."""

from typing import Any

import reflex as rx

from portal_app.components import actions, board, dialog, errors, fields, icons, keeping, skeleton, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.room import ahead
from portal_app.core.i18n import N_, _
from portal_app.pages._device_check import check
from portal_app.pages._documents import send_document
from portal_app.pages._frames import focus_page, path, to_check_in, unless_looked_at
from portal_app.pages._room import in_the_visit, outside, room
from portal_app.pages._visit_ends import call, head, left, missing, no_visit, over, taken_out
from portal_app.state.visit import LOOK_AGAIN_S, Visit
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("Video visit"),
        rx.el.div(when_said(Visit.problem, lambda text: surfaces.banner(text, call(), tone="caution")), role="status"),
        skeleton.until(
            Visit.is_ready,
            surfaces.stack(skeleton.card(120), skeleton.card(320)),
            rx.el.div(_guests(), _steps(), class_name="grid grid-cols-1"),
            loading=_("Opening your video visit"),
        ),
        _ask_leave(),
        back_href=rx.cond(Visit.check_in_href != "", Visit.check_in_href, path("/appointments")),
    )


def _steps() -> rx.Component:
    drawn: rx.Component = rx.match(
        Visit.step,
        ("missing", missing()),
        ("called_off", no_visit(_("This visit was cancelled or moved"), _("Your appointments say what holds now."))),
        ("in_person", no_visit(_("This appointment is in person"), _("Its page says where and when."))),
        ("over", over()),
        ("seen", no_visit(_("You may see this visit, not join it"), _("Its page says when it is and with whom."))),
        ("late", no_visit(_("The time for this visit has passed"), _("Call us, and we find another time with you."))),
        ("early", _early()),
        ("check", _checking()),
        ("before", _before()),
        ("waiting", rx.cond(Visit.is_outside, _outside(), _waiting())),
        ("room", _in_room()),
        ("phone", _by_phone()),
        ("left", left()),
        ("taken_out", taken_out()),
        rx.fragment(),
    )
    return drawn


def _early() -> rx.Component:
    return surfaces.stack(
        head(_("It is too early to join"), rx.el.p(_("You can join from:"), " ", rx.el.b(Visit.opens))),
        rx.cond(
            Visit.is_checked,
            rx.el.p(_("Camera and sound are checked. Come back then.")),
            surfaces.section(_("Use the time: check camera and sound"), check()),
        ),
        to_check_in(Visit.check_in_href, kind="second"),
        call(),
    )


def _checking() -> rx.Component:
    return surfaces.stack(head(_("First, a short check")), check(), to_check_in(Visit.check_in_href, kind="second"))


def _before() -> rx.Component:
    return surfaces.stack(
        head(_("Before we begin")),
        errors.error_summary(
            _("There is a problem"), Visit.errors, is_shown=Visit.errors.length() > 0, moment=Visit.attempt
        ),
        rx.cond(Visit.is_told, _confirm(), _form()),
        to_check_in(Visit.check_in_href, kind="second"),
    )


def _consent() -> rx.Component:
    return surfaces.stack(
        fields.check_box(
            "agrees",
            _("I agree to a video visit"),
            detail=_("Nothing is recorded. You can stop at any time and come in person instead."),
        ),
        when_said(Visit.error_of["agrees"], lambda text: fields.field_error("agrees", text)),
        class_name="gap-2",
    )


def _confirm() -> rx.Component:
    return surfaces.stack(
        rx.el.form(
            rx.el.p(_("Last time you told us this. Is it still right?")),
            surfaces.facts(Visit.facts),
            _consent(),
            actions.submit(_("This is right. Go to the waiting room")),
            on_submit=Visit.on_confirm,
            class_name="grid grid-cols-1 gap-4",
        ),
        actions.button(_("Change something"), Visit.on_change, kind="second", writes=False),
    )


def _form() -> rx.Component:
    return rx.el.form(
        fields.text_field(
            "address",
            _("Where are you now?"),
            hint=rx.cond(
                Visit.address_kept != "",
                Visit.address_kept,
                _("Street, number and town. If something happens, we send help there."),
            ),
            value=Visit.address,
            error=Visit.error_of["address"],
            autocomplete="street-address",
            max_length=200,
        ),
        rx.cond(
            Visit.regions.length() > 0,
            rx.el.div(
                board.select_field(
                    "region", _("In which state?"), Visit.regions, chosen=Visit.region, on_choose=Visit.on_region
                ),
                when_said(Visit.error_of["region"], lambda text: fields.field_error("region", text)),
                class_name="grid grid-cols-1 gap-2",
            ),
            rx.fragment(),
        ),
        fields.text_field(
            "number",
            _("On which number can we call you?"),
            hint=rx.cond(Visit.number_kept != "", Visit.number_kept, _("If the picture stops, we call you there.")),
            value=Visit.number,
            error=Visit.error_of["number"],
            type="tel",
            autocomplete="tel",
        ),
        fields.choice_list(
            "company", _("Who is with you?"), Visit.companies, chosen=Visit.company, error=Visit.error_of["company"]
        ),
        _consent(),
        actions.submit(_("Go to the waiting room")),
        on_submit=Visit.on_say,
        class_name="grid grid-cols-1 gap-4",
    )


def _waiting() -> rx.Component:
    return surfaces.stack(
        keeping.time_kept(LOOK_AGAIN_S, warn_at_s=0, moment=Visit.moment, on_warn=Visit.on_look, on_end=Visit.on_look),
        head(
            _("You are in the waiting room"),
            rx.el.div(
                rx.el.p(rx.el.b(Visit.place)), rx.el.p(Visit.wait), when_said(Visit.late, rx.el.p), role="status"
            ),
        ),
        rx.el.div(
            rx.foreach(Visit.notes, lambda text: surfaces.banner(rx.el.bdi(text), tone="info")),
            role="status",
            class_name="grid grid-cols-1 gap-2",
        ),
        rx.el.div(rx.cond(Visit.is_called, _called(), _stays()), role="status"),
        surfaces.section(
            _("Have this ready"),
            rx.el.ul(rx.foreach(Visit.ready, lambda thing: rx.el.li(rx.el.bdi(thing))), class_name="list-disc ps-6"),
        ),
        rx.cond(
            Visit.is_called,
            rx.fragment(),
            actions.button(_("Call me when it is my turn"), Visit.on_want_call, kind="second", icon=icons.phone()),
        ),
        actions.button(_("Leave the waiting room"), Visit.on_ask_leave, kind="quiet", writes=False),
        ahead(),
    )


def _stays() -> rx.Component:
    return rx.el.p(
        _("Leave this page open. It changes by itself when you are let in. If you reload it, you keep your place.")
    )


def _called() -> rx.Component:
    """Say that they are called, or that it is their turn; either way one tap puts them back in their place."""
    turn = surfaces.banner(
        _("It is your turn now"), rx.el.p(_("Say that you are here, and the clinician lets you in.")), tone="good"
    )
    kept = surfaces.banner(
        _("We call you when it is your turn. You can close this page."),
        rx.el.p(_("We also send you a link that leads back here. Your place is kept.")),
        tone="good",
    )
    return surfaces.stack(
        rx.cond(Visit.is_turn, turn, kept),
        rx.cond(
            Visit.is_turn,
            actions.button(_("I am here"), Visit.on_back),
            actions.button(_("I stay here after all"), Visit.on_back, kind="second"),
        ),
        class_name="gap-3",
    )


def _outside() -> rx.Component:
    return surfaces.stack(
        outside(Visit.moved),
        actions.button(_("Leave the waiting room"), Visit.on_ask_leave, kind="quiet", writes=False),
    )


def _in_room() -> rx.Component:
    return rx.el.div(
        in_the_visit(Visit.moved),
        room(
            actions.button(_("Leave the visit"), Visit.on_ask_leave, kind="critical_second", writes=False),
            send_document(),
            numbers={"own": Visit.called_on, "practice": Visit.phone},
        ),
        class_name="grid grid-cols-1",
    )


def _by_phone() -> rx.Component:
    return surfaces.stack(
        head(
            _("Your visit goes on by phone"),
            rx.el.p(_("You are speaking by phone with:"), " ", rx.el.b(rx.el.bdi(Visit.who))),
            rx.cond(
                Visit.called_on != "",
                rx.el.p(_("If your phone has not rung yet, we call you on:"), " ",
                        rx.el.bdi(Visit.called_on, dir="ltr")),
                rx.el.p(_("If your phone has not rung yet, it rings in a moment.")),
            ),
        ),
        rx.el.p(_("Leave this page open if you can: if the picture is wanted after all, it comes here by itself.")),
        rx.el.p(_("If the call breaks off and nobody calls again, call us.")),
        call(),
    )  # fmt: skip


def _guests() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        asked = surfaces.card(
            rx.el.h2(_("May this person join your visit?")),
            rx.el.p(rx.el.b(rx.el.bdi(row["name"])), " · ", row["role"]),
            actions.button(_("Yes, let them join"), Visit.on_agree(row["id"], "yes")),
            actions.button(_("No"), Visit.on_agree(row["id"], "no"), kind="second"),
        )
        return rx.el.div(asked, class_name="pb-4")

    return rx.el.div(
        unless_looked_at(rx.foreach(Visit.guests, lambda row: rx.cond(row["asks"] != "", one(row), rx.fragment()))),
        role="status",
        class_name="grid grid-cols-1",
    )


def _ask_leave() -> rx.Component:
    return dialog.dialog(
        "leave",
        _("Leave?"),
        rx.el.p(_("You can come back as long as the visit has not ended.")),
        is_open=Visit.is_leaving,
        on_dismiss=Visit.on_stay,
        actions=[
            actions.button(_("Stay"), Visit.on_stay, writes=False),
            actions.button(_("Leave now"), Visit.on_leave, kind="critical_second"),
        ],
    )


PAGE = Page("/visit", N_("Video visit"), build, policy="visits.view", audience="patient", on_load=Visit.on_load)
