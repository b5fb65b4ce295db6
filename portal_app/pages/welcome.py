"""The first steps after an account is opened: one question a page, in under two minutes."""

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.components.contact import call
from portal_app.components.kinds import when_said
from portal_app.components.passkey import passkey_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import public_page
from portal_app.state.frame import Frame
from portal_app.state.welcome import Welcome
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    titles = {
        "language": _("Which language do you read?"),
        "channel": _("How shall we reach you?"),
        "passkey": _("Sign in with one tap next time"),
        "portal": _("What the portal is for"),
        "promises": _("What we promise"),
    }
    bodies = {
        "language": _language(), "channel": _channel(), "passkey": _passkey(), "portal": _portal(),
        "promises": _promises(),
    }  # fmt: skip
    title, body = rx.Var.create(_("Welcome")), skeleton.card(240)
    for step, named in titles.items():
        title = rx.cond(Welcome.step == step, named, title)
        body = rx.cond(Welcome.step == step, bodies[step], body)
    return public_page(
        surfaces.meter(rx.cond(Welcome.where != "", Welcome.where, _("Welcome")), Welcome.done, 5),
        states.focused(frame.page_title(title), moment=Welcome.moment),
        rx.el.div(when_said(Welcome.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(Welcome.is_ready, skeleton.card(240), body, loading=_("Opening the page")),
        home="/",
        signs_out=True,
    )


def _language() -> rx.Component:
    buttons = [
        rx.el.button(
            language.own_name, type="button", class_name="btn btn-second", on_click=Welcome.on_language(code),
            custom_attrs={"lang": code, "dir": language.direction, "data-writes": ""},
        )
        for code, language in i18n.LOCALES.items()
    ]  # fmt: skip
    return surfaces.stack(
        rx.el.p(_("The portal and our e-mails are then in this language. You can change it at any time.")),
        rx.el.div(*buttons, class_name="grid gap-3"),
    )


def _channel() -> rx.Component:
    return surfaces.stack(
        rx.el.p(_("We write about your visits to"), " ", rx.el.bdi(Welcome.email, dir="ltr"), "."),
        rx.el.p(_("And when there is something to talk about?")),
        rx.el.div(
            actions.button(_("Write me an e-mail"), Welcome.on_channel("mail"), kind="second", icon=icons.mail()),
            actions.button(_("Call me"), Welcome.on_channel("phone"), kind="second", icon=icons.phone()),
            class_name="grid gap-3",
        ),
        actions.button(_("I do not mind"), Welcome.on_done("channel"), kind="quiet"),
    )


def _passkey() -> rx.Component:
    return surfaces.stack(
        rx.el.p(
            _("A passkey signs you in with your fingerprint, your face or the code of your device. "
              "It stays on your devices; nobody can guess it, and there is nothing to remember.")
        ),
        passkey_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            rx.el.input(type="hidden", name="back", default_value="welcome"),
            actions.button(_("Make a passkey on this device"), icon=icons.lock(), is_submit=True),
            question="/auth/passkey/new/question",
            action="/auth/passkey/new",
            makes=True,
            cancelled=_("No passkey was made. You can try again."),
            known=_("This device already has a passkey of yours for us."),
            failed=_("That did not work just now. Try again, or call us."),
            unsupported=_("This browser cannot keep passkeys. Try a newer one, or another device."),
            class_name="grid gap-2",
        ),
        rx.el.p(_("Is this somebody else's device? Then do not make one here."), class_name="quiet"),
        actions.button(_("Not now: a code by e-mail is enough"), Welcome.on_done("passkey"), kind="quiet"),
    )  # fmt: skip


def _portal() -> rx.Component:
    return surfaces.stack(
        rx.el.ul(
            rx.el.li(_("Book and move visits, by video too")),
            rx.el.li(_("Do forms and check-in before a visit")),
            rx.el.li(_("See your bills and pay them")),
            rx.el.li(_("Note what you measure at home")),
            rx.el.li(_("Let somebody you trust act for you")),
            class_name="grid gap-1 list-disc ps-6",
        ),
        surfaces.banner(
            _("Not for an emergency"),
            rx.el.p(_("Nobody watches the portal day and night. If you are in danger, call at once.")),
            rx.cond(Frame.emergency_phone != "", call(_("Emergency"), Frame.emergency_phone), rx.fragment()),
            tone="critical",
        ),
        actions.button(_("I understand"), Welcome.on_done("portal")),
        class_name="gap-4",
    )


def _promises() -> rx.Component:
    return surfaces.stack(
        rx.el.ul(
            rx.el.li(Welcome.promise),
            rx.el.li(_("Write to us about a time, and a person answers, usually within two working days.")),
            rx.el.li(_("When something about your visit changes, we tell you at once.")),
            rx.el.li(_("You can see who has looked at your chart.")),
            class_name="grid gap-3 list-disc ps-6",
        ),
        actions.button(_("Go to my home page"), Welcome.on_done("promises")),
    )


PAGE = Page("/welcome", N_("Welcome"), build, policy="enrolment.settle_in", audience="patient", on_load=Welcome.on_load)
