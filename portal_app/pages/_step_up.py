"""The dialog in which somebody proves themself once more, on pages that say `steps_up`."""

import reflex as rx

from portal_app.components import actions, dialog, fields, icons
from portal_app.components.passkey import passkey_form
from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.state.step_up import StepUp


def step_up_dialog() -> rx.Component:
    """Return the dialog; it opens when a step is refused for want of a fresh proof."""
    return dialog.dialog(
        "step-up",
        _("Is it still you?"),
        rx.el.p(_("This step wants a fresh proof. What you typed and chose stays as it is.")),
        rx.cond(StepUp.is_open & StepUp.has_passkey, _passkey(), rx.fragment()),
        rx.cond(StepUp.is_open & StepUp.has_app, _digits(), rx.fragment()),
        is_open=StepUp.is_open,
        on_dismiss=StepUp.on_close,
        actions=[actions.button(_("Not now"), StepUp.on_close, kind="quiet", writes=False)],
    )


def _passkey() -> rx.Component:
    return passkey_form(
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        rx.el.input(type="hidden", name="next", value=StepUp.next_path, read_only=True),
        actions.button(_("Use your passkey"), icon=icons.lock(), is_submit=True),
        question="/auth/step-up/question",
        action="/auth/step-up",
        stays=True,
        on_proved=StepUp.on_proved,
        cancelled=_("No passkey was used. You can try again."),
        failed=_("That did not work just now. Try again, or call us."),
        class_name="grid gap-2",
    )


def _digits() -> rx.Component:
    return rx.el.form(
        fields.code_field("digits", _("The six digits of the app"), error=StepUp.problem),
        actions.button(_("Go on"), kind="second", is_submit=True),
        on_submit=StepUp.on_digits,
        class_name="grid gap-4",
        custom_attrs={"noValidate": True},
    )
