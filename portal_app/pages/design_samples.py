"""The samples of the design page: made-up people and times, one function for each family of components."""

from typing import Any

import reflex as rx

from portal_app.components import (
    actions,
    dialog,
    errors,
    fields,
    icons,
    skeleton,
    slot_picker,
    states,
    surfaces,
    table,
    task_list,
)
from portal_app.components.kinds import Handler, Part, Text
from portal_app.core.i18n import _, date_order, ngettext
from portal_app.state.design import Design

NOTHING: Handler = rx.noop()


def all_sections() -> list[rx.Component]:
    """Return every family of components with its title."""
    return [
        surfaces.section(_("Actions"), *_actions()),
        surfaces.section(_("Fields"), surfaces.stack(*_fields())),
        surfaces.section(_("A problem in a form"), surfaces.stack(*_problem())),
        surfaces.section(_("Choosing a time"), *_choosing()),
        surfaces.section(_("Cards and rows"), *_surfaces()),
        surfaces.section(_("News"), *_banners()),
        surfaces.section(_("What opens"), *_openers()),
        surfaces.section(_("Things to do"), _tasks()),
        surfaces.section(_("Tables"), _table()),
        surfaces.section(_("Loading"), *_loading()),
        surfaces.section(_("Empty, wrong, done"), *_states()),
    ]


def _actions() -> list[rx.Component]:
    return [
        actions.button(_("Book Tuesday 9:20"), NOTHING),
        actions.button(_("Choose another time"), NOTHING, kind="second"),
        actions.button(_("Not now"), NOTHING, kind="quiet"),
        actions.button(_("Cancel this visit"), NOTHING, kind="critical"),
        actions.button(_("Cancel this visit"), NOTHING, kind="critical_second", icon=icons.close()),
        actions.button(_("Book Tuesday 9:20"), NOTHING, is_busy=True, busy_label=_("Booking…")),
        actions.button(_("Join the visit"), NOTHING, is_disabled=True),
        actions.link_button(_("See my visits"), "#content", kind="second", icon=icons.calendar()),
        actions.document_link(_("Add to my calendar"), "#content", icon=icons.calendar_add()),
        rx.el.div(
            actions.back_button(_("Back"), href="#content"),
            actions.icon_button(icons.close(), _("Close"), NOTHING),
            actions.button(_("Later"), NOTHING, kind="second", fits=True),
            class_name="flex items-center gap-2",
        ),
    ]


def _fields() -> list[rx.Component]:
    return [
        fields.text_field("name", _("Name to call you by"), hint=_("What you like to be called.")),
        fields.email_field("email", _("E-mail address"), value="maria@example.org"),
        fields.number_field("weight", _("Weight in kilograms"), _("kg")),
        fields.code_field("code", _("Six digits from the e-mail")),
        fields.search_field("find", _("Find a clinician")),
        fields.multi_line("reason", _("What is it about? (optional)"), hint=_("A few words are enough.")),
        fields.date_field(
            "birth",
            _("Date of birth"),
            _date_labels(),
            order=date_order(),
            is_birth_date=True,
            hint=_("For example, 3 27 1962"),
        ),
        fields.choice_list("who", _("Who should you see?"), _clinicians(), chosen="any"),
        fields.segments("kind", _("How do you want to meet?"), _kinds(), chosen="video"),
        fields.check_box("earlier", _("Tell me if something earlier opens"), detail=_("By e-mail")),
    ]


def _date_labels() -> dict[fields.DatePart, str]:
    return {"day": _("Day"), "month": _("Month"), "year": _("Year")}


def _kinds() -> list[dict[str, str]]:
    return [{"value": "video", "label": _("Video")}, {"value": "place", "label": _("In person")}]


def _clinicians() -> list[dict[str, str]]:
    return [
        {"value": "own", "label": "Dr. Ada Okafor", "detail": _("Your doctor · first free Tuesday 9:20")},
        {"value": "any", "label": _("Whoever is free first"), "detail": _("Today 15:40")},
        {"value": "unknown", "label": _("I do not know"), "detail": ""},
    ]


def _problem() -> list[rx.Component]:
    return [
        errors.error_summary(
            _("There is a problem"),
            [
                {"field": "wrong-email", "text": _("Enter an e-mail address, like name@example.com")},
                {"field": "wrong-date-month", "text": _("Enter the month you were born in")},
            ],
            moment=rx.cond(Design.attempts == 0, "", Design.attempts.to_string()),
        ),
        fields.email_field(
            "wrong-email", _("E-mail address"), value="maria",
            error=_("Enter an e-mail address, like name@example.com"),
        ),
        fields.date_field(
            "wrong-date", _("Date of birth"), _date_labels(), order=date_order(), values={"day": "27", "year": "1962"},
            error=_("Enter the month you were born in"),
        ),
        fields.choice_list("wrong-kind", _("How do you want to meet?"), _kinds(), error=_("Choose video or in person")),
        actions.button(_("Send"), Design.on_send),
    ]  # fmt: skip


