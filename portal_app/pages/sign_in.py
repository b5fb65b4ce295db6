"""Sign in: an e-mail address, then a code. No password."""

import reflex as rx

from portal_app.components import actions, errors, fields, icons, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.components.passkey import passkey_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, public_page
from portal_app.state.sign_in import ASKED_ANEW, SignIn
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return public_page(
        when_said(SignIn.passkey_error, lambda text: surfaces.banner(text, tone="critical", is_announced=True)),
        # In the first HTML: the gate says on the root element whether it is wanted (portal_app/web/gate.py).
        rx.el.div(surfaces.banner(_(ASKED_ANEW), tone="info"), class_name="asks-anew"),
        when_said(SignIn.notice, lambda text: surfaces.banner(text, tone="info", is_announced=True)),
        rx.cond(SignIn.step == "code", _code(), _email()),
        after=rx.cond(SignIn.demo_people.length() > 0, _demo(), rx.fragment()),
    )


def _email() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": "email", "text": SignIn.email_error}],
            is_shown=SignIn.email_error != "",
            moment=SignIn.attempt,
        ),
        rx.el.h1(_("Sign in")),
        rx.el.p(_("We send a code to your e-mail address. There is no password to remember.")),
        rx.el.form(
            fields.email_field(
                "email", _("Your e-mail address"), error=SignIn.email_error, autocomplete="email webauthn"
            ),
            actions.submit(_("Send me a code")),
            on_submit=SignIn.on_ask,
            class_name="grid gap-4",
            custom_attrs={"noValidate": True},
        ),
        _passkey(),
        rx.el.div(
            when_said(SignIn.text_path, lambda to: actions.document_link(_("Get a code by text message"), to)),
            class_name="asks-anew asks-anew-room",
        ),
        rx.el.p(_("A card or a code from us?"), " ", actions.text_link(_("Open your account"), path("/activate"))),
        rx.el.p(_("New here?"), " ", actions.text_link(_("Ask to become a patient"), path("/register"))),
        # Last, so that nothing moves when it comes.
        rx.cond(SignIn.sign_on != "", _sign_on(), rx.fragment()),
    )


def _sign_on() -> rx.Component:
    return plain_form(
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        rx.el.input(type="hidden", name="next", value=SignIn.next_path, read_only=True),
        rx.el.input(type="hidden", name="anew", value=SignIn.anew, read_only=True),
        actions.button(SignIn.sign_on, kind="quiet", is_submit=True),
        action="/auth/single-sign-on",
        class_name="grid",
    )


def _passkey() -> rx.Component:
    return passkey_form(
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        rx.el.input(type="hidden", name="next", value=SignIn.next_path, read_only=True),
        actions.button(_("Sign in with a passkey"), kind="second", icon=icons.lock(), is_submit=True),
        question="/auth/passkey/question",
        action="/auth/passkey",
        cancelled=_("No passkey was used. Try again, or ask for a code."),
        failed=_("That did not work just now. Try again, or ask for a code."),
        fills=True,
        class_name="grid gap-2",
    )


def _code() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": "code", "text": SignIn.code_error}],
            is_shown=SignIn.code_error != "",
            moment=SignIn.attempt,
        ),
        states.focused(rx.el.h1(_("Type the code")), moment=rx.cond(SignIn.code_error == "", SignIn.attempt, "")),
        rx.el.p(
            rx.cond(
                SignIn.sent_to != "",
                rx.fragment(_("If we know this address, a code is on its way to"), " ", rx.el.bdi(SignIn.sent_to), "."),
                _("If we know your address, a code is on its way to it."),
            ),
            " ",
            _("It works for ten minutes, in this browser."),
        ),
        plain_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            rx.el.input(type="hidden", name="next", value=SignIn.next_path, read_only=True),
            fields.code_field("code", _("The six digits"), error=SignIn.code_error),
            actions.submit(_("Sign in")),
            action="/auth/verify",
            class_name="grid gap-4",
            no_validate=True,
        ),
        rx.el.p(
            _("Nothing after a few minutes? Look among unwanted mail, or try a device you have signed in on before."),
            class_name="text-quiet text-small",
        ),
        actions.button(_("Use another address, or send a new code"), SignIn.on_change_email, kind="quiet"),
    )


def _demo() -> rx.Component:
    def one(person: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(
            plain_form(
                rx.el.input(type="hidden", name="person", value=person["id"], read_only=True),
                rx.el.input(type="hidden", name="next", value=SignIn.next_path, read_only=True),
                rx.el.button(
                    rx.el.span(
                        rx.el.b(rx.el.bdi(person["name"])), rx.el.small(person["detail"]), class_name="row-words"
                    ),
                    type="submit",
                    class_name="row",
                ),
                action="/auth/demo",
            )
        )

    return rx.el.aside(
        surfaces.section(
            _("This is a demo"),
            rx.el.p(_("Everybody here is made up. Sign in as one of them with a tap.")),
            surfaces.rows(rx.foreach(SignIn.demo_people, one)),
        ),
        class_name="content flex-none",
    )


PAGE = Page("/sign-in", N_("Sign in"), build, policy="access.ask_code", audience="public", on_load=SignIn.on_load)
