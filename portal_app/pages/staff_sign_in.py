"""How staff sign in, and the reset for a colleague whose device is lost."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, skeleton, surfaces, table
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_sign_in import StaffSignIn
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("How staff sign in"),
            action=actions.link_button(_("Settings"), path("/staff/settings"), kind="quiet", fits=True),
        ),
        rx.el.p(
            _("Staff need a passkey or an app beside the code by e-mail. Whoever lost theirs is let in again by a "
              "colleague who knows them: you reset their sign-in, and give them the set-up code yourself.")
        ),
        skeleton.until(
            StaffSignIn.is_ready,
            skeleton.rows(8, 64),
            _people(),
            loading=_("Opening how staff sign in"),
        ),
        _said.done(StaffSignIn.news),
        _resetting(),
        _parting(),
        at="/staff/settings",
    )  # fmt: skip


def _people() -> rx.Component:
    columns = [_("Name"), _("Role"), _("Signs in with"), _("Lost device")]

    def line(row: rx.Var[Any]) -> rx.Component:
        named = rx.Var.create(_("Reset the sign-in") + ": ").to(str) + row["name"].to(str)
        reset = actions.button(
            _("Reset the sign-in"), StaffSignIn.on_choose(row["id"]), kind="second", fits=True, writes=False,
            accessible_name=named,
        )  # fmt: skip
        parted = rx.Var.create(_("Part the practice account") + ": ").to(str) + row["name"].to(str)
        part = actions.button(
            _("Part the practice account"), StaffSignIn.on_choose_account(row["id"]), kind="second", fits=True,
            writes=False, accessible_name=parted,
        )  # fmt: skip
        return table.line(
            table.cell(columns[0], rx.el.b(rx.el.bdi(row["name"]))),
            table.cell(columns[1], row["role"]),
            table.cell(columns[2], surfaces.tag_by(row["tone"], row["ways"])),
            table.cell(
                columns[3],
                rx.cond(
                    row["state"] == "self",
                    rx.el.small(_("You: another manager does this for you")),
                    rx.el.div(
                        reset,
                        rx.cond(row["account"] == "joined", part, rx.fragment()),
                        class_name="flex flex-wrap gap-2",
                    ),
                ),
            ),
        )

    return table.table(_("Staff and how they sign in"), columns, StaffSignIn.rows, line)


def _parting() -> rx.Component:
    return dialog.dialog(
        "part",
        _("Part the practice account?"),
        rx.el.p(rx.el.b(rx.el.bdi(StaffSignIn.chosen_name))),
        rx.el.p(_("They are signed out wherever they came in by it, and told by e-mail. With their passkey or their "
                  "app they still sign in, and they can join it again.")),
        is_open=StaffSignIn.parting != "",
        on_dismiss=StaffSignIn.on_keep_account,
        actions=[
            actions.button(_("Part it"), StaffSignIn.on_part, kind="critical"),
            actions.button(_("Leave it joined"), StaffSignIn.on_keep_account, kind="second", writes=False),
        ],
    )  # fmt: skip


def _resetting() -> rx.Component:
    asked = surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": "reason", "text": StaffSignIn.reason_error}],
            is_shown=StaffSignIn.reason_error != "",
            moment=StaffSignIn.attempt,
        ),
        rx.el.p(_("Their passkeys, app and recovery codes count no more, and they are signed out everywhere. "
                  "They are told by e-mail.")),
        fields.choice_list(
            "reason", _("Why?"), StaffSignIn.reasons, chosen=StaffSignIn.reason, error=StaffSignIn.reason_error,
            on_choose=StaffSignIn.on_reason,
        ),
        actions.button(_("Reset and show the set-up code"), StaffSignIn.on_reset, kind="critical"),
        class_name="gap-4",
    )  # fmt: skip
    given = rx.el.div(
        rx.el.p(_("Give them this set-up code yourself, in person or by a call you know is theirs. It counts for one "
                  "day, once, and is not shown again.")),
        rx.el.p(rx.el.code(StaffSignIn.code, dir="ltr", class_name="text-h2 font-semibold")),
        role="status",
        class_name="grid gap-2",
    )  # fmt: skip
    return dialog.dialog(
        "reset",
        _("Reset a colleague's sign-in"),
        rx.el.p(rx.el.b(rx.el.bdi(StaffSignIn.chosen_name))),
        rx.cond(StaffSignIn.code != "", given, asked),
        is_open=StaffSignIn.chosen != "",
        on_dismiss=StaffSignIn.on_close,
        actions=[
            actions.button(
                rx.cond(StaffSignIn.code != "", _("I have given it: close"), _("Leave it as it is")),
                StaffSignIn.on_close,
                kind="second",
                writes=False,
            )
        ],
    )


PAGE = Page(
    "/staff/settings/sign-in", N_("How staff sign in"), build, policy="access.reset_factors", audience="staff",
    on_load=StaffSignIn.on_load, steps_up=True,
)  # fmt: skip