def _days() -> list[dict[str, Any]]:
    free = [("23", 0), ("24", 6), ("25", 9), ("27", 2), ("30", 8), ("1", 4), ("2", 0), ("3", 7), ("4", 1), ("7", 12)]
    names = [_("Mon"), _("Tue"), _("Wed"), _("Fri"), _("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Mon")]
    return [
        {
            "value": f"2026-11-{number}",
            "weekday": name,
            "date": number,
            "month": {"23": _("November"), "1": _("December")}.get(number, ""),
            "count": _free(count),
            "name": f"{name} {number}, " + _free(count),
            "is_full": count == 0,
        }
        for name, (number, count) in zip(names, free, strict=True)
    ]


def _free(count: int) -> str:
    return ngettext("{count} free", "{count} free", count).format(count=count) if count else _("full")


def _times() -> list[dict[str, Any]]:
    parts = {
        _("Morning"): ("8:40", "9:20", "11:00"),
        _("Afternoon"): ("13:40", "15:00", "16:20"),
        _("Evening"): ("18:20",),
    }
    return [
        {
            "label": label,
            "times": [{"value": time, "label": time, "name": f"{time}, {label}"} for time in times],
        }
        for label, times in parts.items()
    ]


def _choosing() -> list[rx.Component]:
    return [
        slot_picker.day_strip(
            _("Which day?"), _days(), chosen=Design.day, on_choose=Design.on_choose_day,
            earlier=actions.button(_("Earlier dates"), NOTHING, kind="quiet", fits=True),
            later=actions.button(_("Later dates"), NOTHING, kind="quiet", fits=True),
        ),
        slot_picker.times_to_tap(
            _("Tuesday, November 24"), _times(), on_tap=lambda _time: NOTHING,
            zone_note=_("Times are Eastern (New York)."),
        ),
        slot_picker.held_until(
            _("Kept for you until 9:05"), is_ending=True,
            extend=actions.button(_("Keep it longer"), NOTHING, kind="second"),
        ),
    ]  # fmt: skip


