"""The steps that end a visit: diagnoses, what the patient is told, the charge, the signature."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.pages._visit_summary import summary_parts
from portal_app.state.note_words import choices, part_title, times, withheld_rows
from portal_app.state.visit_ending import VisitEnding

SUMMARY_FORM, CHARGE_FORM, SIGN_FORM = "summary", "charge", "sign"


def ending_step() -> rx.Component:
    """Return the step that is open; nothing while the note is written."""
    drawn: rx.Component = rx.match(
        VisitEnding.step,
        ("diagnoses", _step(_("Diagnoses"), _diagnoses(), back="note")),
        ("summary", _step(_("What the patient is told"), _summary(), back="diagnoses")),
        ("charge", _step(_("Charge"), _charge(), back="summary")),
        ("sign", _step(_("Sign and send"), _sign(), back="charge")),
        rx.fragment(),
    )
    return drawn


def _step(title: str, body: rx.Component, *, back: str) -> rx.Component:
    return surfaces.stack(
        states.focused(rx.el.h2(title), moment=VisitEnding.step),
        rx.el.div(when_said(VisitEnding.problem, lambda text: surfaces.banner(text, tone="caution")), role="alert"),
        body,
        actions.button(_("Back"), VisitEnding.on_step(back), kind="quiet", fits=True, writes=False),
        class_name="gap-4",
    )


def _diagnoses() -> rx.Component:
    def found(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("Choose") + ": ").to(str) + row["words"].to(str)
        tap = actions.button(_("Choose"), VisitEnding.on_add(row["code"]), kind="second", fits=True,
                             accessible_name=name)  # fmt: skip
        return surfaces.row_item(surfaces.row(row["words"], row["code"], end=tap))

    def chosen(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("Remove") + ": ").to(str) + row["words"].to(str)
        tap = actions.button(_("Remove"), VisitEnding.on_remove(row["code"]), kind="quiet", fits=True,
                             accessible_name=name)  # fmt: skip
        return surfaces.row_item(surfaces.row(row["words"], row["code"], end=tap))

    return surfaces.stack(
        rx.cond(
            VisitEnding.chosen.length() > 0,
            surfaces.section(_("Chosen, the main one first"), surfaces.rows(rx.foreach(VisitEnding.chosen, chosen))),
            rx.fragment(),
        ),
        fields.search_field(
            "diagnosis", _("Look for a diagnosis"), hint=_("A code, or the beginnings of words: I10, hyper ess"),
            on_change=VisitEnding.on_search.debounce(300),
        ),
        rx.cond(
            VisitEnding.found.length() > 0,
            surfaces.rows(rx.foreach(VisitEnding.found, found)),
            rx.fragment(),
        ),
        actions.button(_("Go on to what the patient is told"), VisitEnding.on_diagnoses, writes=False),
        class_name="gap-4",
    )  # fmt: skip


def _error(name: str) -> rx.Var[Any]:
    error: rx.Var[Any] = rx.cond(VisitEnding.wrong == name, VisitEnding.wrong_words, "")
    return error


def _number(name: str, label: str) -> rx.Component:
    return fields.text_field(
        name, label, value=VisitEnding.picked[name], input_mode="decimal", width="short", autocomplete="off",
        error=_error(name),
    )  # fmt: skip


def _part(part: str, *more: rx.Component) -> rx.Component:
    boxes = [
        rx.el.div(
            fields.check_box(name, label, is_checked=VisitEnding.picked[name] == "yes"),
            *(_number(field, words) for field, words in numbers),
            class_name="grid gap-2",
        )
        for name, label, numbers in choices(part)
    ]
    return _group(part, *boxes, *more)


def _group(part: str, *inner: rx.Component) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(part_title(part)), rx.el.div(*inner, class_name="choices"), class_name="field",
        custom_attrs={"id": part},
    )  # fmt: skip


def _own(part: str) -> rx.Component:
    return fields.multi_line(
        f"own-{part}", _("In your own words (optional)"), value=VisitEnding.picked[f"own-{part}"], rows=2,
        hint=_("Not translated: the patient reads it in your language."), error=_error(f"own-{part}"),
    )  # fmt: skip


def _again() -> rx.Component:
    cards = [
        rx.el.div(
            rx.el.label(
                fields.radio(
                    "again", {"value": name.removeprefix("again-"), "label": label}, VisitEnding.picked["again"], None
                ),
                rx.el.span(rx.el.span(label), class_name="choice-words"),
                class_name="choice",
            ),
            *(_number(field, words) for field, words in numbers),
            class_name="grid gap-2",
        )
        for name, label, numbers in choices("again")
    ]
    return _group("again", *cards)


def _summary() -> rx.Component:
    picks = rx.el.form(
        _part("found", _own("found")),
        _part("todo", _own("todo")),
        _part("warning"),
        _part("call"),
        _again(),
        on_submit=VisitEnding.on_summary,
        class_name="grid gap-6",
        custom_attrs={"id": SUMMARY_FORM, "noValidate": True},
    )
    return surfaces.stack(
        rx.el.p(_("Pick what fits. The sentences reach the patient in their own language.")),
        surfaces.section(part_title("medicines"), _medicines()),
        picks,
        actions.submit(_("Go on to the charge"), form=SUMMARY_FORM),
        class_name="gap-6",
    )


def _medicines() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("Remove") + ": ").to(str) + row["title"].to(str)
        tap = actions.button(_("Remove"), VisitEnding.on_drop_medicine(row["place"]), kind="quiet", fits=True,
                             accessible_name=name)  # fmt: skip
        return surfaces.row_item(surfaces.row(row["title"], row["detail"], end=tap))

    add = rx.el.form(
        fields.text_field("medicine", _("Medicine"), error=_error("medicine"), autocomplete="off"),
        fields.text_field("dose", _("How much (optional)"), error=_error("dose"), autocomplete="off"),
        fields.text_field(
            "reason", _("What it is for (optional)"), error=_error("reason"), autocomplete="off",
            hint=_("Not translated: the patient reads it in your language."),
        ),
        rx.el.fieldset(
            rx.el.legend(_("When it is taken")),
            when_said(_error("times"), lambda text: fields.field_error("times", text)),
            rx.el.div(*(fields.check_box(name, label) for name, label in times()), class_name="choices"),
            class_name="field",
            custom_attrs={"id": "times"},
        ),
        fields.check_box("food", _("With food")),
        fields.text_field(
            "days", _("For how many days (optional)"), input_mode="numeric", width="short", autocomplete="off",
            error=_error("days"),
        ),
        actions.submit(_("Add this medicine"), kind="second"),
        on_submit=VisitEnding.on_medicine,
        key=VisitEnding.moment,
        class_name="grid gap-4",
        custom_attrs={"noValidate": True},
    )  # fmt: skip
    return surfaces.stack(
        rx.cond(
            VisitEnding.medicines.length() > 0,
            surfaces.rows(rx.foreach(VisitEnding.medicines, one)),
            rx.el.p(_("No new medicine so far."), class_name="quiet"),
        ),
        surfaces.card(add),
        class_name="gap-3",
    )


def _charge() -> rx.Component:
    held = surfaces.stack(
        fields.choice_list(
            "modality", _("How was it held?"),
            [{"value": "video", "label": _("By video"), "detail": ""},
             {"value": "audio", "label": _("By voice alone"), "detail": ""}],
            chosen=VisitEnding.modality,
        ),
        fields.choice_list(
            "patient_place", _("Where was the patient?"),
            [{"value": "home", "label": _("At home"), "detail": ""},
             {"value": "elsewhere", "label": _("Somewhere else"), "detail": ""}],
            chosen=VisitEnding.patient_place,
        ),
        class_name="gap-4",
    )  # fmt: skip
    return surfaces.stack(
        surfaces.facts(VisitEnding.facts),
        fields.search_field(
            "look", _("Look for a service of your list"), hint=_("A code, or a word of it"),
            on_change=VisitEnding.on_service.debounce(300),
        ),
        rx.el.form(
            rx.cond(VisitEnding.asks_place, held, rx.fragment()),
            rx.cond(
                VisitEnding.services.length() > 0,
                fields.choice_list("service", _("Service"), VisitEnding.services, chosen=VisitEnding.service),
                rx.el.p(_("Without a service chosen here, billing chooses it."), class_name="quiet"),
            ),
            on_submit=VisitEnding.on_charge,
            class_name="grid gap-4",
            custom_attrs={"id": CHARGE_FORM, "noValidate": True},
        ),
        actions.submit(_("Go on to sign"), form=CHARGE_FORM),
        class_name="gap-4",
    )  # fmt: skip


def _sign() -> rx.Component:
    withheld = fields.choice_list(
        "withheld", _("Keep the note itself from the patient? (optional)"), withheld_rows(),
        hint=_("As a rule patients read what is written about them. The summary they get in any case."),
    )  # fmt: skip
    return surfaces.stack(
        surfaces.section(
            _("This is what the patient reads"),
            surfaces.card(
                rx.el.div(
                    summary_parts(VisitEnding.preview),
                    lang=VisitEnding.preview_language,
                    dir=rx.cond(VisitEnding.preview_language == "ar", "rtl", "ltr"),
                    class_name="grid gap-6",
                )
            ),
        ),
        rx.el.form(
            withheld,
            rx.el.p(_("Once signed, the note does not change any more. You can add to it later.")),
            actions.submit(_("Sign and send the summary")),
            on_submit=VisitEnding.on_sign,
            class_name="grid gap-4",
            custom_attrs={"id": SIGN_FORM, "noValidate": True},
        ),
        class_name="gap-6",
    )


def charge_card() -> rx.Component:
    """Return what a signed visit is charged as, for those who may see it."""
    drawn: rx.Component = rx.cond(
        VisitEnding.charge.length() > 0,
        surfaces.section(_("Charge"), surfaces.card(surfaces.facts(VisitEnding.charge))),
        rx.fragment(),
    )
    return drawn


def end_button() -> rx.Component:
    """Return what leads from the note to its ending."""
    drawn: rx.Component = rx.cond(
        VisitEnding.is_held,
        actions.submit(_("End visit")),
        rx.el.p(_("You can write already. The visit can be ended once it has begun."), class_name="quiet"),
    )
    return drawn
