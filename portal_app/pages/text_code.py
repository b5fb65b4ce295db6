"""One more proof: a code by text message."""

import reflex as rx

from portal_app.components import actions, errors, fields, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.components.passkey import passkey_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.state.text_code import TextCode
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("One more proof"),
        when_said(TextCode.problem, lambda text: surfaces.banner(text, tone="critical", is_announced=True)),
        skeleton.until(
            TextCode.is_ready,
            skeleton.rows(2, 80),
            rx.match(TextCode.step, ("offer", _offer()), ("code", _code()), ("passkey", _passkey()), _none()),
            loading=_("Looking up how to reach you"),
        ),
        back_href=rx.cond(TextCode.is_held_back, path("/sign-in"), path("/profile")),
    )


def _offer() -> rx.Component:
    return surfaces.stack(
        rx.el.p(_("You signed in with a code from your e-mail. What comes next is kept more private: prove once more "
                  "that it is you, with a code on your phone.")),
        surfaces.facts([(_("We send it to the number ending in"), rx.el.span(TextCode.hint, dir="ltr"))]),
        _risk(),
        actions.button(_("Send me a text message"), TextCode.on_send),
        surfaces.section(
            _("Safer: a passkey"),
            rx.el.p(_("It stays on your devices, and nobody can read it on its way. One text message now, then you "
                      "make it; after that no text message is needed.")),
            actions.button(
                _("Send the text message, then make a passkey"), TextCode.on_send_for_passkey, kind="second",
                icon=icons.lock(),
            ),
        ),
        rx.el.p(_("No text message at all, or another number now? Call us: once we know that it is you, we help."),
                class_name="text-quiet"),
        call_us(),
        actions.link_button(_("I was given a code at the front desk"), path("/given-code"), kind="quiet"),
    )  # fmt: skip


def _risk() -> rx.Component:
    """Say what text messages are worth (OWASP ASVS 5, 6.6.1)."""
    return rx.el.p(
        _("Text messages are less safe than a passkey: somebody else can read them, or get hold of your number.")
    )


def _code() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": "code", "text": TextCode.code_error}],
            is_shown=TextCode.code_error != "",
            moment=TextCode.attempt,
        ),
        states.focused(
            rx.el.p(_("A text message is on its way to the number ending in"), " ",
                    rx.el.span(TextCode.hint, dir="ltr"), ". ", _("It works for ten minutes, in this browser.")),
            moment=rx.cond(TextCode.code_error == "", TextCode.attempt, ""),
        ),
        plain_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            rx.el.input(type="hidden", name="next", value=TextCode.next_path, read_only=True),
            fields.code_field("code", _("The six digits"), error=TextCode.code_error),
            actions.submit(_("Go on")),
            action="/auth/text-code",
            class_name="grid gap-4",
            no_validate=True,
        ),
        actions.button(_("Send a new code"), TextCode.on_again, kind="quiet", writes=False),
    )  # fmt: skip


def _passkey() -> rx.Component:
    return surfaces.stack(
        rx.el.p(_("You have a passkey. So a code from your e-mail alone opens nothing here: whoever reads your mail "
                  "stays out. Show once more that it is you.")),
        passkey_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            rx.el.input(type="hidden", name="next", value=TextCode.next_path, read_only=True),
            actions.button(_("Use your passkey"), icon=icons.lock(), is_submit=True),
            question="/auth/passkey/question",
            action="/auth/passkey",
            cancelled=_("No passkey was used. Try again, or choose another way below."),
            failed=_("That did not work just now. Try again, or choose another way below."),
            unsupported=_("This browser cannot use passkeys. Choose another way below."),
            class_name="grid gap-2",
        ),
        rx.cond(TextCode.hint != "", _text_instead(), rx.fragment()),
        _by_the_practice(),
        _lost(),
        plain_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            rx.el.button(_("Sign out"), type="submit", class_name="btn btn-quiet"),
            action="/auth/sign-out",
        ),
    )  # fmt: skip


def _text_instead() -> rx.Component:
    return surfaces.section(
        _("Your passkey is not at hand?"),
        surfaces.facts([(_("We send a code to the number ending in"), rx.el.span(TextCode.hint, dir="ltr"))]),
        _risk(),
        actions.button(_("Send me a text message"), TextCode.on_send, kind="second"),
    )


def _by_the_practice() -> rx.Component:
    return surfaces.section(
        _("None of these works?"),
        rx.el.p(_("Call us, also when your video visit is about to begin. We make sure that it is you and give you a "
                  "code that does the same. We can also book, change or cancel a visit for you.")),
        call_us(),
        actions.link_button(_("I was given a code at the front desk"), path("/given-code"), kind="quiet"),
    )  # fmt: skip


def _lost() -> rx.Component:
    return surfaces.section(
        _("Lost a device?"),
        rx.el.div(when_said(TextCode.news, lambda text: surfaces.banner(text, tone="good")), role="status"),
        actions.button(_("Sign out everywhere else"), TextCode.on_shut_out, kind="quiet"),
    )


def _none() -> rx.Component:
    return surfaces.stack(
        rx.el.p(_("We have no number of yours to send a text message to. Call us, or come by: once we know that it is "
                  "you, we give you a code that does the same.")),
        call_us(),
        actions.link_button(_("I was given a code at the front desk"), path("/given-code"), kind="quiet"),
    )  # fmt: skip


PAGE = Page(
    "/text-code", N_("One more proof"), build, policy="access.prove_by_text", audience="patient",
    on_load=TextCode.on_load,
)  # fmt: skip
