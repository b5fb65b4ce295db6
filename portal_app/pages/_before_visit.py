"""What is known before a visit, on the page before it and beside the picture: the lists, forms with scores."""

from typing import Any

import reflex as rx

from portal_app.components import actions, icons, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.pages._answers import answer
from portal_app.pages._chart_lists import in_short
from portal_app.pages._said import done
from portal_app.state.staff_before import StaffBefore
from portal_app.state.staff_lists import StaffLists


def lists_card() -> rx.Component:
    """Return the lists in short, with the way to keep them."""
    return surfaces.card(
        rx.el.h2(_("Medicines and allergies")),
        in_short(),
        actions.link_button(_("Change the lists"), StaffLists.chart_href, kind="quiet", fits=True),
        class_name="grid gap-3",
    )


def forms_sent() -> rx.Component:
    """Return the forms of the patient with what their scores mean, what is different and what was left empty."""
    nothing = states.empty(
        _("No forms sent yet"), _("What the patient sends before the visit stands here."), icon=icons.day_list()
    )
    mark = actions.button(_("Mark all as read"), StaffBefore.on_review, fits=True)
    return surfaces.section(
        _("Forms"),
        done(StaffBefore.news),
        rx.cond(StaffBefore.can_mark, mark, rx.fragment()),
        rx.cond(StaffBefore.forms.length() > 0, rx.foreach(StaffBefore.forms, _form), nothing),
    )


def _form(row: rx.Var[Any]) -> rx.Component:
    answers = row["answers"].to(list[dict[str, str]])
    changed = row["changed"].to(list[dict[str, str]])
    return surfaces.card(
        rx.el.div(
            rx.el.h3(row["form_title"].to(str)),
            when_said(row["mark"].to(str), surfaces.tag),
            class_name="flex flex-wrap items-start justify-between gap-2",
        ),
        surfaces.facts(row["scores"].to(list[dict[str, str]])),
        when_said(row["trend"].to(str), rx.el.p),
        when_said(row["unanswered"].to(str), lambda text: rx.el.div(surfaces.tag(text, "caution"))),
        rx.cond(
            changed.length() > 0,
            rx.el.div(rx.el.h4(_("Different from the last time")), surfaces.facts(changed)),
            rx.fragment(),
        ),
        rx.el.details(
            rx.el.summary(_("All answers"), class_name="min-h-12 content-center"),
            rx.el.dl(rx.foreach(answers, answer), class_name="grid gap-3"),
        ),
        rx.el.small(row["sent"].to(str), class_name="block quiet"),
        class_name="grid gap-2",
    )
