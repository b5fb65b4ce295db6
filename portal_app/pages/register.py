"""Ask to become a patient: who you are, how to reach you, what for."""

import reflex as rx

from portal_app.components import actions, errors, fields, states, surfaces
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, public_page
from portal_app.state.register import Register
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return public_page(rx.cond(Register.is_done, _done(), _form()))


def _done() -> rx.Component:
    return states.done(
        _("We have your request"),
        _("Somebody at the practice reads it and writes or calls you, usually within two working days."),
        rx.el.p(_("Have you been here before? Then you can sign in with the e-mail address we know.")),
        actions.link_button(_("Sign in"), path("/sign-in"), kind="second"),
    )


def _form() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            Register.errors,
            is_shown=Register.errors.length() > 0,
            moment=Register.attempt,
        ),
        rx.el.h1(_("Become a patient")),
        rx.el.p(_("Tell us who you are. Somebody reads it and gets in touch; nothing is booked yet.")),
        rx.el.form(
            fields.text_field("given", _("Given name"), error=_of("given"), autocomplete="given-name", max_length=80),
            fields.text_field(
                "family", _("Family name"), error=_of("family"), autocomplete="family-name", max_length=80
            ),
            fields.date_field(
                "birth",
                _("Birth date"),
                {"day": _("Day"), "month": _("Month"), "year": _("Year")},
                order=i18n.date_order(),
                hint=_("For example March 5, 1964"),
                error=_of("birth"),
                is_birth_date=True,
            ),
            fields.email_field("email", _("Your e-mail address"), error=_of("email")),
            fields.text_field(
                "phone", _("Your telephone number"), type="tel", error=_of("phone"), autocomplete="tel",
                more={"dir": "ltr"},
            ),
            fields.multi_line("reason", _("What would you like help with? (optional)"), error=_of("reason"), rows=3),
            fields.multi_line(
                "preferred", _("Which days and times suit you? (optional)"), error=_of("preferred"), rows=2
            ),
            rx.el.p(_("Only the practice reads this. It is kept encrypted."), class_name="text-small text-quiet"),
            actions.submit(_("Send my request")),
            on_submit=Register.on_ask,
            class_name="grid gap-5",
            custom_attrs={"noValidate": True},
        ),
    )  # fmt: skip


def _of(name: str) -> rx.Var[str]:
    """Return the words for a field, empty while nothing is wrong with it."""
    return rx.Var.create(Register.error_of)[name].to(str)


PAGE = Page(
    "/register",
    N_("Become a patient"),
    build,
    policy="patients.register",
    audience="public",
    on_load=Register.on_load,
)
