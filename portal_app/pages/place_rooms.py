"""Settings of one place: its rooms, its clock, and that it closes for good."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, skeleton, states, surfaces, table
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import path, staff_page
from portal_app.pages.schedules import preview
from portal_app.state.place_rooms import PlaceRooms
from portal_app.web.page import Page

NAME_FORM = "room-name"


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find this place"),
        _("It may have been removed. The other places are as they were."),
        action=actions.link_button(_("Settings"), path("/staff/settings")),
    )
    return staff_page(
        frame.page_title(
            rx.cond(PlaceRooms.name != "", PlaceRooms.name, _("A place")),
            _("Rooms, clock and closing"),
            action=actions.link_button(_("Settings"), path("/staff/settings"), kind="quiet", fits=True),
        ),
        _said.done(PlaceRooms.news),
        skeleton.until(
            PlaceRooms.is_ready,
            skeleton.card(480),
            rx.cond(
                PlaceRooms.is_missing, missing, rx.cond(PlaceRooms.view == "preview", preview(PlaceRooms), _settings())
            ),
            loading=_("Opening the settings"),
        ),
        _name(),
        at="/staff/settings",
    )


def _settings() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": PlaceRooms.error_field, "text": PlaceRooms.error}],
            is_shown=(PlaceRooms.error != "") & (PlaceRooms.editing == ""),
            moment=PlaceRooms.attempt,
        ),
        surfaces.section(_("Rooms"), _rooms(), _add()),
        surfaces.section(_("Clock"), _clock()),
        surfaces.section(_("Close this place for good"), rx.cond(PlaceRooms.closed != "", _closed(), _close())),
    )


def _rooms() -> rx.Component:
    columns = [_("Room"), _("Where it stands"), _("What next")]

    def step(label: str, handler: Any, row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["name"].to(str)
        return actions.button(label, handler, kind="second", fits=True, accessible_name=name)

    def line(row: rx.Var[Any]) -> rx.Component:
        steps = rx.cond(
            row["is_active"] == "yes",
            rx.el.div(
                step(_("Rename"), PlaceRooms.on_rename(row["id"]), row),
                step(_("Retire"), PlaceRooms.on_retire(row["id"]), row),
                class_name="flex flex-wrap gap-1",
            ),
            step(_("Use it again"), PlaceRooms.on_use(row["id"]), row),
        )
        return table.line(
            table.cell(columns[0], rx.el.b(rx.el.bdi(row["name"]))),
            table.cell(columns[1], surfaces.tag_by(row["tone"], row["state"])),
            table.cell(columns[2], steps),
        )

    drawn: rx.Component = rx.cond(
        PlaceRooms.rooms.length() > 0,
        table.table(_("Rooms"), columns, PlaceRooms.rooms, line),
        rx.el.p(_("No rooms yet. Visits need none."), class_name="quiet"),
    )
    return drawn


def _add() -> rx.Component:
    return rx.el.div(actions.button(_("Add a room"), PlaceRooms.on_add, kind="second", writes=False, fits=True))


def _clock() -> rx.Component:
    return rx.el.form(
        rx.el.p(_("Now set by: "), rx.el.b(rx.el.bdi(PlaceRooms.zone_said))),
        rx.el.p(
            _("Hours keep their wall times. Visits that are booked keep their moment, so they are said differently."),
            class_name="quiet",
        ),
        fields.text_field(
            "zone", _("Time zone: continent and city"), value=PlaceRooms.zone, error=_error("zone"),
            more={"dir": "ltr", "spellCheck": "false", "autoCapitalize": "none"}, autocomplete="off",
        ),
        actions.button(_("See what this changes"), kind="second", is_submit=True),
        on_submit=PlaceRooms.on_zone,
        class_name="grid gap-4 max-w-2xl",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _closed() -> rx.Component:
    return rx.el.div(
        rx.el.p(PlaceRooms.closed),
        rx.el.div(actions.button(_("Keep it open"), PlaceRooms.on_keep_open, kind="second", fits=True)),
        class_name="grid gap-4",
    )


def _close() -> rx.Component:
    return rx.el.form(
        rx.el.p(
            _("From that day on nobody has hours here, and patients no longer find the place."),
            class_name="quiet",
        ),
        rx.el.div(
            fields.text_field("from", _("From which day on?"), error=_error("from"), more={"type": "date"}),
            class_name="max-w-60",
        ),
        actions.button(_("See what closing changes"), kind="second", is_submit=True),
        on_submit=PlaceRooms.on_close_place,
        class_name="grid gap-4 max-w-2xl",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _name() -> rx.Component:
    is_open = PlaceRooms.editing != ""
    form = rx.el.form(
        fields.text_field("room", _("What is the room called?"), value=PlaceRooms.typed, error=_error("room"),
                          max_length=40, autocomplete="off"),
        on_submit=PlaceRooms.on_name,
        custom_attrs={"id": NAME_FORM, "noValidate": True},
    )  # fmt: skip
    return dialog.dialog(
        "name-room",
        _("The room's name"),
        # Drawn anew for each room, because a field keeps what was typed into it.
        rx.cond(is_open, form, rx.fragment()),
        is_open=is_open,
        on_dismiss=PlaceRooms.on_stop_naming,
        actions=[
            actions.submit(_("Save this name"), form=NAME_FORM),
            actions.button(_("Leave it as it is"), PlaceRooms.on_stop_naming, kind="second", writes=False),
        ],
    )


def _error(name: str) -> rx.Var[Any]:
    return _said.problem_of(PlaceRooms, name)


PAGE = Page(
    "/staff/settings/rooms",
    N_("Rooms, clock and closing"),
    build,
    policy="schedules.edit_practice",
    audience="staff",
    on_load=PlaceRooms.on_load,
)
