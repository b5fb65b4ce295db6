"""Forms that give back of a payment, or take a whole bill back; on the page of one bill."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, surfaces
from portal_app.core.i18n import _
from portal_app.pages._said import problem_of
from portal_app.state.staff_bill import StaffBill
from portal_app.state.staff_bill_undo import StaffBillUndo as Undo


def give_back(row: rx.Var[Any]) -> rx.Component:
    """Return the button of a payment that opens its form, or the form."""
    ask = actions.button(
        _("Give back"), Undo.on_begin_refund(row["id"].to(str)), kind="quiet", fits=True, writes=False,
        accessible_name=rx.Var.create(_("Give back") + ": ").to(str) + row["title"].to(str),
    )  # fmt: skip
    choice = rx.cond(Undo.giving == row["id"].to(str), _refund(), ask)
    drawn: rx.Component = rx.cond(row["can_give_back"].to(str) != "", choice, rx.fragment())
    return drawn


def _refund() -> rx.Component:
    return rx.el.form(
        hidden("key", Undo.form_key),
        hidden("payment", Undo.giving),
        rx.el.p(_("Left of this payment:"), " ", rx.el.bdi(Undo.giving_left, class_name="tabular-nums")),
        fields.number_field("given", _("How much is given back?"), StaffBill.unit, error=problem_of(Undo, "given")),
        fields.choice_list("again", _("Is it owed again?"), Undo.choices, error=problem_of(Undo, "again")),
        fields.text_field("because", _("Why is it given back?"), autocomplete="off", error=problem_of(Undo, "because")),
        rx.cond(
            Undo.is_online,
            surfaces.stack(
                rx.el.p(_("It goes back to the card or account that it was paid with, and the patient gets a mail.")),
                _buttons(_("Pay it back now")),
            ),
            _buttons(_("Write that it was given back")),
        ),
        key=Undo.form_key,
        on_submit=Undo.on_refund,
        class_name="grid gap-3",
        custom_attrs={"noValidate": True},
    )


def take_all_back() -> rx.Component:
    """Return what takes the whole bill back, for a bill that stands."""
    ask = actions.button(
        _("Take the whole bill back"), Undo.on_begin_void, kind="critical_second", fits=True, writes=False
    )
    form = rx.el.form(
        hidden("key", Undo.form_key),
        hidden("bill", StaffBill.bill_id),
        rx.el.p(
            _("All that is in the books for this bill is undone by further entries. Its questions are closed, and"
              " the patient sees that nothing is owed.")
        ),
        fields.text_field(
            "because", _("Why is it taken back?"), autocomplete="off", error=problem_of(Undo, "because")
        ),
        _buttons(_("Take the bill back now")),
        key=Undo.form_key,
        on_submit=Undo.on_void,
        class_name="grid gap-3",
        custom_attrs={"noValidate": True},
    )  # fmt: skip
    return surfaces.section(_("If the bill should not be"), rx.cond(Undo.is_voiding, form, rx.el.div(ask)))


def hidden(name: str, value: rx.Var[str]) -> rx.Component:
    """Return a value that travels with a form."""
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)


def _buttons(label: str) -> rx.Component:
    return rx.el.div(
        actions.button(label, kind="second", is_submit=True, fits=True),
        actions.button(_("Leave it"), Undo.on_stop, kind="quiet", fits=True, writes=False),
        class_name="flex flex-wrap gap-2",
    )
