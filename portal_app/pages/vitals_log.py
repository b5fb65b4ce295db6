"""Entering a reading: one measure at a time, big numbers; then what it means, what to do, and who was told."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, dialog, fields, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.offline_reading import offline_reading
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import focus_page, path
from portal_app.pages._offline_words import offline_words
from portal_app.pages._said import problem, problem_of
from portal_app.state import vital_words as words
from portal_app.state.vitals_log import VitalsLog
from portal_app.web.page import Page

FORM = "log-reading"


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        rx.cond(VitalsLog.is_correcting, _("Change a reading"), _("Log a reading")),
        offline_reading(
            rx.match(
                VitalsLog.step,
                ("choose", _choose()),
                ("fill", _fill()),
                ("doubt", _doubt()),
                ("told", _told()),
                ("gone", _gone()),
                skeleton.until(False, skeleton.rows(10, 64), rx.fragment(), loading=_("Opening the page")),
            ),
            # Whether the reading still stands is known to the server alone: without it nothing is put right.
            step=rx.cond(VitalsLog.is_correcting, "correct", VitalsLog.step),
            measure=VitalsLog.measure,
            moment=VitalsLog.attempt,
            words=offline_words(),
            locale=i18n.current(),
        ),
        back="/vitals",
        dock=rx.cond(VitalsLog.step == "fill", _save(), rx.fragment()),
    )


def _save() -> rx.Component:
    words_ = rx.cond(VitalsLog.is_correcting, _("Save the change"), _("Save this reading"))
    return actions.submit(words_, form=FORM)


def _gone() -> rx.Component:
    return states.moved(
        _("This reading has changed"),
        _("It was changed or deleted in the meantime. Nothing was changed now: look at it once more."),
        action=actions.link_button(_("Open the reading"), VitalsLog.back_href),
    )


def _choose() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(surfaces.row(row["label"], on_click=VitalsLog.on_pick(row["value"].to(str))))

    return surfaces.section(_("What did you measure?"), surfaces.rows(rx.foreach(VitalsLog.measures, one)))


def _fill() -> rx.Component:
    said = VitalsLog.said
    return surfaces.stack(
        _danger(),
        problem(VitalsLog),
        rx.el.form(
            rx.el.input(type="hidden", name="key", value=VitalsLog.form_key, read_only=True),
            rx.el.input(type="hidden", name="unit", value=VitalsLog.unit, read_only=True),
            states.focused(rx.el.h2(VitalsLog.title), moment=VitalsLog.form_key, to="value"),
            rx.cond(
                VitalsLog.units.length() > 0,
                fields.segments(
                    "in-unit", _("Unit"), VitalsLog.units, chosen=VitalsLog.unit, on_choose=VitalsLog.on_unit
                ),
                rx.fragment(),
            ),
            _number("value", _label()),
            rx.cond(
                VitalsLog.has_pair,
                rx.fragment(
                    _number("pair", _("Lower number, in mmHg")),
                    _number("pulse", _("Pulse, heartbeats in a minute (optional)")),
                ),
                rx.fragment(),
            ),
            rx.cond(
                VitalsLog.contexts.length() > 0,
                fields.choice_list("context", _("When was it? (optional)"), VitalsLog.contexts, chosen=said["context"]),
                rx.fragment(),
            ),
            _symptom(),
            rx.cond(
                VitalsLog.is_correcting, _more(), dialog.disclosure(_("Another time, a note, how you sat"), _more())
            ),
            key=VitalsLog.form_key,
            on_submit=VitalsLog.on_log,
            class_name="grid gap-5",
            custom_attrs={"id": FORM, "noValidate": True},
        ),
    )


def _symptom() -> rx.Component:
    """Ask for a warning sign; the advice stands there as soon as it is ticked, before anything is sent."""
    at_once = surfaces.banner(_(words.DANGER_SYMPTOM), tone="critical", is_announced=True, action=_call_emergency())
    return rx.el.div(
        fields.check_box(
            "symptom",
            _("I have a warning sign now"),
            detail=_("Chest pain, short of breath, confused, fainting, or weak on one side."),
            is_checked=VitalsLog.said["symptom"] == "yes",
        ),
        rx.cond(
            VitalsLog.danger == "", rx.el.div(at_once, class_name="hidden group-has-[:checked]:block"), rx.fragment()
        ),
        class_name="group grid gap-3",
    )


def _label() -> rx.Var[str]:
    unit = rx.cond(
        VitalsLog.units.length() > 0, rx.Var.create(", ").to(str) + VitalsLog.unit_shown, rx.Var.create("").to(str)
    ).to(str)
    return VitalsLog.label + unit


def _number(name: str, label: Any) -> rx.Component:
    return fields.text_field(
        name,
        label,
        input_mode="decimal",
        autocomplete="off",
        width="short",
        value=VitalsLog.said[name],
        error=problem_of(VitalsLog, name),
        more={"dir": "ltr", "data-big": ""},
    )


def _more() -> rx.Component:
    said = VitalsLog.said
    return surfaces.stack(
        fields.text_field(
            "at",
            rx.cond(VitalsLog.is_correcting, _("When did you measure?"), _("When did you measure? Empty for now")),
            hint=VitalsLog.clock,
            value=said["at"],
            error=problem_of(VitalsLog, "at"),
            more={"type": "datetime-local"},
        ),
        rx.cond(
            VitalsLog.arms.length() > 0,
            rx.fragment(
                fields.choice_list("arm", _("Which arm? (optional)"), VitalsLog.arms, chosen=said["arm"]),
                fields.choice_list(
                    "posture", _("How were you? (optional)"), VitalsLog.postures, chosen=said["posture"]
                ),
            ),
            rx.fragment(),
        ),
        fields.multi_line(
            "note", _("A note (optional)"), value=said["note"], error=problem_of(VitalsLog, "note"), rows=2
        ),
    )


def _doubt() -> rx.Component:
    return surfaces.stack(
        _danger(),
        states.focused(
            surfaces.card(
                rx.el.h2(_("Are these numbers right?")),
                rx.el.p(rx.el.bdi(VitalsLog.doubted, dir="ltr", class_name="text-[2rem] font-bold tabular-nums")),
                rx.el.ul(rx.foreach(VitalsLog.doubts, rx.el.li), class_name="list-disc ps-5"),
                rx.el.p(_("Look at your device once more. Nothing is saved yet.")),
                is_first=True,
                class_name="grid gap-3",
            ),
            moment=VitalsLog.attempt,
        ),
        actions.button(_("Change the numbers"), VitalsLog.on_change, writes=False),
        actions.button(_("They are right: save them"), VitalsLog.on_confirm, kind="second"),
        class_name="gap-4",
    )


def _told() -> rx.Component:
    return states.focused(
        surfaces.stack(
            _danger(),
            surfaces.card(
                rx.el.small(VitalsLog.title, " · ", VitalsLog.when),
                rx.el.div(
                    rx.el.p(rx.el.bdi(VitalsLog.value, dir="ltr", class_name="text-[2.5rem] leading-tight font-bold")),
                    surfaces.tag_by(VitalsLog.tone, VitalsLog.finding),
                    class_name="flex flex-wrap items-center justify-between gap-3",
                ),
                when_said(VitalsLog.average, lambda text: rx.el.p(text, class_name="text-small text-quiet")),
                is_first=True,
                class_name="grid gap-2",
            ),
            rx.cond(VitalsLog.steps.length() > 0, _steps(), rx.fragment()),
            surfaces.section(
                _("Who knows"),
                rx.foreach(VitalsLog.told, rx.el.p),
                rx.el.div(when_said(VitalsLog.standing, _standing), role="status"),
                rx.cond(
                    VitalsLog.is_danger & (VitalsLog.phone != ""),
                    contact.call(_("Call us"), VitalsLog.phone),
                    rx.fragment(),
                ),
            ),
            _next(),
        ),
        moment=VitalsLog.attempt,
    )


def _danger() -> rx.Component:
    return when_said(
        VitalsLog.danger,
        lambda text: surfaces.banner(text, tone="critical", is_announced=True, action=_call_emergency()),
    )


def _call_emergency() -> rx.Component:
    return contact.call(_("Emergency"), VitalsLog.emergency_phone, kind="critical")


def _standing(text: rx.Var[str]) -> rx.Component:
    return surfaces.tag_by(VitalsLog.line_tone, text)


def _steps() -> rx.Component:
    return surfaces.section(
        _("What to do now"),
        rx.el.ol(rx.foreach(VitalsLog.steps, rx.el.li), class_name="list-decimal grid gap-2 ps-6"),
        rx.cond(
            VitalsLog.can_repeat,
            actions.button(_("Measure again"), VitalsLog.on_pick(VitalsLog.measure), writes=False),
            rx.fragment(),
        ),
    )


def _next() -> rx.Component:
    return rx.el.div(
        actions.link_button(_("See all readings"), path("/vitals"), kind="second"),
        actions.button(_("Log something else"), VitalsLog.on_pick(""), kind="second", writes=False),
        actions.link_button(_("Open this reading, to change it"), VitalsLog.kept_href, kind="second"),
        actions.button(_("It was a mistake: take it back"), VitalsLog.on_take_back, kind="quiet"),
        class_name="grid gap-2",
    )


PAGE = Page(
    "/vitals/log", N_("Log a reading"), build, policy="vitals.log", audience="patient", on_load=VitalsLog.on_load
)
