"""Open the account of one's own chart, with a card or a link from the practice."""

import reflex as rx

from portal_app.components import actions, fields, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import call_us, path, public_page
from portal_app.state.activate import Activate
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return public_page(
        when_said(
            Activate.problem,
            lambda text: surfaces.banner(text, call_us(), tone="critical", is_announced=True),
        ),
        _summary(),
        states.focused(
            rx.el.h1(
                rx.cond(
                    Activate.step == "who",
                    _("Open your account"),
                    rx.cond(Activate.step == "email", _("How you sign in"), _("Type the code")),
                )
            ),
            moment=rx.cond(Activate.step == "who", "", Activate.step),
        ),
        skeleton.until(
            Activate.is_ready,
            surfaces.stack(skeleton.lines(2), skeleton.card(420)),
            rx.cond(Activate.step == "who", _who(), rx.cond(Activate.step == "email", _email(), _code())),
            loading=_("Opening the page"),
        ),
    )


def _who() -> rx.Component:
    card = fields.text_field(
        "card", _("The code of your card"), hint=_("Eight letters and digits, such as ABCD-2345."), error=_of("card"),
        width="code", autocomplete="off", max_length=20,
        more={"dir": "ltr", "spellCheck": "false", "autoCapitalize": "characters"},
    )  # fmt: skip
    return surfaces.stack(
        rx.el.p(_("The practice has invited you. Say who you are; then you choose how you sign in.")),
        rx.el.form(
            rx.cond(Activate.has_link, rx.fragment(), card),
            fields.text_field(
                "name", _("Your name"), hint=_("Given name and family name, as the practice knows them."),
                error=_of("name"), autocomplete="name", max_length=200, more={"dir": "auto"},
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
            actions.submit(_("Go on")),
            on_submit=Activate.on_say_who,
            class_name="grid gap-5",
            custom_attrs={"noValidate": True},
        ),
        rx.el.p(_("Is it somebody else's card? Only the person themself may use it."), class_name="quiet"),
        rx.el.p(_("You have an account already?"), " ", actions.text_link(_("Sign in"), path("/sign-in"))),
    )  # fmt: skip


def _email() -> rx.Component:
    keep = plain_form(
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        rx.el.input(type="hidden", name="keep", default_value="yes"),
        rx.el.p(_("We know this address of yours:"), " ", rx.el.b(rx.el.bdi(Activate.known_email, dir="ltr"))),
        actions.submit(_("Use this address")),
        action="/auth/activate",
        class_name="grid gap-4",
    )
    other = rx.el.form(
        fields.email_field("email", _("Your e-mail address"), error=_of("email")),
        rx.cond(
            Activate.known_email != "",
            actions.submit(_("Send a code to another address"), kind="second"),
            actions.submit(_("Send me a code")),
        ),
        on_submit=Activate.on_send_code,
        class_name="grid gap-4",
        custom_attrs={"noValidate": True},
    )
    return surfaces.stack(
        rx.el.p(_("You sign in with your e-mail address and a code that we send there. There is no password.")),
        rx.cond(Activate.known_email != "", keep, rx.fragment()),
        other,
    )


def _code() -> rx.Component:
    return surfaces.stack(
        rx.el.p(
            rx.cond(
                Activate.sent_to != "",
                rx.fragment(_("A code is on its way to"), " ", rx.el.bdi(Activate.sent_to, dir="ltr"), "."),
                _("A code is on its way to your address."),
            ),
            " ",
            _("It works for ten minutes, in this browser."),
        ),
        plain_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            fields.code_field("code", _("The six digits")),
            actions.submit(_("Open my account")),
            action="/auth/activate",
            class_name="grid gap-4",
            no_validate=True,
        ),
        rx.el.p(_("Nothing after a few minutes? Look among unwanted mail."), class_name="text-quiet text-small"),
        actions.button(_("Use another address, or send a new code"), Activate.on_other_address, kind="quiet"),
    )


def _summary() -> rx.Component:
    summary: rx.Component = _said.problem(Activate)
    return summary


def _of(name: str) -> rx.Var[str]:
    """Return the words for a field, empty while something else is wrong."""
    return _said.problem_of(Activate, name)


PAGE = Page(
    "/activate", N_("Open your account"), build, policy="enrolment.activate", audience="public",
    on_load=Activate.on_load,
)  # fmt: skip
