"""Charges of visits that wait for billing, and one of them: its codes, what it said before, ready or held."""

from typing import Any

import reflex as rx

from portal_app.components import (
    actions,
    dialog,
    errors,
    fields,
    frame,
    icons,
    keeping,
    skeleton,
    states,
    surfaces,
    table,
)
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._claim import claim_part
from portal_app.pages._frames import path, staff_page
from portal_app.state.billing import Billing
from portal_app.state.claim import ClaimPart
from portal_app.web.page import Page

AT = "/staff/billing"


def build() -> rx.Component:
    """Draw the screen."""
    is_one = Billing.charge_id != ""
    back = actions.link_button(_("All charges"), path(AT), kind="quiet", fits=True)
    missing = states.error(
        _("We could not find this charge"), _("It may be one that you may not see."),
        action=actions.link_button(_("All charges"), path(AT)),
    )  # fmt: skip
    return staff_page(
        frame.page_title(
            rx.cond(is_one & (Billing.title != ""), Billing.title, _("Charges")),
            rx.cond(is_one, Billing.subtitle, _("Signed visits that wait for billing, the oldest first")),
            action=rx.cond(is_one, back, rx.fragment()),
        ),
        rx.el.div(
            when_said(Billing.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(Billing.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            Billing.is_ready,
            skeleton.rows(6, 88),
            rx.cond(Billing.is_missing, missing, rx.cond(is_one, _one(), _list())),
            loading=_("Opening the charges"),
        ),
        at=AT,
    )


def _list() -> rx.Component:
    none = states.empty(
        _("Nothing here"), _("A charge appears by itself once a visit is signed."), icon=icons.check()
    )  # fmt: skip
    return surfaces.stack(
        dialog.filter_tabs("review", _("Which charges?"), Billing.tabs, chosen=Billing.review,
                           on_choose=Billing.on_review),
        rx.cond(Billing.rows.length() > 0, _table(), none),
        when_said(Billing.more, lambda text: rx.el.p(text, class_name="quiet")),
        class_name="gap-4",
    )  # fmt: skip


def _table() -> rx.Component:
    columns = [_("Visit"), _("Patient"), _("Charge"), _("Diagnoses"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("Open the charge") + ": ").to(str) + row["name_given"].to(str)
        return table.line(
            table.cell(columns[0], row["when"], rx.el.small(rx.el.bdi(row["who_given"]), class_name="block")),
            table.cell(columns[1], rx.el.b(rx.el.bdi(row["name_given"])), rx.el.small(row["born"], class_name="block")),
            table.cell(
                columns[2],
                rx.el.b(rx.el.bdi(row["service_given"])),
                rx.el.small(row["modifier_words"], class_name="block"),
                rx.el.small(row["place_words"], class_name="block"),
            ),
            table.cell(columns[3], rx.el.bdi(row["diagnosis_codes"], dir="ltr")),
            table.cell(
                columns[4],
                when_said(row["because_given"], lambda text: rx.el.small(rx.el.bdi(text), class_name="block")),
                actions.link_button(
                    _("Open the charge"), row["charge_href"], kind="second", fits=True, accessible_name=name
                ),
            ),
        )

    return table.table(_("Charges"), columns, Billing.rows, line)


def _one() -> rx.Component:
    stands = surfaces.card(
        rx.el.div(
            rx.el.h2(_("The charge")), surfaces.tag_by(Billing.tone, Billing.standing),
            class_name="flex flex-wrap items-start justify-between gap-2",
        ),
        when_said(Billing.held, lambda text: surfaces.banner(rx.el.bdi(text), tone="caution")),
        surfaces.facts(Billing.facts),
        rx.cond(
            Billing.can_change & ~Billing.is_done,
            actions.button(_("Ready to be billed"), Billing.on_ready, icon=icons.check()),
            rx.fragment(),
        ),
        is_first=True,
        class_name="grid gap-4",
    )  # fmt: skip
    changes = surfaces.stack(claim_part(), _correction(), _holding())
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": Billing.error_field, "text": Billing.error}],
            is_shown=Billing.error != "",
            moment=Billing.attempt,
        ),
        surfaces.panes(
            surfaces.stack(stands, surfaces.section(_("What it said, the newest first"), _history())),
            rx.cond(Billing.can_change, changes, claim_part()),
        ),
    )


def _history() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(
            rx.el.div(
                rx.el.b(rx.el.bdi(row["said_given"])),
                rx.el.small(row["when"], " · ", rx.el.bdi(row["by_given"]), class_name="block"),
                when_said(row["because_given"], lambda text: rx.el.small(rx.el.bdi(text), class_name="block")),
                class_name="grid gap-1 px-4 py-3",
            )
        )

    return surfaces.rows(rx.foreach(Billing.history, one))


def _correction() -> rx.Component:
    form = rx.el.form(
        rx.cond(
            Billing.services.length() > 0,
            fields.choice_list("service", _("Service"), Billing.services, chosen=Billing.service),
            rx.el.p(_("Service"), ": ", rx.cond(Billing.service != "", Billing.service, _("No service yet"))),
        ),
        fields.choice_list("modifier", _("Modifier"), Billing.modifiers, chosen=Billing.modifier,
                           error=_error("modifier")),
        fields.choice_list("place", _("Place of service"), Billing.places, chosen=Billing.place, error=_error("place")),
        fields.multi_line("reason", _("Why is it corrected?"), rows=2, error=_error("reason")),
        actions.submit(_("Correct the charge"), kind="second"),
        on_submit=Billing.on_correct,
        key=Billing.moment,
        class_name="grid grid-cols-1 gap-4",
        custom_attrs={"noValidate": True},
    )  # fmt: skip
    return surfaces.section(
        _("Correct it"),
        fields.search_field(
            "look", _("Look for a service of your list"), hint=_("A code, or a word of it"),
            on_change=Billing.on_search.debounce(300),
        ),
        form,
    )  # fmt: skip


def _holding() -> rx.Component:
    return surfaces.section(
        _("Keep it back"),
        rx.el.form(
            keeping.sent_text(
                "because", _("What does it wait for?"), taken=Billing.sent, turn=Billing.sent_turn,
                hint=_("Nothing about health: who is asked, and for what."), error=_error("because"),
            ),
            actions.submit(_("Hold the charge"), kind="quiet"),
            on_submit=Billing.on_hold,
            class_name="grid grid-cols-1 gap-4",
            custom_attrs={"noValidate": True},
        ),
    )  # fmt: skip


def _error(name: str) -> rx.Var[str]:
    return rx.cond(Billing.error_field == name, Billing.error, "").to(str)


PAGE = Page(
    AT, N_("Charges"), build, policy="billing.review", audience="staff", on_load=[Billing.on_load, ClaimPart.on_load]
)
