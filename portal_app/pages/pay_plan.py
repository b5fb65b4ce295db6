"""Pay in parts: what it comes to, when each part is charged, how to stop, and the cards that are kept."""

import reflex as rx

from portal_app.components import actions, contact, fields, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import focus_page, path
from portal_app.pages._said import done, problem, problem_of
from portal_app.pages.pay import practice_money
from portal_app.state.pay_plan import PayPlan
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("Pay in parts"),
        skeleton.until(
            PayPlan.is_ready,
            surfaces.stack(skeleton.card(620)),
            surfaces.stack(
                done(PayPlan.news),
                problem(PayPlan),
                when_said(PayPlan.title, _plan),
                rx.cond(PayPlan.can_begin, _begin(), rx.fragment()),
                rx.cond((PayPlan.title == "") & ~PayPlan.can_begin, _nothing(), rx.fragment()),
                rx.cond(PayPlan.kept.length() > 0, _kept(), rx.fragment()),
                when_said(PayPlan.phone, lambda number: contact.call(_("Call about bills"), number)),
            ),
            loading=_("Looking up your plan"),
        ),
        back="/bills",
    )


def _plan(title: rx.Var[str]) -> rx.Component:
    return surfaces.card(
        rx.el.h2(title),
        rx.el.p(PayPlan.detail),
        surfaces.rows(rx.foreach(PayPlan.parts, _part)),
        rx.cond(
            PayPlan.can_resume,
            actions.button(_("Go on with the plan"), PayPlan.on_resume, kind="second"),
            rx.fragment(),
        ),
        rx.cond(PayPlan.can_stop, actions.button(_("Stop the plan"), PayPlan.on_stop, kind="quiet"), rx.fragment()),
        is_first=True,
        class_name="grid gap-4",
    )


def _part(row: rx.Var[dict[str, str]]) -> rx.Component:
    amount = rx.el.bdi(row["amount"], class_name="tabular-nums")
    return surfaces.row_item(surfaces.row(row["title"], amount, end=surfaces.tag_by(row["tone"], row["status"])))


def _begin() -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="key", value=PayPlan.form_key, read_only=True),
        surfaces.card(
            practice_money(PayPlan.is_practice),
            fields.choice_list(
                "count", _("In how many parts do you want to pay?"), PayPlan.ways, error=problem_of(PayPlan, "count")
            ),
            rx.el.p(_("No interest, no fee. You pay the first part now, and your card is kept for the others.")),
            actions.submit(_("Pay the first part and begin")),
            class_name="grid gap-4",
        ),
        on_submit=PayPlan.on_begin,
        custom_attrs={"noValidate": True},
    )


def _nothing() -> rx.Component:
    return states.empty(
        _("There is nothing to divide"),
        _("When more is owed at once than you can pay, you can pay it here in parts."),
        action=actions.link_button(_("See the bills"), path("/bills")),
    )


def _kept() -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        remove = actions.button(
            _("Remove"), PayPlan.on_remove(row["id"]), kind="quiet", fits=True,
            accessible_name=rx.Var.create(_("Remove") + ": ").to(str) + row["title"].to(str),
        )  # fmt: skip
        return surfaces.row_item(surfaces.row(row["title"], row["detail"], end=remove))

    return surfaces.section(_("Cards you keep for paying"), surfaces.rows(rx.foreach(PayPlan.kept, one)))


PAGE = Page(
    "/pay/plan", N_("Pay in parts"), build, policy="payments.see_plan", audience="patient", on_load=PayPlan.on_load
)
