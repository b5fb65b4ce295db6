"""Settings of video visits: how picture and sound travel, what to have ready, and where clinicians are licensed."""

from typing import Any

import reflex as rx

from portal_app.components import actions, board, errors, fields, frame, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._preparing import preparing
from portal_app.state.video_settings import VideoSettings
from portal_app.state.visit_preparations import VisitPreparations
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Video visits"),
            _("How picture and sound travel, what patients have ready, and who may treat where"),
            action=actions.link_button(_("Settings"), path("/staff/settings"), kind="quiet", fits=True),
        ),
        rx.el.div(when_said(VideoSettings.news, lambda text: surfaces.banner(text, tone="good")), role="status"),
        skeleton.until(
            VideoSettings.is_ready,
            surfaces.stack(skeleton.card(240), skeleton.rows(5, 72)),
            surfaces.stack(_path(), preparing(), surfaces.section(_("Where clinicians are licensed"), _licences())),
            loading=_("Opening the settings"),
        ),
        at="/staff/settings",
    )


def _path() -> rx.Component:
    ways = fields.choice_list(
        "path",
        _("How do picture and sound travel?"),
        VideoSettings.paths,
        chosen=VideoSettings.path,
        on_choose=VideoSettings.on_path,
        hint=_("Directly, each browser learns the other's network address. Three or more always use our server."),
    )
    fixed = surfaces.banner(
        _("Always through our server"),
        rx.el.p(_("Whoever runs this server has set it so, and it cannot be changed here.")),
    )
    return surfaces.card(rx.cond(VideoSettings.is_fixed, fixed, ways), class_name="grid gap-3")


def _licences() -> rx.Component:
    warned = _(
        "When a patient is in another state, the clinician is warned before they let them in. Without any state here, "
        "nobody is."
    )
    none = _("In your country licences do not go by state. There is nothing to keep here.")
    kept = surfaces.stack(
        rx.el.p(warned),
        rx.cond(
            VideoSettings.rows.length() > 0, _table(), rx.el.p(_("No state is written down yet."), class_name="quiet")
        ),
        _form(),
        class_name="gap-4",
    )
    drawn: rx.Component = rx.cond(VideoSettings.has_states, kept, rx.el.p(none))
    return drawn


def _table() -> rx.Component:
    columns = [_("Clinician"), _("State"), _("From"), _("Through"), _("Written down"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], rx.el.b(rx.el.bdi(row["who_given"]))),
            table.cell(columns[1], row["region_given"], " ", surfaces.tag_by(row["tone"], row["standing"])),
            table.cell(columns[2], row["from"]),
            table.cell(columns[3], row["until"]),
            table.cell(
                columns[4], rx.el.bdi(row["by_given"]), rx.el.small(row["on"], class_name="block")
            ),
            table.cell(columns[5], _steps(row)),
        )  # fmt: skip

    return table.table(_("Where clinicians are licensed"), columns, VideoSettings.rows, line)


def _steps(row: rx.Var[Any]) -> rx.Component:
    def one(label: str, handler: Any, kind: actions.Kind, *, writes: bool) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["licence_named"].to(str)
        return actions.button(label, handler(row["id"]), kind=kind, fits=True, writes=writes, accessible_name=name)

    return rx.el.div(
        one(_("Change the days"), VideoSettings.on_edit, "second", writes=False),
        one(_("Take the licence out"), VideoSettings.on_drop, "quiet", writes=True),
        class_name="flex flex-wrap gap-1",
    )


def _form() -> rx.Component:
    def day(name: str, label: str, hint: str) -> rx.Component:
        return fields.text_field(
            name, label, value=VideoSettings.typed[name], error=_error(name), hint=hint, more={"type": "date"}
        )

    chosen = rx.fragment(
        _choice("person", _("Clinician"), VideoSettings.people, VideoSettings.person, VideoSettings.on_person),
        _choice("region", _("State"), VideoSettings.regions, VideoSettings.region, VideoSettings.on_region),
    )
    is_edited = VideoSettings.editing != ""
    title = rx.el.h3(rx.cond(is_edited, VideoSettings.about, _("Add a state")))
    form = rx.el.form(
        rx.cond(is_edited, rx.fragment(), chosen),
        day("from", _("First day (optional)"), _("Empty: it has counted for long")),
        day("until", _("Last day (optional)"), _("Empty: without an end")),
        actions.submit(_("Save the licence"), kind="second"),
        on_submit=VideoSettings.on_save,
        key=VideoSettings.moment,
        class_name="grid grid-cols-1 gap-4",
        custom_attrs={"noValidate": True},
    )
    leave = actions.button(_("Leave it as it is"), VideoSettings.on_leave_it, kind="quiet", writes=False, fits=True)
    summary = errors.error_summary(
        _("There is a problem"),
        [{"field": VideoSettings.error_field, "text": VideoSettings.error}],
        is_shown=VideoSettings.error != "",
        moment=VideoSettings.attempt,
    )
    return surfaces.card(
        rx.cond(is_edited, states.focused(title, moment=VideoSettings.editing), title),
        summary,
        form,
        rx.cond(is_edited, leave, rx.fragment()),
        class_name="grid gap-4 max-w-2xl",
    )


def _choice(name: str, label: str, rows: Any, chosen: Any, handler: Any) -> rx.Component:
    return rx.el.div(
        board.select_field(name, label, rows, chosen=chosen, on_choose=handler),
        when_said(_error(name), lambda text: fields.field_error(name, text)),
        class_name="grid grid-cols-1 gap-2",
    )


def _error(name: str) -> rx.Var[str]:
    return rx.cond(VideoSettings.error_field == name, VideoSettings.error, "").to(str)


PAGE = Page(
    "/staff/settings/video",
    N_("Video visits"),
    build,
    policy="visits.set_up",
    audience="staff",
    on_load=[VideoSettings.on_load, VisitPreparations.on_load],
)
