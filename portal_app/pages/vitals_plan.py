"""A plan as its patient sees it: what was asked, the last days, and when to be reminded."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import focus_page
from portal_app.pages._said import done, problem, problem_of
from portal_app.state.measuring_words import REMINDERS
from portal_app.state.vitals_plan import VitalsPlan
from portal_app.web.page import Page

_CARD_PX = 192
_DAYS, _DAY_PX = 7, 80


def build() -> rx.Component:
    """Draw the screen."""
    plan = VitalsPlan.plan
    none = states.empty(
        _("No plan now"),
        _("When your care team asks you to measure something, it stands here. You can log a reading any time."),
        icon=icons.chart(),
    )
    # As high as what stood there before it: with less, the page's foot would come up under a thumb.
    room = rx.el.div(none, class_name=f"grid content-start min-h-[{_CARD_PX + _DAYS * _DAY_PX}px]")
    return focus_page(
        rx.cond(plan["title"], plan["title"].to(str), _("Your plan")),
        done(VitalsPlan.news),
        skeleton.until(
            VitalsPlan.is_ready,
            surfaces.stack(skeleton.card(_CARD_PX), skeleton.rows(_DAYS, _DAY_PX)),
            rx.cond(VitalsPlan.days.length() > 0, surfaces.stack(_asked(), _days(), _reminders()), room),
            loading=_("Opening your plan"),
        ),
        back="/vitals",
        dock=rx.cond(plan["log"], actions.link_button(_("Log a reading"), plan["log"].to(str)), rx.fragment()),
    )


def _asked() -> rx.Component:
    plan = VitalsPlan.plan
    return surfaces.card(
        rx.el.h2(plan["detail"]),
        rx.el.p(plan["by"]),
        rx.el.p(rx.el.b(plan["today"])),
        when_said(plan["week"].to(str), rx.el.p),
        is_first=True,
        class_name="grid gap-2",
    )


def _days() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        end = rx.el.span(
            rx.el.span(row["done"], class_name="tabular-nums"),
            when_said(row["said"], lambda text: surfaces.tag_by(row["tone"], text)),
            class_name="flex flex-wrap items-center gap-2",
        )
        return surfaces.row_item(surfaces.row(row["day"], end=end))

    return surfaces.section(
        _("The last days"),
        surfaces.rows(rx.foreach(VitalsPlan.days, one)),
        rx.el.p(_("A day without a reading is no problem: just go on with the next one."), class_name="text-quiet"),
    )


def _reminders() -> rx.Component:
    def field(n: int) -> rx.Component:
        return fields.text_field(
            f"at-{n}",
            _("Remind me at ({number})").format(number=n + 1),
            value=VitalsPlan.times[n],
            error=problem_of(VitalsPlan, f"at-{n}"),
            width="short",
            more={"type": "time"},
        )

    return surfaces.section(
        _("Reminders"),
        problem(VitalsPlan),
        rx.el.p(
            _("By the clock of where you live. What we send says only that you asked for it, and not what it is about.")
        ),
        rx.el.form(
            *(field(n) for n in range(REMINDERS)),
            actions.button(_("Save the reminders"), is_submit=True),
            on_submit=VitalsPlan.on_remind,
            key=VitalsPlan.times.join(" "),
            class_name="grid gap-4",
            custom_attrs={"noValidate": True},
        ),
    )


PAGE = Page("/vitals/plan", N_("Your plan"), build, policy="vitals.log", audience="patient", on_load=VitalsPlan.on_load)
