"""The forms of the schedule page: hours of a week, the end of hours, one day, time away."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, surfaces
from portal_app.components.kinds import each
from portal_app.core.i18n import _
from portal_app.pages import _said
from portal_app.state.schedules import Schedules


def hours_form() -> rx.Component:
    """Return the form for weekly hours: several weekdays for new ones, one where a rule changes."""
    new = rx.el.h2(_("New weekly hours"))
    changed = rx.el.h2(_("Other hours for: "), Schedules.about)
    weekdays = rx.el.fieldset(
        rx.el.legend(_("On which weekdays?")),
        rx.cond(Schedules.error_field == "weekday-1", fields.field_error("weekdays", Schedules.error), rx.fragment()),
        rx.el.div(each(Schedules.weekdays, _weekday), class_name="choices"),
        class_name="field",
    )
    return _form(
        rx.cond(Schedules.about == "", new, changed),
        rx.cond(Schedules.about == "", weekdays, rx.fragment()),
        _time("opens", _("From what time?")),
        _time("closes", _("Until what time?")),
        _where(),
        _how(),
        _every(),
        _date("from", _("From which day on?"), hint=_("What was before this day stays as it was.")),
        _date("until", _("Until which day? (optional)")),
        rx.el.fieldset(
            rx.el.legend(_("Keep these times back? (optional)")),
            fields.number_field(
                "release",
                _("They open so many days before"),
                _("days"),
                is_decimal=False,
                value=_typed("release"),
                error=_error("release"),
                hint=_("0 is the same day."),
            ),
            _time("release-at", _("At what time do they open?")),
            class_name="field",
        ),
    )


def end_form() -> rx.Component:
    """Return the form that lets hours end."""
    return _form(
        rx.el.h2(_("Let these hours end: "), Schedules.about),
        _date("until", _("What is the last day with these hours?")),
    )


def day_form() -> rx.Component:
    """Return the form for one day."""
    return _form(
        rx.el.h2(_("Other hours on a day")),
        _date("day", _("On which day?")),
        _where(),
        fields.choice_list(
            "kind",
            _("What is different?"),
            [
                {"value": "hours", "label": _("Other hours"), "detail": ""},
                {"value": "none", "label": _("No hours at all"), "detail": ""},
            ],
            chosen=_typed("kind"),
            error=_error("kind"),
        ),
        rx.el.p(_("With no hours at all, leave the rest empty."), class_name="quiet"),
        _time("opens", _("From what time?")),
        _time("closes", _("Until what time?")),
        _time("opens-2", _("And again from (optional)")),
        _time("closes-2", _("Until (optional)")),
        _how(),
        _every(),
    )


def leave_form() -> rx.Component:
    """Return the form for a time away."""
    return _form(
        rx.el.h2(_("Time away")),
        rx.el.p(_("Why somebody is away is not written down."), class_name="quiet"),
        _date("first", _("First day away")),
        _date("last", _("Last day away")),
        fields.check_box(
            "for-good",
            _("For good"),
            detail=_("They do not come back; leave the last day empty."),
            is_checked=_typed("for-good") == "yes",
        ),
        _time("begins", _("On the first day from (optional)")),
        _time("ends", _("On the last day until (optional)")),
    )


def _form(*parts: Any) -> rx.Component:
    return rx.el.form(
        surfaces.stack(*parts, actions.submit(_("See what this changes")), class_name="gap-4"),
        on_submit=Schedules.on_look,
        custom_attrs={"noValidate": True},
    )


def _weekday(row: rx.Var[Any]) -> rx.Component:
    return fields.check_box(row["value"], row["label"], is_checked=Schedules.typed[row["value"]] == "yes")


def _typed(name: str) -> Any:
    return Schedules.typed.get(name, "")


def _error(name: str) -> rx.Var[Any]:
    return _said.problem_of(Schedules, name)


def _time(name: str, label: str) -> rx.Component:
    return _short(fields.text_field(name, label, value=_typed(name), error=_error(name), more={"type": "time"}))


def _date(name: str, label: str, hint: str | None = None) -> rx.Component:
    return _short(
        fields.text_field(name, label, value=_typed(name), error=_error(name), hint=hint, more={"type": "date"})
    )


def _short(field: rx.Component) -> rx.Component:
    return rx.el.div(field, class_name="max-w-60")


def _where() -> rx.Component:
    return fields.choice_list("place", _("Where?"), Schedules.places, chosen=_typed("place"), error=_error("place"))


def _how() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(_("How?")),
        rx.cond(Schedules.error_field == "in_person", fields.field_error("in_person", Schedules.error), rx.fragment()),
        rx.el.div(
            fields.check_box("in_person", _("In person"), is_checked=_typed("in_person") == "yes"),
            fields.check_box("video", _("By video"), is_checked=_typed("video") == "yes"),
            class_name="choices",
        ),
        class_name="field",
    )


def _every() -> rx.Component:
    return fields.number_field(
        "grid", _("A time may begin every so many minutes"), _("minutes"), is_decimal=False, value=_typed("grid"),
        error=_error("grid"),
    )  # fmt: skip
