"""One monitored patient: open alerts and the plan beside the readings, one of them over time."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import Flag, Handler, Part, Text, when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._readings import ended_readings, latest, legend, picture, readings_table
from portal_app.pages._said import done, problem, problem_of
from portal_app.state import measuring_words
from portal_app.state import vital_words as words
from portal_app.state.watched_patient import WatchedPatient
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that chart"),
        _("It may belong to a place you do not work at. Look for the patient again."),
        action=actions.link_button(_("Readings from home"), path("/staff/vitals")),
    )
    who = WatchedPatient.who
    return staff_page(
        frame.page_title(
            rx.cond(who["name"], rx.fragment(rx.el.bdi(who["name"].to(str))), _("Readings")),
            who["born"].to(str),
            action=rx.cond(skeleton.here(WatchedPatient.is_ready & ~WatchedPatient.is_missing), _ways(), rx.fragment()),
        ),
        done(WatchedPatient.news),
        skeleton.until(
            WatchedPatient.is_ready,
            surfaces.panes(skeleton.card(420), skeleton.card(420)),
            rx.cond(WatchedPatient.is_missing, missing, surfaces.panes(_over_time(), _beside())),
            loading=_("Opening the readings"),
        ),
        _plan_form(),
        _range_form(),
        at="/staff/vitals",
    )


def _ways() -> rx.Component:
    return rx.el.div(
        actions.link_button(_("All patients"), path("/staff/vitals"), kind="quiet", fits=True),
        actions.link_button(_("Open the chart"), WatchedPatient.who["chart"].to(str), kind="second", fits=True),
        class_name="flex flex-wrap gap-2",
    )


def _over_time() -> rx.Component:
    lead = WatchedPatient.lead
    none = states.empty(
        _("No readings in this time"), _("What the patient measures at home appears here by itself."),
        icon=icons.chart(),
    )  # fmt: skip
    shown = surfaces.card(
        rx.el.div(
            rx.el.div(
                rx.el.h2(lead["lead"], class_name="text-small font-normal text-quiet"),
                rx.el.p(
                    rx.el.bdi(lead["number"], dir="ltr", class_name="text-[2rem] leading-tight font-bold"),
                    " ",
                    rx.el.bdi(lead["unit"]),
                    class_name="tabular-nums",
                ),
            ),
            when_said(lead["finding"].to(str), lambda text: surfaces.tag_by(lead["tone"], text)),
            class_name="flex flex-wrap items-end justify-between gap-3",
        ),
        when_said(lead["halves"].to(str), rx.el.p),
        when_said(lead["basis"].to(str), lambda text: rx.el.p(text, class_name="text-small text-quiet")),
        picture(WatchedPatient.drawing, WatchedPatient.marks, lead["begins"], lead["sentence"]),
        legend(WatchedPatient.drawing),
        rx.el.p(lead["sentence"]),
        when_said(lead["reviewed"].to(str), lambda text: rx.el.p(surfaces.tag(text, "caution"))),
        is_first=True,
        class_name="grid gap-3",
    )
    return surfaces.stack(
        rx.cond(
            WatchedPatient.measures.length() > 1,
            dialog.filter_tabs(
                "shown", _("What was measured"), WatchedPatient.measures, chosen=WatchedPatient.measure,
                on_choose=WatchedPatient.on_measure,
            ),
            rx.fragment(),
        ),
        dialog.filter_tabs(
            "period", _("How far back"), WatchedPatient.periods, chosen=WatchedPatient.period,
            on_choose=WatchedPatient.on_period,
        ),
        rx.cond(
            WatchedPatient.rows.length() > 0,
            rx.fragment(shown, surfaces.section(_("Every reading"), readings_table(WatchedPatient.rows), _more())),
            none,
        ),
        rx.cond(
            WatchedPatient.ended.length() > 0,
            surfaces.section(_("Deleted or changed in this time"), ended_readings(WatchedPatient.ended)),
            rx.fragment(),
        ),
    )  # fmt: skip


def _more() -> rx.Component:
    more = actions.button(_("Show more readings"), WatchedPatient.on_more, kind="second", writes=False, fits=True)
    drawn: rx.Component = rx.cond(WatchedPatient.has_more, more, rx.fragment())
    return drawn


def _beside() -> rx.Component:
    def alert(row: rx.Var[Any]) -> rx.Component:
        href = path("/staff/alerts")
        return surfaces.row_item(
            surfaces.row(row["title"], row["detail"], href=href, icon=icons.bell(), tone="critical")
        )

    alerts = surfaces.section(_("Open alerts"), surfaces.rows(rx.foreach(WatchedPatient.alerts, alert)))
    return surfaces.stack(
        rx.cond(WatchedPatient.alerts.length() > 0, alerts, rx.fragment()),
        latest(WatchedPatient.latest),
        _plans(),
        _ranges(),
        _conditions(),
    )


def _plans() -> rx.Component:
    def plan(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("End the plan") + ": ").to(str) + row["title"].to(str)
        return surfaces.row_item(
            rx.el.div(
                rx.el.span(
                    rx.el.b(row["title"]),
                    rx.el.small(row["detail"], class_name="block"),
                    rx.el.small(row["by"], " · ", row["today"], class_name="block"),
                    when_said(row["week"], lambda text: rx.el.small(text, class_name="block tabular-nums")),
                    class_name="row-words",
                ),
                actions.button(
                    _("End the plan"), WatchedPatient.on_end_plan(row["measure"].to(str)), kind="quiet", fits=True,
                    accessible_name=name,
                ),
                class_name="row flex-wrap",
            )
        )  # fmt: skip

    return surfaces.section(
        _("Plan"),
        rx.cond(
            WatchedPatient.plans.length() > 0,
            surfaces.rows(rx.foreach(WatchedPatient.plans, plan)),
            rx.el.p(_("No plan: the patient measures when they like."), class_name="text-quiet"),
        ),
        actions.button(_("Set a plan"), WatchedPatient.on_begin_plan, kind="second", fits=True, writes=False),
    )


def _plan_form() -> rx.Component:
    measures = [{"value": code, "label": _(said)} for code, said in words.NAMES.items()]
    times = [{"value": code, "label": _(said)} for code, said in measuring_words.TIMES.items()]
    return _form_in_dialog(
        ("plan", _("Set a plan"), _("Set this plan")),
        fields.choice_list("measure", _("What to measure"), measures, error=problem_of(WatchedPatient, "measure")),
        fields.choice_list("times", _("How often"), times, error=problem_of(WatchedPatient, "times")),
        fields.text_field(
            "until", _("Until which day?"), error=problem_of(WatchedPatient, "until"),
            more={"type": "date", "min": WatchedPatient.who["today"].to(str)},
        ),
        is_open=WatchedPatient.is_planning,
        on_send=WatchedPatient.on_plan,
        on_stop=WatchedPatient.on_stop_plan,
    )  # fmt: skip


def _form_in_dialog(
    said: tuple[str, str, str], *parts: Part, is_open: Flag, on_send: Handler, on_stop: Handler, below: Text = ""
) -> rx.Component:
    """Return a dialog around one form, whose key makes two taps one; `said` is its name, its title and the tap."""
    name, title, send = said
    form = rx.el.form(
        rx.el.input(type="hidden", name="key", value=WatchedPatient.form_key, read_only=True),
        *parts,
        on_submit=on_send,
        key=WatchedPatient.form_key,
        class_name="grid gap-4",
        custom_attrs={"id": f"set-{name}", "noValidate": True},
    )
    return dialog.dialog(
        name,
        title,
        problem(WatchedPatient),
        form,
        when_said(below, rx.el.p),
        is_open=is_open,
        on_dismiss=on_stop,
        actions=[
            actions.submit(send, form=f"set-{name}"),
            actions.button(_("Leave it as it is"), on_stop, kind="second", writes=False),
        ],
    )


def _ranges() -> rx.Component:
    may = WatchedPatient.who["may_range"].to(str) != ""

    def one(row: rx.Var[Any]) -> rx.Component:
        end = actions.button(
            _("End this range"), WatchedPatient.on_end_range(row["measure"].to(str)), kind="quiet", fits=True,
            accessible_name=rx.Var.create(_("End this range") + ": ").to(str) + row["title"].to(str),
        )  # fmt: skip
        words_of = rx.el.span(
            rx.el.b(row["title"]),
            rx.el.small(row["detail"], class_name="block"),
            rx.el.small(row["by"], " · ", rx.el.bdi(row["why"], dir="auto"), class_name="block"),
            class_name="row-words",
        )
        return surfaces.row_item(rx.el.div(words_of, rx.cond(may, end, rx.fragment()), class_name="row flex-wrap"))

    begin = actions.button(
        _("Set a range of their own"), WatchedPatient.on_begin_range, kind="second", fits=True, writes=False
    )
    return surfaces.section(
        _("Ranges of their own"),
        rx.cond(
            WatchedPatient.ranges.length() > 0,
            surfaces.rows(rx.foreach(WatchedPatient.ranges, one)),
            rx.el.p(_("None: the ranges of the practice hold."), class_name="text-quiet"),
        ),
        rx.cond(may, begin, rx.fragment()),
    )


def _range_form() -> rx.Component:
    severities = [
        {"value": code, "label": _(said)} for code, said in measuring_words.SEVERITIES.items() if code != "critical"
    ]

    def bound(name: str, label: str) -> rx.Component:
        return fields.text_field(
            name, label, input_mode="decimal", width="short", autocomplete="off",
            error=problem_of(WatchedPatient, name),
        )  # fmt: skip

    return _form_in_dialog(
        ("range", _("Set a range of their own"), _("Set this range")),
        fields.choice_list(
            "what", _("Of what, in which unit"), measuring_words.range_choices(),
            error=problem_of(WatchedPatient, "what"),
        ),
        bound("low", _("Usual from")),
        bound("high", _("Usual up to")),
        bound("pair_high", _("Lower number of a pressure, usual up to")),
        fields.choice_list(
            "soon", _("Beyond it, how soon somebody looks"), severities, error=problem_of(WatchedPatient, "soon"),
        ),
        fields.multi_line("why", _("Why"), rows=2, error=problem_of(WatchedPatient, "why")),
        is_open=WatchedPatient.is_ranging,
        on_send=WatchedPatient.on_range,
        on_stop=WatchedPatient.on_stop_range,
        below=_("What is dangerous at once stays so, whatever is set here."),
    )  # fmt: skip


def _conditions() -> rx.Component:
    def box(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create("condition-").to(str) + row["value"].to(str)
        return fields.check_box(name, row["label"], is_checked=row["is_on"] == "yes")

    return surfaces.section(
        _("What chooses other ranges"),
        rx.el.form(
            rx.el.fieldset(
                rx.el.legend(_("What chooses other ranges"), class_name="sr-only"),
                rx.el.div(rx.foreach(WatchedPatient.conditions, box), class_name="choices"),
                class_name="field",
            ),
            actions.button(_("Save what is ticked"), kind="second", is_submit=True, fits=True),
            on_submit=WatchedPatient.on_conditions,
            class_name="grid gap-3",
            custom_attrs={"noValidate": True},
        ),
    )


PAGE = Page(
    "/staff/vitals/patient", N_("Readings"), build, policy="vitals.watch", audience="staff",
    on_load=WatchedPatient.on_load,
)  # fmt: skip
