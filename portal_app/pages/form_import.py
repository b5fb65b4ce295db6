"""Import a form: what is wrong with it, how a patient will see it, and keeping it."""

import reflex as rx

from portal_app.components import frame, skeleton
from portal_app.components.form_import import form_import
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages import form
from portal_app.pages._frames import path, staff_page
from portal_app.state.form_library import FormLibrary
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Import a form"),
            _("A FHIR R4 Questionnaire in JSON. Import only what you may use, and only checked translations."),
        ),
        skeleton.until(
            FormLibrary.is_ready,
            skeleton.card(420),
            form_import(_words(), locale=i18n.current(), back=path("/staff/settings/forms")),
            loading=_("Opening the forms"),
        ),
        at="/staff/settings",
    )


def _words() -> dict[str, str]:
    return form.words() | {
        "file": _("A file on this device"),
        "paste": _("Or paste it here"),
        "check": _("Check this form"),
        "keep": _("Keep this form"),
        "kept": _("Kept. It is asked once you choose it in the list of forms."),
        "list": _("Open the list of forms"),
        "problems": _("This form cannot be taken yet"),
        "nothing": _("Choose a file, or paste a form."),
        "tooLarge": _("This file is too large. A form has at most a million characters."),
        "away": _("We cannot be reached right now. Nothing was kept. Try again in a moment."),
        "preview": _("As patients will see it"),
        "languages": _("Languages of this form"),
        "onlyThese": _("It is offered only in languages in which no text is missing."),
    }


PAGE = Page(
    "/staff/settings/forms/import", N_("Import a form"), build, policy="intake.choose_forms", audience="staff",
    on_load=FormLibrary.on_load,
)  # fmt: skip
