"""Settings of one clinician's profile: picture, specialties, languages, ages, words in every language."""

from typing import Any

import reflex as rx

from portal_app.components import actions, errors, fields, frame, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.clinician_settings import ClinicianSettings
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find this clinician"),
        _("They may have left the practice, or this is not yours to change."),
        action=actions.link_button(_("Home"), path("/")),
    )
    back = actions.link_button(_("Settings"), path("/staff/settings"), kind="quiet", fits=True)
    hours = actions.link_button(_("Hours, time away, leaving"), ClinicianSettings.hours_href, kind="second", fits=True)
    return staff_page(
        frame.page_title(
            rx.cond(ClinicianSettings.name != "", ClinicianSettings.name, _("A profile")),
            _("What patients read before they choose"),
            action=rx.cond(
                ClinicianSettings.can_go_back,
                rx.el.div(hours, back, class_name="flex flex-wrap gap-2"),
                rx.fragment(),
            ),
        ),
        rx.el.div(
            when_said(ClinicianSettings.news, lambda text: surfaces.banner(text, tone="good")),
            when_said(ClinicianSettings.photo_error, lambda text: surfaces.banner(text, tone="caution")),
            role="status",
        ),
        skeleton.until(
            ClinicianSettings.is_ready,
            skeleton.card(640),
            rx.cond(ClinicianSettings.is_missing, missing, surfaces.stack(_photo(), _form())),
            loading=_("Opening the settings"),
        ),
        at="/staff/settings",
    )


def _photo() -> rx.Component:
    upload = plain_form(
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        rx.el.label(_("A picture (JPEG or PNG, up to 8 MB)"), custom_attrs={"htmlFor": "photo"}),
        rx.el.input(
            class_name="input", custom_attrs={"id": "photo", "name": "photo", "type": "file", "accept": "image/*"}
        ),
        actions.submit(_("Put this picture in"), kind="second"),
        action=ClinicianSettings.photo_action,
        enc_type="multipart/form-data",
        class_name="grid gap-2",
    )
    remove = plain_form(
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        actions.submit(_("Take the picture out"), kind="quiet"),
        action=ClinicianSettings.photo_action,
        class_name="grid gap-2",
    )
    return surfaces.card(
        surfaces.avatar(ClinicianSettings.initials, ClinicianSettings.photo),
        upload,
        rx.cond(ClinicianSettings.photo != "", remove, rx.fragment()),
    )


def _form() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            ClinicianSettings.errors,
            is_shown=ClinicianSettings.errors.length() > 0,
            moment=ClinicianSettings.attempt,
        ),
        rx.el.form(
            surfaces.panes(_facts(), _words()),
            actions.submit(_("Save this profile")),
            on_submit=ClinicianSettings.on_save,
            class_name="grid gap-6",
            custom_attrs={"noValidate": True},
        ),
    )


def _facts() -> rx.Component:
    return surfaces.stack(
        _checks("specialties", _("Specialties"), ClinicianSettings.specialties),
        fields.check_box(
            "accepts-new",
            _("Takes new patients"),
            detail=_("If not, only patients they know can book with them."),
            is_checked=ClinicianSettings.accepts_new,
        ),
        fields.text_field(
            "age-from",
            _("Youngest age, in years (optional)"),
            value=ClinicianSettings.age_from,
            input_mode="numeric",
            width="short",
        ),
        fields.text_field(
            "age-until",
            _("Oldest age, in years (optional)"),
            value=ClinicianSettings.age_until,
            input_mode="numeric",
            width="short",
        ),
        _checks("languages", _("Speaks"), ClinicianSettings.languages),
    )


def _checks(name: str, legend: str, rows: Any) -> rx.Component:
    def one(row: rx.Var[dict[str, Any]]) -> rx.Component:
        return fields.check_box(row["field"].to(str), row["label"].to(str), is_checked=row["is_on"].to(bool))

    return rx.el.fieldset(
        rx.el.legend(legend),
        rx.el.div(rx.foreach(rows, one), class_name="choices"),
        class_name="field",
        custom_attrs={"id": name, "tabIndex": -1},
    )


def _words() -> rx.Component:
    titles = {
        "biography": _("In their own words"),
        "treats": _("Sees people for"),
        "treats_not": _("Does not treat"),
    }
    return surfaces.stack(
        *(
            rx.el.fieldset(
                rx.el.legend(title),
                *(
                    fields.multi_line(
                        f"{name}-{code}", language.own_name, value=ClinicianSettings.texts[f"{name}-{code}"], rows=3
                    )
                    for code, language in i18n.LOCALES.items()
                ),
                class_name="field grid gap-3",
            )
            for name, title in titles.items()
        )
    )


PAGE = Page(
    "/staff/settings/clinician",
    N_("A profile"),
    build,
    policy="practice.change_profile",
    audience="staff",
    on_load=ClinicianSettings.on_load,
)
