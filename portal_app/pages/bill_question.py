"""Ask about a bill: which amount, what is unclear or wrong, or that help is needed to pay."""

import reflex as rx

from portal_app.components import actions, contact, fields, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.pages._said import problem, problem_of
from portal_app.state.bill_question import BillQuestion
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that bill"),
        _("It may have been taken back. The other bills are where they were."),
        action=actions.link_button(_("See the bills"), path("/bills")),
        ask=call_us(),
    )
    return focus_page(
        _("Ask about a bill"),
        skeleton.until(
            BillQuestion.is_ready,
            surfaces.stack(skeleton.card(120), skeleton.card(480)),
            rx.cond(BillQuestion.is_missing, missing, rx.cond(BillQuestion.sent != "", _sent(), _form())),
            loading=_("Opening the page"),
        ),
        back_href=rx.cond(BillQuestion.back != "", BillQuestion.back, path("/bills")),
    )


def _sent() -> rx.Component:
    return surfaces.stack(
        rx.el.div(
            surfaces.banner(
                _("We have your question"),
                rx.el.p(BillQuestion.sent),
                rx.el.p(_("Until then you need not pay what you asked about, and nobody reminds you.")),
                rx.el.p(_("You get a message when the answer is there. It says nothing about the bill.")),
                tone="good",
            ),
            role="status",
        ),
        actions.link_button(_("Back to the bills"), BillQuestion.back),
        _call(),
    )


def _form() -> rx.Component:
    about = surfaces.card(
        rx.el.h2(rx.el.bdi(BillQuestion.title)),
        rx.el.p(rx.el.bdi(BillQuestion.number), class_name="quiet"),
        class_name="grid gap-1",
    )
    kinds = fields.choice_list(
        "kind", _("What is it?"), BillQuestion.kinds, chosen=BillQuestion.kind, error=problem_of(BillQuestion, "kind")
    )
    lines = fields.choice_list(
        "line", _("Which amount is it about?"), BillQuestion.lines, error=problem_of(BillQuestion, "line")
    )
    return surfaces.stack(
        problem(BillQuestion),
        rx.cond(BillQuestion.title != "", about, rx.el.p(_("Tell us what would help. We look for a way with you."))),
        rx.el.form(
            rx.el.input(type="hidden", name="key", value=BillQuestion.form_key, read_only=True),
            rx.cond(BillQuestion.title != "", rx.fragment(kinds, lines), rx.fragment()),
            fields.multi_line(
                "words",
                _("In your own words"),
                hint=_("Only the people who look after bills read this. No medical details, please."),
                error=problem_of(BillQuestion, "words"),
                rows=4,
            ),
            actions.submit(_("Send it to our billing team")),
            key=BillQuestion.form_key,
            on_submit=BillQuestion.on_ask,
            class_name="grid gap-5",
            custom_attrs={"noValidate": True},
        ),
        _call(),
    )


def _call() -> rx.Component:
    return when_said(BillQuestion.phone, lambda number: contact.call(_("Call about bills"), number))


PAGE = Page(
    "/bill-question", N_("Ask about a bill"), build, policy="billing.ask", audience="patient",
    on_load=BillQuestion.on_load,
)  # fmt: skip
