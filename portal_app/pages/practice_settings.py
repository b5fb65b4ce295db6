"""Settings: numbers to call and who has called them, places, and whom people can choose."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, dialog, fields, frame, icons, skeleton, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.practice_settings import PracticeSettings
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Settings"), PracticeSettings.summary),
        rx.el.div(
            when_said(PracticeSettings.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(PracticeSettings.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            PracticeSettings.is_ready,
            skeleton.rows(8, 64),
            surfaces.stack(
                surfaces.section(_("Phone lines"), _lines()),
                surfaces.panes(
                    surfaces.section(
                        _("Places: hours, the way, parking"), _links(PracticeSettings.places, icons.place)
                    ),
                    surfaces.section(
                        _("Clinicians: what patients read"), _links(PracticeSettings.people, icons.person)
                    ),
                ),
                surfaces.panes(
                    surfaces.section(_("Places: rooms, clock, closing"), _links(PracticeSettings.rooms, icons.place)),
                    surfaces.section(_("Country"), _country()),
                ),
                surfaces.section(
                    _("Staff"),
                    surfaces.rows(
                        [
                            _door(
                                "/staff/settings/sign-in",
                                icons.lock(),
                                _("How staff sign in"),
                                _("Who has a passkey or an app, and a lost device"),
                            ),
                        ]
                    ),
                    _idle(),
                ),
                *_doors(),
            ),
            loading=_("Opening the settings"),
        ),
        _edit(),
        _test(),
        at="/staff/settings",
    )


def _doors() -> list[rx.Component]:
    """Return the sections whose settings have pages of their own."""
    return [
        surfaces.section(
            _("Video visits"),
            surfaces.rows(
                [
                    _door(
                        "/staff/settings/video",
                        icons.video(),
                        _("Video and licences"),
                        _("How picture and sound travel, and who may treat where"),
                    ),
                ]
            ),
        ),
        surfaces.section(
            _("Bills"),
            surfaces.rows(
                [
                    _door(
                        "/staff/settings/bills",
                        icons.bill(),
                        _("Help with money, and giving money back"),
                        _("What stands on every bill, and who gives back how much"),
                    ),
                    _door(
                        "/staff/settings/insurers",
                        icons.bill(),
                        _("For insurers"),
                        _("NPI, taxonomy and tax number of the practice and its clinicians"),
                    ),
                ]
            ),
        ),
        surfaces.section(
            _("Forms"),
            surfaces.rows(
                [
                    _door(
                        "/staff/settings/forms",
                        icons.day_list(),
                        _("Forms before a visit"),
                        _("What patients are asked before they come"),
                    ),
                    _door(
                        "/staff/settings/check-in",
                        icons.check(),
                        _("Check-in"),
                        _("When it opens, and what the square in the waiting room does"),
                    ),
                ]
            ),
        ),
        surfaces.section(
            _("Minors"),
            surfaces.rows(
                [
                    _door(
                        "/staff/settings/ages",
                        icons.people(),
                        _("Rules by age"),
                        _("What a parent or guardian sees of a minor's chart"),
                    ),
                ]
            ),
        ),
    ]


def _door(address: str, icon: rx.Component, name: str, more: str) -> rx.Component:
    return surfaces.row(name, more, href=path(address), icon=icon)


def _lines() -> rx.Component:
    columns = [_("For"), _("Where"), _("Number"), _("Test call"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], rx.el.b(row["purpose"])),
            table.cell(columns[1], rx.el.bdi(row["place"])),
            table.cell(columns[2], contact.number(row["number"])),
            table.cell(
                columns[3],
                surfaces.tag_by(row["tone"], row["state"]),
                when_said(row["checked"], lambda text: rx.el.small(rx.el.bdi(text), class_name="block")),
            ),
            table.cell(columns[4], _steps(row)),
        )

    return table.table(_("Phone lines"), columns, PracticeSettings.lines, line)


def _steps(row: rx.Var[Any]) -> rx.Component:
    def one(label: str, handler: Any, kind: actions.Kind) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["name"].to(str)
        return actions.button(label, handler(row["key"]), kind=kind, fits=True, writes=False, accessible_name=name)

    test = one(_("Test call"), PracticeSettings.on_test, "second")
    return rx.el.div(
        rx.cond(row["number"] != "", test, rx.fragment()),
        one(_("Change"), PracticeSettings.on_edit, "quiet"),
        class_name="flex flex-wrap gap-1",
    )


def _country() -> rx.Component:
    return rx.el.form(
        fields.text_field(
            "country", _("Country, in two letters"), value=PracticeSettings.country, width="two", max_length=2,
            error=PracticeSettings.country_error, more={"autoCapitalize": "characters", "dir": "ltr"},
            hint=_("Telephone numbers without a country code are read as this country's."),
        ),
        rx.el.div(actions.button(_("Save the country"), kind="second", is_submit=True, fits=True)),
        on_submit=PracticeSettings.on_country,
        class_name="grid gap-4",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _idle() -> rx.Component:
    return fields.choice_list(
        "idle",
        _("Lock the screen when nobody has used it for"),
        PracticeSettings.idles,
        chosen=PracticeSettings.idle,
        on_choose=PracticeSettings.on_idle,
        hint=_("Staff prove that it is them and go on where they were. What they typed is kept."),
    )


def _links(rows: Any, icon: Any) -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(surfaces.row(row["title"], row["detail"], href=row["href"], icon=icon()))

    return surfaces.rows(rx.foreach(rows, one))


def _edit() -> rx.Component:
    form = rx.el.form(
        fields.text_field(
            "number",
            _("Number"),
            type="tel",
            value=PracticeSettings.number,
            error=PracticeSettings.number_error,
            more={"dir": "ltr"},
            autocomplete="off",
        ),
        actions.submit(_("Save this number")),
        on_submit=PracticeSettings.on_number,
        class_name="grid gap-4",
        custom_attrs={"noValidate": True},
    )
    is_open = PracticeSettings.editing != ""
    return dialog.dialog(
        "edit-line",
        _("Change a number"),
        rx.el.p(rx.el.bdi(PracticeSettings.title)),
        # Drawn anew for each line, because a field keeps what was typed into it.
        rx.cond(is_open, form, rx.fragment()),
        is_open=is_open,
        on_dismiss=PracticeSettings.on_close,
        actions=[actions.button(_("Leave it as it is"), PracticeSettings.on_close, kind="second", writes=False)],
    )


def _test() -> rx.Component:
    return dialog.dialog(
        "test-line",
        _("Call this number now"),
        rx.el.p(rx.el.bdi(PracticeSettings.title)),
        contact.call("", PracticeSettings.number),
        rx.el.p(_("Did a person answer who can help with this?")),
        is_open=PracticeSettings.testing != "",
        on_dismiss=PracticeSettings.on_close,
        actions=[
            actions.button(_("Yes, a person answered"), PracticeSettings.on_answered("yes")),
            actions.button(_("No, nobody could help"), PracticeSettings.on_answered("no"), kind="second"),
            actions.button(_("Not now"), PracticeSettings.on_close, kind="quiet", writes=False),
        ],
    )


PAGE = Page(
    "/staff/settings",
    N_("Settings"),
    build,
    policy="practice.view_checks",
    audience="staff",
    on_load=PracticeSettings.on_load,
)
