"""The note of a visit while it is written: four fields that save themselves, and what happens when two write."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.pages._visit_summary import note_text
from portal_app.state.note_words import section_titles
from portal_app.state.visit_note import VisitNote

NOTE_FORM = "note"
_SAVE_AFTER_MS = 800


def note_panel(*after: rx.Component, on_end: Any = None) -> rx.Component:
    """Return the note, to be written by whoever may and read by others.

    `after` stands in its form, which is sent whole to `on_end`.
    """
    drawn: rx.Component = rx.cond(VisitNote.is_signed, _signed(), _unsigned(after, on_end))
    return drawn


def _unsigned(after: tuple[rx.Component, ...], on_end: Any) -> rx.Component:
    handlers = {
        "brought": VisitNote.on_brought, "found": VisitNote.on_found, "assessment": VisitNote.on_assessment,
        "plan": VisitNote.on_plan,
    }  # fmt: skip
    written = [
        fields.multi_line(
            name, title, value=VisitNote.typed[name], rows=3, error=_error(name),
            on_change=handlers[name].debounce(_SAVE_AFTER_MS), on_blur=handlers[name],
        )
        for name, title in section_titles()
    ]  # fmt: skip
    form = rx.el.form(
        *written,
        rx.el.p(VisitNote.saved, class_name="quiet", custom_attrs={"role": "status"}),
        *after,
        key=VisitNote.moment,
        class_name="grid gap-4",
        custom_attrs={"id": NOTE_FORM, "noValidate": True},
        **({} if on_end is None else {"on_submit": on_end}),
    )
    reading = rx.el.p(_("Only clinicians write here. You see the note as it is saved."), class_name="quiet")
    return surfaces.stack(
        rx.cond(VisitNote.is_conflict, _conflict(), rx.fragment()),
        rx.cond(VisitNote.can_write, form, surfaces.stack(reading, _read(VisitNote.note))),
        class_name="gap-4",
    )


def _error(name: str) -> rx.Var[Any]:
    error: rx.Var[Any] = rx.cond(VisitNote.wrong == name, VisitNote.wrong_words, "")
    return error


def _conflict() -> rx.Component:
    return states.focused(
        surfaces.card(
            rx.el.h2(_("This note was changed elsewhere")),
            rx.el.p(VisitNote.theirs_by),
            _read(VisitNote.theirs),
            rx.el.p(_("What you typed stands in the fields below. Nothing is lost until you choose.")),
            actions.button(_("Keep what stands below"), VisitNote.on_keep_mine, kind="second"),
            actions.button(_("Take what was written elsewhere"), VisitNote.on_take_theirs, kind="second"),
            class_name="grid gap-3",
        ),
    )


def _read(rows: rx.Var[Any]) -> rx.Component:
    def section(row: rx.Var[Any]) -> rx.Component:
        words = rx.el.p(row["text"], dir="auto", class_name="whitespace-pre-line")
        return rx.el.div(rx.el.h3(row["title"]), words, class_name="grid gap-1")

    return rx.el.div(rx.foreach(rows, section), class_name="grid gap-4")


def _signed() -> rx.Component:
    add = rx.el.form(
        fields.multi_line("addendum", _("Add to this note"), rows=3, error=_error("addendum")),
        actions.submit(_("Add to the note"), kind="second"),
        on_submit=VisitNote.on_add,
        key=VisitNote.moment,
        class_name="grid gap-4",
        custom_attrs={"noValidate": True},
    )
    return surfaces.stack(
        note_text(VisitNote.note, VisitNote.addenda, VisitNote.signed),
        rx.el.div(when_said(VisitNote.added, lambda text: surfaces.banner(text, tone="good")), role="status"),
        rx.cond(VisitNote.can_write, add, rx.fragment()),
    )
