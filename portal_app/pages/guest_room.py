"""For whoever was invited to one visit by a link: a name, then the waiting room, then the room. Nothing of a chart."""

import reflex as rx

from portal_app.components import actions, dialog, fields, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.components.room import ahead
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._device_check import check
from portal_app.pages._frames import call_us, public_page
from portal_app.pages._room import in_the_visit, outside, room
from portal_app.state.guest_room import GuestRoom
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return public_page(
        rx.el.h1(_("Video visit")),
        rx.el.div(when_said(GuestRoom.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(
            GuestRoom.is_ready,
            surfaces.stack(skeleton.card(160), skeleton.lines(3)),
            rx.match(
                GuestRoom.step,
                ("link", _link()),
                ("waiting", rx.cond(GuestRoom.is_outside, outside(GuestRoom.moved), _waiting())),
                ("room", _in_room()),
                ("left", _left()),
                _gone(),
            ),
            loading=_("Opening the video visit"),
        ),
        _ask_leave(),
    )


def _link() -> rx.Component:
    return plain_form(
        rx.el.p(_("You were invited to a video visit. Everybody in it sees the name you give here.")),
        rx.el.input(type="hidden", name="key", value=GuestRoom.key, read_only=True),
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        fields.text_field("name", _("Your name"), autocomplete="name", max_length=60),
        rx.el.button(_("Ask to come in"), type="submit", class_name="btn", custom_attrs={"data-writes": ""}),
        action="/room/redeem",
        class_name="grid grid-cols-1 gap-4",
    )


def _waiting() -> rx.Component:
    wait = surfaces.card(
        states.focused(rx.el.h2(_("Please wait")), moment=GuestRoom.moved),
        rx.el.p(_("The patient is asked whether you may join, then the clinician lets you in. Leave this page open.")),
        rx.el.p(_("Your name here:"), " ", rx.el.b(rx.el.bdi(GuestRoom.name))),
        is_first=True,
    )
    meanwhile = surfaces.section(_("Use the time: check camera and sound"), check(is_guest=True))
    done = rx.el.p(_("Camera and sound are checked."), role="status")
    return surfaces.stack(wait, rx.cond(GuestRoom.is_checked, done, meanwhile), ahead())


def _in_room() -> rx.Component:
    return surfaces.stack(
        in_the_visit(GuestRoom.moved),
        room(is_guest=True),
        actions.button(_("Leave the visit"), GuestRoom.on_ask_leave, kind="critical_second", writes=False),
    )


def _left() -> rx.Component:
    return surfaces.stack(
        states.focused(
            states.moved(_("You have left the visit"), _("You can ask to come back as long as it goes on.")),
            moment=GuestRoom.moved,
        ),
        actions.button(_("Ask to come in"), GuestRoom.on_come_back),
    )


def _gone() -> rx.Component:
    gone = states.error(
        _("There is no visit here for you"),
        _("It has ended, or your link has run out. Ask the person who invited you."),
        ask=call_us(),
    )
    return states.focused(gone, moment=GuestRoom.moved)


def _ask_leave() -> rx.Component:
    return dialog.dialog(
        "leave",
        _("Leave?"),
        rx.el.p(_("You can come back as long as the visit has not ended.")),
        is_open=GuestRoom.is_leaving,
        on_dismiss=GuestRoom.on_stay,
        actions=[
            actions.button(_("Stay"), GuestRoom.on_stay, writes=False),
            actions.button(_("Leave now"), GuestRoom.on_leave, kind="critical_second"),
        ],
    )


PAGE = Page("/room", N_("Video visit"), build, policy="visits.enter_room", audience="public", on_load=GuestRoom.on_load)
