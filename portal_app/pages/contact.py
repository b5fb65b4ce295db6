"""A new e-mail address or telephone, on one page: say it, then type the code sent to it."""

from typing import Any

import reflex as rx

from portal_app.components import actions, errors, fields, skeleton, states, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page
from portal_app.state.contact import Contact
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        rx.cond(Contact.kind == "phone", _("Your telephone number"), _("Your e-mail address")),
        skeleton.until(
            Contact.is_ready,
            skeleton.rows(2, 80),
            rx.match(Contact.step, ("code", _code()), ("none", _none()), _address()),
            loading=_("Opening how we reach you"),
        ),
        back_href=Contact.back_href,
    )


def _summary(field: str) -> rx.Component:
    return errors.error_summary(
        _("There is a problem"),
        [{"field": field, "text": Contact.error}],
        is_shown=Contact.error != "",
        moment=Contact.attempt,
    )


def _form(*content: rx.Component, on_submit: Any) -> rx.Component:
    return rx.el.form(*content, on_submit=on_submit, class_name="grid gap-4", custom_attrs={"noValidate": True})


def _address() -> rx.Component:
    email = fields.email_field("address", _("New e-mail address"), error=Contact.error)
    phone = fields.text_field(
        "address", _("New telephone number"), error=Contact.error, type="tel", autocomplete="tel", max_length=40,
        hint=_("With its area code. It must be able to get text messages."), more={"dir": "ltr"},
    )  # fmt: skip
    return surfaces.stack(
        _summary("address"),
        rx.cond(
            Contact.current != "",
            surfaces.facts([(_("Now"), rx.el.bdi(Contact.current))]),
            rx.el.p(_("We have none of yours yet.")),
        ),
        rx.el.p(_("We send a code to the new one. It counts once you have typed the code, and we tell the old one.")),
        _form(
            rx.cond(Contact.kind == "phone", phone, email), actions.submit(_("Send me a code")),
            on_submit=Contact.on_propose,
        ),
    )  # fmt: skip


def _code() -> rx.Component:
    return surfaces.stack(
        _summary("code"),
        states.focused(
            rx.el.p(_("If a code can go there, it is on its way to"), " ", rx.el.bdi(Contact.sent_to), ". ",
                    _("It works for ten minutes, in this browser.")),
            moment=rx.cond(Contact.error == "", Contact.attempt, ""),
        ),
        _form(
            fields.code_field("code", _("The six digits"), error=Contact.error),
            actions.submit(_("Use the new one from now on")),
            on_submit=Contact.on_confirm,
        ),
        actions.button(_("Use another one, or send a new code"), Contact.on_again, kind="quiet", writes=False),
        rx.el.p(_("Nothing after a few minutes? Check what you typed, or call us."), class_name="text-quiet"),
        call_us(),
    )  # fmt: skip


def _none() -> rx.Component:
    return surfaces.stack(
        rx.el.p(_("We cannot send text messages from here, so a number is changed by telephone: call us.")), call_us()
    )


PAGE = Page("/profile/contact", N_("How we reach you"), build, policy="profile.change_contact", audience="patient",
            on_load=Contact.on_load, steps_up=True)  # fmt: skip
