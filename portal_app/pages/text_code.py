"""One more proof: a code by text message."""

import reflex as rx

from portal_app.components import actions, errors, fields, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
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
        back="/profile",
    )


def _offer() -> rx.Component:
    return surfaces.stack(
        rx.el.p(_("You signed in with a code from your e-mail. What comes next is kept more private: prove once more "
                  "that it is you, with a code on your phone.")),
        surfaces.facts([(_("We send it to the number ending in"), rx.el.span(TextCode.hint, dir="ltr"))]),
        actions.button(_("Send me a text message"), TextCode.on_send),
        rx.el.p(_("Another number now? Call us: we change it once we know that it is you."), class_name="text-quiet"),
        call_us(),
    )  # fmt: skip


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
        rx.el.p(_("You have a passkey: prove that it is you with that. It is safer than a text message.")),
        actions.link_button(_("Use your passkey"), path("/sign-in") + "?step-up=1"),
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