def _surfaces() -> list[rx.Component]:
    return [
        surfaces.card(
            rx.el.div(
                rx.el.div(rx.el.small(_("Today, 10:00 · video")), rx.el.h3("Dr. Ada Okafor")),
                surfaces.tag(_("in 40 min")),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            surfaces.meter(_("2 of 4 ready"), 2, 4),
            actions.button(_("Finish checking in"), NOTHING),
            rx.el.small(_("You can join from 9:30.")),
            is_first=True,
        ),
        surfaces.rows(
            [
                surfaces.row(
                    _("Confirm your visit"),
                    _("Tomorrow at 9:20"),
                    href="#content",
                    icon=icons.caution(),
                    tone="caution",
                ),
                surfaces.row(_("All my visits"), href="#content", icon=icons.calendar()),
                surfaces.row(
                    _("Checked in"), _("At 9:41"), icon=icons.check(), tone="good", end=surfaces.tag(_("Done"), "good")
                ),
            ]
        ),
        surfaces.tiles(
            [
                surfaces.tile(_("Book a visit"), "#content", icons.calendar_add()),
                surfaces.tile(_("My visits"), "#content", icons.calendar()),
                surfaces.tile(_("Find a clinician"), "#content", icons.search()),
                surfaces.tile(_("Call the practice"), "#content", icons.phone()),
            ]
        ),
        surfaces.card(
            surfaces.person_line("Dr. Ada Okafor", _("Family medicine · English, Igbo, Spanish"), "AO"),
            surfaces.facts(_facts()),
        ),
        rx.el.div(
            surfaces.tag(_("Your doctor")),
            surfaces.tag(_("Booked"), "plain"),
            surfaces.tag(_("Arrived"), "good", icon=icons.check("icon-small")),
            surfaces.tag(_("Late"), "caution"),
            surfaces.tag(_("Did not come"), "critical"),
            class_name="flex flex-wrap gap-2",
        ),
        rx.el.p(rx.el.span("128", class_name="big"), " ", _("beats a minute")),
    ]


def _facts() -> list[tuple[Text, Part]]:
    return [
        (_("When"), _("Tuesday, November 24 at 9:20")),
        (_("Where"), rx.el.bdi("12 River Street, Springfield")),
        (_("How long"), _("20 minutes")),
    ]


def _banners() -> list[rx.Component]:
    return [
        surfaces.banner(_("Your clinician is running 10 minutes late"), rx.el.span(_("You can wait at home."))),
        surfaces.banner(_("You are checked in"), tone="good"),
        surfaces.banner(_("This time is kept for two more minutes"), tone="caution"),
        surfaces.banner(
            _("Somebody else has just taken 9:20"),
            rx.el.span(_("Nothing was booked. Choose another time below.")),
            tone="critical",
            action=actions.button(_("Show free times"), NOTHING, kind="second", fits=True),
        ),
    ]


def _openers() -> list[rx.Component]:
    return [
        actions.button(_("Cancel this visit…"), Design.on_ask, kind="critical_second"),
        dialog.dialog(
            "cancel", _("Cancel Tuesday 9:20?"), rx.el.p(_("Somebody else can then have this time.")),
            is_open=Design.is_asking, on_dismiss=Design.on_dismiss,
            actions=[
                actions.button(_("Cancel this visit"), Design.on_dismiss, kind="critical"),
                actions.button(_("Keep it"), Design.on_dismiss, kind="second"),
            ],
        ),
        dialog.popover("why", _("Why do you ask?"), rx.el.p(_("So that the clinician has enough time for you."))),
        dialog.disclosure(_("What to bring"), rx.el.p(_("Your insurance card and the names of your medicines."))),
        dialog.tabs(_("My visits"), [(_("Coming"), "#content", True), (_("Past"), "#content", False)]),
        dialog.filter_tabs("show", _("Show"), _filters(), chosen="all", on_choose=NOTHING),
    ]  # fmt: skip


def _filters() -> list[dict[str, str]]:
    return [
        {"value": "all", "label": _("All {count}").format(count=6)},
        {"value": "waiting", "label": _("Waiting {count}").format(count=3)},
        {"value": "done", "label": _("Done {count}").format(count=1)},
    ]


def _tasks() -> rx.Component:
    return task_list.task_list(
        [
            task_list.Task(_("Check your address"), "completed", _("Completed"), "#content"),
            task_list.Task(_("Say why you are coming"), "incomplete", _("Incomplete"), "#content"),
            task_list.Task(_("Show your insurance card"), "problem", _("There is a problem"), "#content"),
            task_list.Task(_("Join the visit"), "cannot_start", _("Cannot start yet"), hint=_("From 9:30 on.")),
        ]
    )


def _table() -> rx.Component:
    time, patient, state, action = _("Time"), _("Patient"), _("Status"), _("Next")
    people = [
        ("10:00", "Maria Alvarez", _("Arrived"), "good", "now"),
        ("10:20", "Sam Lindqvist", _("Booked"), "plain", None),
        ("10:40", "نور حداد", _("Late"), "caution", None),
        ("9:40", "Tom Baker", _("Done"), "plain", "past"),
    ]
    return table.table(
        _("Today"),
        [time, patient, state, action],
        [{"row": person} for person in people],
        lambda line: table.line(
            table.cell(time, line["row"][0]),
            table.head_cell(rx.el.bdi(line["row"][1])),
            table.cell(state, surfaces.tag(line["row"][2], line["row"][3])),
            table.cell("", actions.button(_("Admit"), NOTHING, kind="primary" if line["row"][4] == "now" else "second",
                                          accessible_name=_("Admit {name}").format(name=line["row"][1]))),
            tone=line["row"][4],
        ),
    )  # fmt: skip


def _loading() -> list[Any]:
    return [
        skeleton.until(False, skeleton.card(), rx.fragment(), loading=_("Loading")),
        skeleton.rows(2),
        skeleton.days(5),
        skeleton.times(3),
        skeleton.lines(3),
    ]


def _states() -> list[rx.Component]:
    return [
        states.empty(
            _("No visits yet"), _("Your visits will stand here, the next one first."),
            action=actions.link_button(_("Book a visit"), "#content"),
        ),
        states.error(
            _("We could not load your visits"), _("Try again in a minute."), safe=_("Your visits are safe."),
            action=actions.button(_("Try again"), NOTHING, kind="second"),
        ),
        surfaces.card(
            states.done(
                _("Booked: Tuesday 9:20"), _("We have sent the details to maria@example.org."),
                actions.document_link(_("Add to my calendar"), "#content", icon=icons.calendar_add()),
                takes_focus=False,
            )
        ),
    ]  # fmt: skip


def booking() -> list[Any]:
    """Return the content of a booking screen."""
    return [
        fields.segments("kind", _("How do you want to meet?"), _kinds(), chosen="video"),
        surfaces.card(
            surfaces.person_line("Dr. Ada Okafor", _("Family medicine · English, Igbo, Spanish"), "AO"),
            rx.el.div(
                surfaces.tag(_("Your doctor")),
                actions.button(_("Someone sooner"), NOTHING, kind="quiet", fits=True),
                class_name="flex flex-wrap items-center justify-between gap-2",
            ),
        ),
        *_choosing()[:3],
    ]


def booking_dock() -> rx.Component:
    """Return the rules and the one action of the booking screen."""
    return rx.fragment(
        rx.el.small(_("20 minutes by video. Times are Eastern (New York). Change or cancel free until Monday 9:20.")),
        actions.button(_("Book Tuesday 9:20"), NOTHING),
    )


def board() -> list[Any]:
    """Return the content of a staff screen."""
    return [
        rx.el.div(rx.el.h1(_("Today")), rx.el.small(_("Tuesday, November 24 · 3 waiting"))),
        dialog.filter_tabs("show", _("Show"), _filters(), chosen="all", on_choose=NOTHING),
        _table(),
    ]


def sign_in() -> list[Any]:
    """Return the content of a sign-in screen."""
    return [
        rx.el.h1(_("Sign in")),
        fields.email_field("email", _("E-mail address"), hint=_("We send you a code. No password.")),
        actions.submit(_("Send me a code")),
    ]
