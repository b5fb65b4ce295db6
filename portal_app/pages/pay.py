"""Pay: one button with the sum on it, a part where that is wanted, and help always in sight."""

import reflex as rx

from portal_app.components import actions, contact, fields, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.pages._said import done, problem, problem_of
from portal_app.state.pay import Pay
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    closed = states.error(
        _("There is nothing to pay online here"),
        _("If you have just paid, it may still be on its way. The bills say what is left."),
        action=actions.link_button(_("See the bills"), path("/bills")),
        ask=call_us(),
    )
    return focus_page(
        _("Pay"),
        skeleton.until(
            Pay.is_ready,
            surfaces.stack(skeleton.card(330), skeleton.card(250)),
            rx.cond(Pay.is_open, _open(), closed),
            loading=_("Looking up what is owed"),
        ),
        back="/bills",
    )


def _open() -> rx.Component:
    return surfaces.stack(
        problem(Pay),
        done(Pay.news),
        practice_money(Pay.is_practice),
        _form(
            rx.el.h2(Pay.owes),
            rx.el.p(rx.el.strong(rx.el.bdi(Pay.amount), class_name="text-[2rem] leading-tight tabular-nums")),
            rx.el.p(Pay.count),
            rx.cond(Pay.is_copay, rx.fragment(), _keep()),
            actions.submit(Pay.whole),
            when_said(Pay.rest, lambda said: rx.el.p(said, class_name="quiet")),
            rx.el.p(
                _("Our payment service takes your card. It learns how much you pay, and nothing of your health."),
                class_name="quiet",
            ),
        ),
        when_said(Pay.credit, _credit),
        rx.cond(Pay.is_copay, rx.fragment(), _part()),
    )


def _keep() -> rx.Component:
    return fields.check_box(
        "keep", _("Keep this way of paying"), detail=_("For next time. You can remove it whenever you like.")
    )


def _credit(label: rx.Var[str]) -> rx.Component:
    return _form(
        rx.el.h2(Pay.credit_title),
        rx.el.p(Pay.credit_why),
        actions.submit(label, kind="second"),
        on_submit=Pay.on_use_credit,
    )


def _part() -> rx.Component:
    return surfaces.stack(
        _form(
            rx.el.h2(_("Or pay a part of it")),
            fields.number_field(
                "amount",
                _("How much do you want to pay now?"),
                Pay.unit,
                error=problem_of(Pay, "amount"),
                on_change=Pay.on_part.debounce(300),
            ),
            actions.submit(rx.cond(Pay.part != "", Pay.part, _("Pay this part")).to(str), kind="second"),
        ),
        surfaces.section(
            _("Too much right now?"),
            rx.el.p(_("Pay in parts without interest, or call us: we find a way with you.")),
            actions.link_button(_("Pay in parts"), path("/pay/plan"), kind="second"),
            when_said(Pay.phone, lambda number: contact.call(_("Call about bills"), number)),
        ),
    )


def practice_money(is_practice: rx.Var[bool]) -> rx.Component:
    """Return the line that says that nobody is charged, where the demo's own payment service is used."""
    said = surfaces.banner(_("This is practice money: nobody is charged, and no bank is asked."), tone="caution")
    return rx.cond(is_practice, said, rx.fragment())


def _form(*parts: rx.Component, on_submit: rx.EventHandler = Pay.on_pay) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="key", value=Pay.form_key, read_only=True),
        surfaces.card(*parts, class_name="grid gap-4"),
        on_submit=on_submit,
        custom_attrs={"noValidate": True},
    )


PAGE = Page("/pay", N_("Pay"), build, policy="payments.pay", audience="patient", on_load=Pay.on_load)
