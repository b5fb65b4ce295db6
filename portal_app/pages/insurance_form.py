"""The form of one insurance: what the card says, in the order of the card."""

import reflex as rx

from portal_app.components import actions, errors, fields, skeleton, states, surfaces
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.state.insurance_form import InsuranceForm
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that insurance"),
        _("It may have ended. The other insurances are where they were."),
        action=actions.link_button(_("See the insurances"), path("/insurance")),
        ask=call_us(),
    )
    return focus_page(
        _("The insurance card"),
        errors.error_summary(
            _("There is a problem"), InsuranceForm.errors, is_shown=InsuranceForm.errors.length() > 0,
            moment=InsuranceForm.attempt,
        ),
        skeleton.until(
            InsuranceForm.is_ready,
            surfaces.stack(skeleton.rows(3, 64), skeleton.rows(5, 88)),
            rx.cond(InsuranceForm.is_missing, missing, _form()),
            loading=_("Opening the form"),
        ),
        back_href=InsuranceForm.back_href,
    )  # fmt: skip


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="key", value=InsuranceForm.key, read_only=True),
        rx.el.input(type="hidden", name="sequence", value=InsuranceForm.sequence.to(str), read_only=True),
        rx.el.p(_("Copy it from the card. After that you take a picture of both sides.")),
        fields.choice_list(
            "payer", _("Which insurer?"), InsuranceForm.payers, chosen=InsuranceForm.payer,
            on_choose=InsuranceForm.on_payer, error=_of("payer"),
        ),
        rx.cond(
            InsuranceForm.payer == "other",
            _text("payer_name", _("Name of the insurer"), 120),
            rx.fragment(),
        ),
        _text("member_id", _("Member number"), 60, hint=_("Often called Member ID"), is_code=True),
        _text("group_number", _("Group number (if there is one)"), 60, is_code=True),
        _text("plan_name", _("Name of the plan (if there is one)"), 120),
        fields.choice_list(
            "relation", _("Whose insurance is it?"), InsuranceForm.relations, chosen=InsuranceForm.relation,
            on_choose=InsuranceForm.on_relation, error=_of("relation"),
        ),
        rx.cond(
            (InsuranceForm.relation != "") & (InsuranceForm.relation != "self"), _person(), rx.fragment()
        ),
        fields.choice_list(
            "precedence", _("If there are two insurances, when does this one pay?"), InsuranceForm.turns,
            chosen=InsuranceForm.turn, error=_of("precedence"),
        ),
        rx.el.details(
            rx.el.summary(_("From when until when (optional)"), class_name="min-h-12 content-center"),
            rx.el.div(
                _date("valid_from", _("It counts from")), _date("valid_until", _("It ends on")),
                class_name="grid gap-5",
            ),
            open=(_of("valid_from") != "") | (_of("valid_until") != ""),
        ),
        rx.el.p(_("Only the practice reads this. The number is kept encrypted."), class_name="text-small text-quiet"),
        actions.submit(_("Save this insurance")),
        key=InsuranceForm.key,
        on_submit=InsuranceForm.on_save,
        class_name="grid grid-cols-1 gap-5",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _person() -> rx.Component:
    return rx.el.div(
        _text("subscriber_given", _("Given name on the card"), 120),
        _text("subscriber_family", _("Family name on the card"), 120),
        _date("subscriber_born", _("Birth date of that person")),
        class_name="grid gap-5",
    )


def _text(name: str, label: str, most: int, *, hint: str | None = None, is_code: bool = False) -> rx.Component:
    plain = {"dir": "ltr", "spellCheck": "false", "autoCapitalize": "characters"}
    return fields.text_field(
        name, label, hint=hint, error=_of(name), value=InsuranceForm.typed[name], autocomplete="off", max_length=most,
        more=plain if is_code else {"dir": "auto"},
    )  # fmt: skip


def _date(name: str, legend: str) -> rx.Component:
    parts: tuple[fields.DatePart, ...] = ("day", "month", "year")
    return fields.date_field(
        name,
        legend,
        {"day": _("Day"), "month": _("Month"), "year": _("Year")},
        order=i18n.date_order(),
        values={part: InsuranceForm.typed[f"{name}-{part}"] for part in parts},
        error=_of(name),
    )


def _of(name: str) -> rx.Var[str]:
    return rx.Var.create(InsuranceForm.error_of)[name].to(str)


PAGE = Page(
    "/insurance/add",
    N_("The insurance card"),
    build,
    policy="coverage.change",
    audience="patient",
    on_load=InsuranceForm.on_load,
    steps_up=True,
)
