"""One reading: the number and what it meant, what was entered with it, what it was before; change it or delete it."""

from typing import Any

import reflex as rx

from portal_app.components import actions, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.pages._said import done
from portal_app.state.vitals_reading import VitalsReading
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that reading"),
        _("The other readings are where they were."),
        action=actions.link_button(_("See all readings"), path("/vitals")),
        ask=call_us(),
    )
    return focus_page(
        rx.cond(VitalsReading.title != "", VitalsReading.title, _("One reading")),
        done(VitalsReading.news),
        when_said(VitalsReading.problem, lambda text: surfaces.banner(text, tone="caution", is_announced=True)),
        skeleton.until(
            VitalsReading.is_ready,
            surfaces.stack(skeleton.card(120), skeleton.card(240)),
            rx.cond(VitalsReading.is_missing, missing, surfaces.stack(_number(), _history(), _steps())),
            loading=_("Opening the reading"),
        ),
        back_href=rx.cond(VitalsReading.all_href != "", VitalsReading.all_href, path("/vitals")),
    )


def _number() -> rx.Component:
    struck = rx.cond(VitalsReading.ended != "", "line-through", "")
    return surfaces.card(
        when_said(VitalsReading.ended, _ended),
        rx.el.div(
            rx.el.p(
                rx.el.bdi(VitalsReading.value, dir="ltr", class_name="text-[2rem] leading-tight font-bold"),
                class_name=struck,
            ),
            when_said(VitalsReading.finding, lambda text: surfaces.tag_by(VitalsReading.tone, text)),
            class_name="flex flex-wrap items-center justify-between gap-3",
        ),
        surfaces.facts(VitalsReading.facts),
        is_first=True,
        class_name="grid gap-3",
    )


def _ended(text: rx.Var[str]) -> rx.Component:
    return surfaces.banner(
        text,
        rx.el.p(_("It counts for nothing. Your care team can see that it was there.")),
        action=when_said(
            VitalsReading.next_href, lambda href: actions.text_link(_("See what stands in its place"), href)
        ),
    )


def _history() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return rx.el.li(
            rx.el.p(rx.el.s(rx.el.bdi(row["number"], dir="ltr", class_name="font-bold tabular-nums"))),
            rx.el.p(row["detail"], class_name="text-small text-quiet"),
            when_said(row["note"], lambda text: rx.el.p(rx.el.bdi(text, dir="auto"), class_name="text-small")),
            rx.el.p(row["ended"], class_name="text-small"),
            class_name="grid gap-1 border-s-2 border-line ps-4",
        )

    listed = rx.el.ul(rx.foreach(VitalsReading.history, one), class_name="grid gap-4", role="list")
    drawn: rx.Component = rx.cond(
        VitalsReading.history.length() > 0, surfaces.section(_("What it was before"), listed), rx.fragment()
    )
    return drawn


def _steps() -> rx.Component:
    steps = rx.el.div(
        actions.link_button(_("Change it"), VitalsReading.change_href, kind="second"),
        actions.button(_("Delete it"), VitalsReading.on_ask, kind="quiet", writes=False),
        class_name="grid gap-2",
    )
    drawn: rx.Component = rx.cond(
        VitalsReading.may_change, rx.cond(VitalsReading.is_asking, _ask(), steps), rx.fragment()
    )
    return drawn


def _ask() -> rx.Component:
    return states.focused(
        surfaces.card(
            rx.el.h2(_("Delete this reading?")),
            rx.el.p(
                _("It counts for nothing then. Your care team keeps seeing that it was there, and that it was deleted.")
            ),
            actions.button(_("Delete it"), VitalsReading.on_delete, kind="critical"),
            actions.button(_("Keep it"), VitalsReading.on_keep, kind="second", writes=False),
            class_name="grid gap-3",
        ),
        moment="asked",
    )


PAGE = Page(
    "/vitals/reading", N_("One reading"), build, policy="vitals.see", audience="patient", on_load=VitalsReading.on_load
)
