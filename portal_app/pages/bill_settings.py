"""Settings of bills: the practice's own words about help with money, and who gives back how much."""

import reflex as rx

from portal_app.components import actions, fields, frame, skeleton, surfaces
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import done, problem, problem_of
from portal_app.state.bill_settings import BillSettings
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Bills"),
            _("What you say about help with money, and who gives back how much"),
            action=actions.link_button(_("Settings"), path("/staff/settings"), kind="quiet", fits=True),
        ),
        problem(BillSettings),
        done(BillSettings.news),
        skeleton.until(BillSettings.is_ready, skeleton.card(640), _form(), loading=_("Opening the settings")),
        at="/staff/settings",
    )


def _form() -> rx.Component:
    words = [
        fields.multi_line(
            f"help-{code}",
            _("In {language}").format(language=language.own_name),
            value=BillSettings.typed[f"help-{code}"],
            error=problem_of(BillSettings, f"help-{code}"),
            rows=3,
        )
        for code, language in i18n.LOCALES.items()
    ]
    limit = fields.text_field(
        "limit",
        _("Billing gives back by itself at most"),
        value=BillSettings.typed["limit"],
        hint=_("Each time, in whole units of the bill's currency. Above it, only whoever is a manager as well."),
        error=problem_of(BillSettings, "limit"),
        input_mode="numeric",
    )
    return rx.el.form(
        surfaces.card(
            rx.el.h2(_("Help with money")),
            rx.el.p(
                _("Your own words, which stand on every bill: what help there is, for whom, and how to ask for it."),
                class_name="quiet",
            ),
            *words,
            class_name="grid gap-4",
        ),
        surfaces.card(rx.el.h2(_("Giving money back")), limit, class_name="grid gap-4"),
        actions.submit(_("Save it")),
        key=BillSettings.moment,
        on_submit=BillSettings.on_save,
        class_name="grid gap-4 max-w-2xl",
        custom_attrs={"noValidate": True},
    )


PAGE = Page(
    "/staff/settings/bills", N_("Bills"), build, policy="billing.set_up", audience="staff",
    on_load=BillSettings.on_load,
)  # fmt: skip
