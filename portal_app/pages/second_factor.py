"""The second factor of staff: a passkey or the digits of an app before anything else opens."""

from typing import Any

import reflex as rx

from portal_app.components import actions, board, fields, icons, skeleton, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.components.passkey import passkey_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import public_page
from portal_app.state.second_factor import SecondFactor
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return public_page(
        rx.el.h1(_("Prove that it is you"), class_name="no-print"),
        rx.el.div(
            when_said(SecondFactor.problem, lambda text: surfaces.banner(text, tone="critical")),
            when_said(SecondFactor.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
            class_name="no-print",
        ),
        skeleton.until(
            SecondFactor.is_ready,
            skeleton.card(360),
            rx.match(
                SecondFactor.step,
                ("prove", _proving()),
                ("code", _set_up_code()),
                ("set-up", _setting_up()),
                _recovery_codes(),
            ),
            loading=_("Opening your sign-in"),
        ),
        _way_out(),
        home="/",
    )


def _proving() -> rx.Component:
    return surfaces.stack(
        rx.cond(
            SecondFactor.is_locked,
            rx.el.p(_("Nobody was here for a while, so we locked this. What you typed is kept for you.")),
            rx.el.p(_("The code from your e-mail was the first half. Patients' records open with the second.")),
        ),
        rx.cond(SecondFactor.has_passkey, _use_passkey(), rx.fragment()),
        rx.cond(
            SecondFactor.has_code,
            plain_form(
                *_hidden(),
                fields.text_field(
                    "code", _("Six digits from your app, or a recovery code"), error=SecondFactor.problem,
                    autocomplete="one-time-code", max_length=20, more={"dir": "ltr", "spellCheck": "false"},
                ),
                actions.submit(_("Go on")),
                action="/auth/factor",
                class_name="grid gap-4",
                no_validate=True,
            ),
            rx.fragment(),
        ),
        rx.el.p(
            _("Lost the device? Use a recovery code, or ask a manager of your practice to reset your sign-in. "
              "They give you a set-up code."),
            class_name="text-quiet text-small",
        ),
        actions.button(
            _("I was given a set-up code"), SecondFactor.on_step("code"), kind="quiet", writes=False
        ),
    )  # fmt: skip


def _use_passkey() -> rx.Component:
    return passkey_form(
        *_hidden(),
        actions.button(_("Use your passkey"), icon=icons.lock(), is_submit=True),
        question="/auth/passkey/question",
        action="/auth/passkey",
        cancelled=_("No passkey was used. You can try again."),
        failed=_("That did not work just now. Try again, or call us."),
        class_name="grid gap-2",
    )


def _set_up_code() -> rx.Component:
    return surfaces.stack(
        rx.el.p(
            _("You set up a passkey or an app once, and need it each time you sign in. To begin, type the set-up code "
              "that a manager of your practice, or whoever runs this portal, gave you.")
        ),
        plain_form(
            *_hidden(),
            fields.text_field(
                "code", _("Set-up code"), error=SecondFactor.problem, autocomplete="off", max_length=20,
                more={"dir": "ltr", "spellCheck": "false", "autoCapitalize": "none"},
            ),
            actions.submit(_("Begin")),
            action="/auth/factor/open",
            class_name="grid gap-4",
            no_validate=True,
        ),
        rx.el.p(
            _("No code? Nobody can do this from afar with your mailbox alone, so it is given from person to person."),
            class_name="text-quiet text-small",
        ),
    )  # fmt: skip


def _setting_up() -> rx.Component:
    return surfaces.stack(
        surfaces.section(
            _("A passkey"),
            rx.el.p(_("The simplest: your fingerprint, your face or the code of this device.")),
            passkey_form(
                *_hidden(),
                actions.button(_("Make a passkey"), icon=icons.lock(), is_submit=True),
                question="/auth/factor/passkey/question",
                action="/auth/factor/passkey",
                makes=True,
                cancelled=_("No passkey was made. You can try again."),
                known=_("This device already has a passkey of yours for us."),
                failed=_("That did not work just now. Try again, or call us."),
                unsupported=_("This browser cannot keep passkeys. Use an app instead."),
                class_name="grid gap-2",
            ),
        ),
        surfaces.section(
            _("Or an authenticator app"),
            rx.cond(
                SecondFactor.qr_path != "",
                _app(),
                surfaces.stack(
                    rx.el.p(_("An app on your phone shows six digits that change every half minute.")),
                    actions.button(_("Set up an app"), SecondFactor.on_app, kind="second"),
                    class_name="gap-2",
                ),
            ),
        ),
    )


def _app() -> rx.Component:
    drawing: Any = rx.el.path(d=SecondFactor.qr_path)
    return surfaces.stack(
        rx.el.p(_("Let the app read this picture, or type the key. Then type the six digits it shows.")),
        rx.el.svg(
            drawing,
            view_box=SecondFactor.qr_size,
            class_name="qr",
            custom_attrs={"role": "img", "aria-label": _("QR code for your authenticator app")},
        ),
        rx.el.p(_("Key"), ": ", rx.el.code(SecondFactor.app_key, dir="ltr", class_name="break-words")),
        plain_form(
            *_hidden(),
            fields.code_field("code", _("The six digits of the app"), error=SecondFactor.problem),
            actions.submit(_("Use this app")),
            action="/auth/factor/app",
            class_name="grid gap-4",
            no_validate=True,
        ),
    )


def _recovery_codes() -> rx.Component:
    shown = surfaces.stack(
        rx.el.h2(_("Your recovery codes")),
        rx.el.p(_("Each opens your sign-in once, on the day your device is lost. They are shown only now. "
                  "Print them, and keep the paper where you keep keys; or save them where you keep passwords.")),
        rx.el.ol(
            rx.foreach(SecondFactor.codes, lambda code: rx.el.li(rx.el.code(code, dir="ltr"))), class_name="codes"
        ),
        rx.el.div(
            board.print_button(_("Print")),
            actions.button(_("Save as a file"), SecondFactor.on_save, kind="second", writes=False, fits=True),
            class_name="no-print flex flex-wrap gap-3",
        ),
        rx.el.div(
            actions.button(_("I have kept them: go on"), SecondFactor.on_kept, writes=False), class_name="no-print"
        ),
    )  # fmt: skip
    offered = surfaces.stack(
        rx.el.h2(_("Recovery codes")),
        rx.el.p(SecondFactor.codes_left),
        rx.el.p(_("They let you in when your device is lost. New ones take the place of those you have.")),
        actions.button(_("Make ten recovery codes"), SecondFactor.on_codes),
        actions.document_link(_("Go on"), SecondFactor.next_path),
        actions.button(_("Add a passkey or an app"), SecondFactor.on_step("set-up"), kind="quiet", writes=False),
    )
    owed = surfaces.stack(
        rx.el.h2(_("One thing before you go on")),
        rx.el.p(_("If this device is lost, recovery codes let you in. Make ten, and keep them on paper or where you "
                  "keep passwords. Everything else opens once you have them.")),
        actions.button(_("Make ten recovery codes"), SecondFactor.on_codes),
    )  # fmt: skip
    waiting: rx.Component = rx.cond(SecondFactor.owes_codes, owed, offered)
    drawn: rx.Component = rx.cond(
        SecondFactor.is_checking, _checking(), rx.cond(SecondFactor.codes.length() > 0, shown, waiting)
    )
    return drawn


def _checking() -> rx.Component:
    return surfaces.stack(
        rx.el.h2(_("Show that you have them")),
        rx.el.p(_("Type any one of the ten from your copy. It stays good.")),
        rx.el.form(
            fields.text_field(
                "code", _("One of your recovery codes"), error=SecondFactor.problem, autocomplete="off", max_length=20,
                more={"dir": "ltr", "spellCheck": "false", "autoCapitalize": "none"},
            ),
            actions.submit(_("Go on")),
            on_submit=SecondFactor.on_confirm,
            class_name="grid gap-4",
            custom_attrs={"noValidate": True},
        ),
        actions.button(_("Show the codes again"), SecondFactor.on_again, kind="quiet", writes=False),
    )  # fmt: skip


def _way_out() -> rx.Component:
    return plain_form(
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        rx.el.button(_("Sign out"), type="submit", class_name="btn btn-quiet btn-fit no-print"),
        action="/auth/sign-out",
    )


def _hidden() -> list[rx.Component]:
    return [
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        rx.el.input(type="hidden", name="next", value=SecondFactor.next_path, read_only=True),
    ]


PAGE = Page(
    "/second-factor", N_("Prove that it is you"), build, policy="access.prove_factor", audience="staff",
    on_load=SecondFactor.on_load, steps_up=True,
)  # fmt: skip
