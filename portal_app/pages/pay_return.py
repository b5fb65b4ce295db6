"""What became of a payment: the truth, what is safe, and what to do next; later, the receipt."""

import reflex as rx

from portal_app.components import actions, contact, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path, to_check_in
from portal_app.state.pay_return import PayReturn
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that payment"),
        _("The bills say what is owed and what was paid."),
        action=actions.link_button(_("See the bills"), path("/bills")),
        ask=call_us(),
    )
    return focus_page(
        _("Your payment"),
        skeleton.until(
            PayReturn.is_ready,
            surfaces.stack(skeleton.card(220), skeleton.rows(1, 80)),
            rx.cond(PayReturn.is_missing, missing, _outcome()),
            loading=_("Asking what became of your payment"),
        ),
        back="/bills",
    )


def _outcome() -> rx.Component:
    return surfaces.stack(
        rx.el.div(
            surfaces.card(
                rx.el.h2(rx.el.bdi(PayReturn.title)),
                rx.el.p(PayReturn.detail),
                when_said(PayReturn.why, rx.el.p),
                is_first=True,
                class_name="grid gap-3",
            ),
            role="status",
        ),
        rx.el.div(when_said(PayReturn.error, lambda text: surfaces.banner(text, tone="caution")), role="alert"),
        to_check_in(PayReturn.check_in_href),
        rx.match(
            PayReturn.step,
            ("again", actions.button(PayReturn.again, PayReturn.on_again)),
            ("anew", actions.link_button(_("Begin again"), path("/pay"))),
            actions.link_button(_("See the bills"), path("/bills"), kind="second"),
        ),
        rx.cond(
            PayReturn.items.length() > 0,
            surfaces.section(_("What it is for"), surfaces.rows(rx.foreach(PayReturn.items, _item))),
            rx.fragment(),
        ),
        when_said(PayReturn.phone, lambda number: contact.call(_("Call about bills"), number)),
    )


def _item(row: rx.Var[dict[str, str]]) -> rx.Component:
    amount = rx.el.bdi(row["amount"], class_name="tabular-nums")
    return surfaces.row_item(surfaces.row(row["title"], row["detail"], href=row["href"], end=amount))


PAGE = Page(
    "/pay/return",
    N_("Your payment"),
    build,
    policy="payments.see_outcome",
    audience="patient",
    on_load=PayReturn.on_load,
)
