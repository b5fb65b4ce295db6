"""Sign-in and devices: passkeys to add, rename and remove."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, icons, skeleton, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.passkey import passkey_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, path, patient_page, staff_page
from portal_app.state.devices import Devices
from portal_app.state.frame import Frame
from portal_app.state.step_up import StepUp
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen, in the frame of whoever it is."""
    drawn: rx.Component = rx.cond(
        Frame.is_staff, staff_page(*_content(), at="/profile"), patient_page(*_content(), at="/profile")
    )
    return drawn


def _content() -> list[rx.Component]:
    return [
        frame.page_title(_("Sign-in and devices")),
        rx.el.div(
            when_said(Devices.news, lambda text: surfaces.banner(text, tone="good")),
            when_said(Devices.problem, lambda text: surfaces.banner(text, tone="critical")),
            role="status",
        ),
        skeleton.until(
            Devices.is_ready,
            skeleton.rows(7, 80),
            surfaces.stack(
                _passkeys(),
                rx.cond(Devices.has_practice_account, _practice_account(), rx.fragment()),
                _sessions(),
                _lost(),
            ),
            loading=_("Opening how you sign in"),
        ),
        _renaming(),
        _removing(),
        rx.el.p(actions.text_link(_("Back to your page"), path("/profile"))),
    ]


def _passkeys() -> rx.Component:
    return surfaces.section(
        _("Passkeys"),
        rx.el.p(
            _("A passkey signs you in with your fingerprint, your face or the code of your device. "
              "It stays on your devices; nobody can guess it, and there is nothing to remember.")
        ),
        rx.cond(
            Devices.passkeys.length() > 0,
            surfaces.rows(rx.foreach(Devices.passkeys, _one)),
            rx.el.p(_("You have no passkey yet."), class_name="quiet"),
        ),
        rx.cond(Devices.proof_path != "", _weak(), rx.fragment()),
        passkey_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            actions.button(_("Add a passkey"), icon=icons.lock(), is_submit=True),
            question="/auth/passkey/new/question",
            action="/auth/passkey/new",
            makes=True,
            again=StepUp.moment,
            on_needed=StepUp.on_needed,
            cancelled=_("No passkey was made. You can try again."),
            known=_("This device already has a passkey of yours for us."),
            failed=_("That did not work just now. Try again, or call us."),
            unsupported=_("This browser cannot keep passkeys. Try a newer one, or another device."),
            class_name="grid gap-2",
        ),
    )  # fmt: skip


def _weak() -> rx.Component:
    return surfaces.banner(
        _("Your passkey opens your visits. For what is kept more private, prove once more that it is you."),
        tone="info",
        action=actions.link_button(_("Get a code by text message"), Devices.proof_path, kind="second", fits=True),
    )


def _one(row: rx.Var[Any]) -> rx.Component:
    def does(label: str, doing: str) -> rx.Component:
        named = rx.Var.create(label + ": ").to(str) + row["name_given"].to(str)
        return actions.button(
            label, Devices.on_choose(doing, row["id"]), kind="quiet", fits=True, writes=False, accessible_name=named
        )

    return surfaces.row_item(
        rx.el.div(
            rx.el.div(
                rx.el.b(rx.el.bdi(row["name_given"])),
                rx.el.small(row["detail"]),
                rx.cond(
                    row["state"] == "set-aside",
                    surfaces.tag(_("No longer accepted: remove it"), "critical"),
                    rx.cond(
                        row["state"] == "weak",
                        surfaces.tag(_("Opens what a code by e-mail opens"), "caution"),
                        rx.fragment(),
                    ),
                ),
                class_name="row-words",
            ),
            rx.el.div(does(_("Rename"), "rename"), does(_("Remove"), "remove"), class_name="flex flex-wrap gap-2"),
            class_name="grid gap-1 px-4 py-3",
        )
    )


def _practice_account() -> rx.Component:
    return surfaces.section(
        _("Practice account"),
        rx.el.p(_("Your practice account signs you in here. You can join it again whenever you like.")),
        actions.button(_("Stop signing in with it"), Devices.on_part, kind="second", fits=True),
    )


def _sessions() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        named = rx.Var.create(_("Sign out there") + ": ").to(str) + row["name_given"].to(str)
        end = actions.button(
            _("Sign out there"), Devices.on_end(row["id"]), kind="second", fits=True, accessible_name=named
        )
        return surfaces.row_item(
            rx.el.div(
                rx.el.div(rx.el.b(rx.el.bdi(row["name_given"])), rx.el.small(row["detail"]), class_name="row-words"),
                rx.cond(row["state"] == "this", surfaces.tag(_("This device")), end),
                class_name="grid justify-items-start gap-2 px-4 py-3",
            )
        )

    return surfaces.section(
        _("Where you are signed in"),
        when_said(Devices.zone_note, lambda text: rx.el.p(text, class_name="quiet")),
        surfaces.rows(rx.foreach(Devices.sessions, one)),
        rx.cond(
            Devices.sessions.length() > 1,
            actions.button(_("Sign out everywhere else"), Devices.on_end_others, kind="second"),
            rx.fragment(),
        ),
    )


def _lost() -> rx.Component:
    return surfaces.section(
        _("Lost a device?"),
        rx.el.p(
            _("Sign it out above first. If your only passkey was on it, you get in with a code from your e-mail and "
              "one by text message, if you have proved your number to us. To have the lost passkey removed and add a "
              "new one, call us: we make sure that it is you before we change anything.")
        ),
        call_us(),
        rx.cond(
            Frame.is_staff,
            rx.fragment(),
            rx.el.p(actions.text_link(_("I was given a code at the front desk"), path("/given-code"))),
        ),
    )  # fmt: skip


def _renaming() -> rx.Component:
    return dialog.dialog(
        "rename",
        _("What should this passkey be called?"),
        errors.error_summary(
            _("There is a problem"),
            [{"field": "name", "text": Devices.name_error}],
            is_shown=Devices.name_error != "",
            moment=Devices.attempt,
        ),
        rx.cond(
            Devices.doing == "rename",
            rx.el.form(
                fields.text_field(
                    "name", _("Name"), value=Devices.chosen_name, error=Devices.name_error, max_length=60,
                    hint=_("For example the device it is on."), autocomplete="off",
                ),
                id="rename-form",
                on_submit=Devices.on_rename,
                custom_attrs={"noValidate": True},
            ),
            rx.fragment(),
        ),
        is_open=Devices.doing == "rename",
        on_dismiss=Devices.on_close,
        actions=[
            actions.submit(_("Save the name"), form="rename-form"),
            actions.button(_("Keep it as it is"), Devices.on_close, kind="second", writes=False),
        ],
    )  # fmt: skip


def _removing() -> rx.Component:
    return dialog.dialog(
        "remove",
        _("Remove this passkey?"),
        rx.el.p(rx.el.b(rx.el.bdi(Devices.chosen_name))),
        rx.el.p(Devices.warning),
        is_open=Devices.doing == "remove",
        on_dismiss=Devices.on_close,
        actions=[
            actions.button(_("Remove the passkey"), Devices.on_remove, kind="critical"),
            actions.button(_("Keep it"), Devices.on_close, kind="second", writes=False),
        ],
    )


PAGE = Page(
    "/profile/devices", N_("Sign-in and devices"), build, policy="access.keep_passkeys", audience="patient",
    on_load=Devices.on_load, steps_up=True,
)  # fmt: skip
