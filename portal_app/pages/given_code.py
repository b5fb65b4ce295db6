"""A lost phone: the code that the front desk gave, beside the one by e-mail."""

import reflex as rx

from portal_app.components import actions, errors, fields, skeleton, surfaces
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page
from portal_app.state.given_code import GivenCode
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("The code we gave you"),
        skeleton.until(GivenCode.is_ready, skeleton.rows(3, 80), _form(), loading=_("Opening the page")),
        back="/profile/devices",
    )


def _form() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": "code", "text": GivenCode.problem}],
            is_shown=GivenCode.problem != "",
            moment=GivenCode.attempt,
        ),
        rx.el.p(_("You lost your phone, and our front desk gave you a code of ten letters and digits. Type it here: "
                  "then your whole chart is open to you again, and you add a new passkey.")),
        plain_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            fields.text_field(
                "code", _("The code we gave you"), error=GivenCode.problem, autocomplete="one-time-code",
                max_length=20, more={"dir": "ltr", "spellCheck": "false", "autoCapitalize": "none"},
            ),
            actions.submit(_("Go on")),
            action="/auth/given-code",
            class_name="grid gap-4",
            no_validate=True,
        ),
        rx.el.p(_("It counts once, for three days. No code? Call us: we make sure that it is you first."),
                class_name="text-quiet"),
        call_us(),
    )  # fmt: skip


PAGE = Page(
    "/given-code", N_("The code we gave you"), build, policy="access.use_given_code", audience="patient",
    on_load=GivenCode.on_load,
)  # fmt: skip
