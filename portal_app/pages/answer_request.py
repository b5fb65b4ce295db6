"""Staff answer a request: times to keep for the patient, or words and a number to call."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, fields, frame, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _, pgettext
from portal_app.pages._frames import path, staff_page
from portal_app.state.answer_request import AnswerRequest
from portal_app.web.page import Page

FORM = "answer-request"


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that request"),
        _("It may be about a patient whose chart you may not see."),
        action=actions.link_button(_("Back to the inbox"), path("/staff/inbox")),
    )
    return staff_page(
        frame.page_title(
            rx.cond(skeleton.here(AnswerRequest.is_ready), AnswerRequest.who, _("Request")), AnswerRequest.about
        ),
        skeleton.until(
            AnswerRequest.is_ready,
            skeleton.rows(4, 64),
            rx.cond(AnswerRequest.is_missing, missing, surfaces.panes(_asked(), _answer())),
            loading=_("Opening the request"),
        ),
        at="/staff/inbox",
    )


def _asked() -> rx.Component:
    return surfaces.stack(
        surfaces.card(
            rx.el.div(
                rx.el.h2(_("What is asked")),
                surfaces.tag_by(AnswerRequest.tone, AnswerRequest.status),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            rx.el.p(rx.el.bdi(AnswerRequest.words), class_name="whitespace-pre-line"),
            surfaces.facts(AnswerRequest.facts),
            is_first=True,
        ),
        when_said(
            AnswerRequest.answer,
            lambda text: surfaces.card(
                rx.el.h2(_("Our answer")), rx.el.p(rx.el.bdi(text), class_name="whitespace-pre-line")
            ),
        ),
        rx.cond(
            AnswerRequest.offers.length() > 0,
            surfaces.section(
                _("Offered times"),
                surfaces.rows(
                    rx.foreach(
                        AnswerRequest.offers,
                        lambda one: surfaces.row_item(surfaces.row(one["title"], one["status"])),
                    )
                ),
            ),
            rx.fragment(),
        ),
    )


def _answer() -> rx.Component:
    return surfaces.stack(
        rx.el.div(when_said(AnswerRequest.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        rx.cond(
            AnswerRequest.is_open,
            _open(),
            actions.link_button(_("Back to the inbox"), path("/staff/inbox"), kind="second"),
        ),
    )


def _open() -> rx.Component:
    return surfaces.stack(
        surfaces.section(
            _("Offer up to three times"),
            fields.segments(
                "modality",
                _("How would you like to be seen?"),
                [
                    {"value": "in_person", "label": _("In person")},
                    {"value": "video", "label": pgettext("how a visit takes place", "Video")},
                ],
                chosen=AnswerRequest.modality,
                on_choose=AnswerRequest.on_modality,
            ),
            dialog.disclosure(
                _("Another kind of visit"),
                fields.choice_list(
                    "kind", _("What kind of visit?"), AnswerRequest.kinds, chosen=AnswerRequest.kind,
                    on_choose=AnswerRequest.on_kind,
                ),
            ),
            dialog.disclosure(
                _("Someone else, or sooner"),
                fields.choice_list(
                    "person", _("With whom?"), AnswerRequest.people, chosen=AnswerRequest.person,
                    on_choose=AnswerRequest.on_person,
                ),
            ),
            rx.cond(
                AnswerRequest.times.length() > 0,
                rx.el.div(rx.foreach(AnswerRequest.times, _time), class_name="grid gap-2 sm:grid-cols-2"),
                rx.el.p(_("No free time in the next month.")),
            ),
            rx.el.p(AnswerRequest.chosen_words, role="status"),
        ),
        rx.el.form(
            surfaces.stack(
                fields.multi_line("answer", _("Words to the patient (optional)"), rows=3),
                fields.text_field(
                    "phone", _("A number to call (optional)"), type="tel", value=AnswerRequest.phone
                ),
                actions.submit(_("Send the answer")),
            ),
            on_submit=AnswerRequest.on_answer,
            custom_attrs={"id": FORM, "noValidate": True},
        ),
    )  # fmt: skip


def _time(row: rx.Var[Any]) -> rx.Component:
    is_chosen = AnswerRequest.chosen.contains(row["value"])
    return rx.el.button(
        rx.el.span(row["label"]),
        rx.el.span(" · ", row["detail"]),
        type="button",
        on_click=AnswerRequest.on_time(row["value"]),
        class_name=rx.cond(is_chosen, "btn", "btn btn-second"),
        custom_attrs={"aria-pressed": rx.cond(is_chosen, "true", "false")},
    )


PAGE = Page(
    "/staff/requests/[id]",
    N_("Request"),
    build,
    policy="waiting.view_line",
    audience="staff",
    on_load=AnswerRequest.on_load,
)
