"""A video visit, for the patient: check, before, waiting room, room."""

from typing import Any

import reflex as rx

from portal_app.components import (
    actions,
    board,
    contact,
    dialog,
    errors,
    fields,
    icons,
    keeping,
    skeleton,
    states,
    surfaces,
)
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._device_check import check
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.pages._room import room
from portal_app.state.visit import LOOK_AGAIN_S, Visit
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("Video visit"),
        rx.el.div(when_said(Visit.problem, lambda text: surfaces.banner(text, _call(), tone="caution")), role="status"),
        skeleton.until(
            Visit.is_ready,
            surfaces.stack(skeleton.card(120), skeleton.card(320)),
            surfaces.stack(_guests(), _steps()),
            loading=_("Opening your video visit"),
        ),
        _ask_leave(),
        back="/appointments",
    )


def _steps() -> rx.Component:
    drawn: rx.Component = rx.match(
        Visit.step,
        ("missing", _missing()),
        ("called_off", _no_visit(_("This visit was cancelled or moved"), _("Your appointments say what holds now."))),
        ("in_person", _no_visit(_("This appointment is in person"), _("Its page says where and when."))),
        ("over", _no_visit(_("This visit is over"), _("If you still need to talk to us, call us."))),
        ("early", _early()),
        ("check", _checking()),
        ("before", _before()),
        ("waiting", _waiting()),
        ("room", _in_room()),
        rx.fragment(),
    )
    return drawn


def _missing() -> rx.Component:
    return states.error(
        _("We could not find that visit"),
        _("It may have been changed or removed. Your other visits are safe."),
        action=actions.link_button(_("See your visits"), path("/appointments")),
        ask=call_us(),
    )


def _no_visit(title: str, detail: str) -> rx.Component:
    return states.error(
        title, detail, action=actions.link_button(_("See your visits"), path("/appointments")), ask=_call()
    )


def _head(title: str, *more: rx.Component | str) -> rx.Component:
    return surfaces.card(rx.el.h2(title), rx.el.p(Visit.title, " · ", rx.el.bdi(Visit.who)), *more, is_first=True)


def _early() -> rx.Component:
    return surfaces.stack(
        _head(_("It is too early to join"), rx.el.p(_("You can join from:"), " ", rx.el.b(Visit.opens))),
        rx.cond(
            Visit.is_checked,
            rx.el.p(_("Camera and sound are checked. Come back then.")),
            surfaces.section(_("Use the time: check camera and sound"), check()),
        ),
        _call(),
    )


def _checking() -> rx.Component:
    return surfaces.stack(_head(_("First, a short check")), check())


def _before() -> rx.Component:
    return surfaces.stack(
        _head(_("Before we begin")),
        errors.error_summary(
            _("There is a problem"), Visit.errors, is_shown=Visit.errors.length() > 0, moment=Visit.attempt
        ),
        rx.cond(Visit.is_told, _confirm(), _form()),
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
            hint=_("Street, number and town. If something happens, we send help there."),
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
            hint=_("If the picture stops, we call you there."),
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
    ready = [_("Your medicines, or a list of them"), _("Your questions"), _("A quiet place with good light")]
    return surfaces.stack(
        keeping.time_kept(LOOK_AGAIN_S, warn_at_s=0, moment=Visit.moment, on_warn=Visit.on_look, on_end=Visit.on_look),
        _head(
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
        rx.cond(
            Visit.is_called,
            surfaces.banner(_("We call you when it is your turn. You can close this page."), tone="good"),
            rx.el.p(
                _(
                    "Leave this page open. It changes by itself when you are let in. If you reload it, you keep your"
                    " place."
                )
            ),
        ),
        surfaces.section(
            _("Have this ready"), rx.el.ul(*(rx.el.li(one) for one in ready), class_name="list-disc ps-6")
        ),
        rx.cond(
            Visit.is_called,
            rx.fragment(),
            actions.button(_("Call me when it is my turn"), Visit.on_want_call, kind="second", icon=icons.phone()),
        ),
        actions.button(_("Leave the waiting room"), Visit.on_ask_leave, kind="quiet", writes=False),
    )


def _in_room() -> rx.Component:
    return surfaces.stack(
        room(),
        actions.button(_("Leave the visit"), Visit.on_ask_leave, kind="critical_second", writes=False),
    )


def _guests() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.card(
            rx.el.h2(_("May this person join your visit?")),
            rx.el.p(rx.el.b(rx.el.bdi(row["name"])), " · ", row["role"]),
            actions.button(_("Yes, let them join"), Visit.on_agree(row["id"], "yes")),
            actions.button(_("No"), Visit.on_agree(row["id"], "no"), kind="second"),
        )

    return rx.el.div(
        rx.foreach(Visit.guests, lambda row: rx.cond(row["asks"] != "", one(row), rx.fragment())),
        role="status",
        class_name="grid grid-cols-1 gap-3",
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


def _call() -> rx.Component:
    drawn: rx.Component = rx.cond(Visit.phone != "", contact.call(_("Call"), Visit.phone), rx.fragment())
    return drawn


PAGE = Page("/visit", N_("Video visit"), build, policy="visits.view", audience="patient", on_load=Visit.on_load)
