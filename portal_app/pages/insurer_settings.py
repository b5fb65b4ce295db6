"""Settings for insurers: the numbers by which they know the practice and its clinicians."""

import reflex as rx

from portal_app.components import actions, errors, fields, frame, skeleton, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import done
from portal_app.state.insurer_settings import InsurerSettings
from portal_app.web.page import Page

AT = "/staff/settings/insurers"


def build() -> rx.Component:
    """Draw the screen."""
    is_one = InsurerSettings.practitioner_id != ""
    return staff_page(
        frame.page_title(
            rx.cond(is_one, rx.el.bdi(InsurerSettings.name), _("For insurers")),
            _("The numbers by which insurers know you"),
            action=rx.cond(
                is_one,
                actions.link_button(_("The practice's numbers"), path(AT), kind="quiet", fits=True),
                actions.link_button(_("Settings"), path("/staff/settings"), kind="quiet", fits=True),
            ),
        ),
        errors.error_summary(
            _("There is a problem"), InsurerSettings.errors, is_shown=InsurerSettings.errors.length() > 0,
            moment=InsurerSettings.attempt,
        ),
        done(InsurerSettings.news),
        skeleton.until(
            InsurerSettings.is_ready,
            surfaces.stack(skeleton.card(420), skeleton.rows(4, 88)),
            surfaces.panes(_form(), surfaces.section(_("Clinicians"), _people())),
            loading=_("Opening the settings"),
        ),
        at="/staff/settings",
    )  # fmt: skip


def _form() -> rx.Component:
    is_practice = InsurerSettings.practitioner_id == ""
    return surfaces.section(
        rx.cond(is_practice, _("The practice"), _("This clinician")),
        rx.el.form(
            rx.cond(is_practice, _text("legal_name", _("Name as the insurers know it")), rx.fragment()),
            _text("npi", _("NPI"), hint=_("Ten digits, from NPPES"), is_code=True),
            _text("taxonomy", _("Taxonomy"), hint=_("Such as 207Q00000X for family medicine"), is_code=True),
            rx.cond(is_practice, _text("tax_id", _("Tax number (TIN)"), is_code=True), rx.fragment()),
            actions.submit(_("Save the numbers")),
            key=InsurerSettings.moment,
            on_submit=InsurerSettings.on_save,
            class_name="grid grid-cols-1 gap-4",
            custom_attrs={"noValidate": True},
        ),
    )


def _text(name: str, label: str, *, hint: str | None = None, is_code: bool = False) -> rx.Component:
    error = rx.Var.create(InsurerSettings.error_of)[name].to(str)
    return fields.text_field(
        name, label, hint=hint, error=error, value=InsurerSettings.typed[name], autocomplete="off",
        max_length=120, more={"dir": "ltr", "spellCheck": "false"} if is_code else {"dir": "auto"},
    )  # fmt: skip


def _people() -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(
            surfaces.row(
                rx.el.bdi(row["title"]), row["detail"], href=row["href"],
                end=surfaces.tag_by(row["tone"], row["status"]),
            )
        )  # fmt: skip

    return surfaces.rows(rx.foreach(InsurerSettings.people, one))


PAGE = Page(
    AT, N_("For insurers"), build, policy="coverage.identify", audience="staff", on_load=InsurerSettings.on_load
)
