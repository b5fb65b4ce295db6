"""What stands on a visit's page once it is signed: what was found, what to do, the note, one question."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, icons, surfaces
from portal_app.components.kinds import rows_of, when_said
from portal_app.core.i18n import _
from portal_app.pages._frames import path, unless_looked_at
from portal_app.state.visit_summary import VisitSummary

RATE_FORM = "rate"


def summary_part() -> rx.Component:
    """Return the summary, the way to it, or nothing before the visit is signed."""
    drawn: rx.Component = rx.cond(
        VisitSummary.is_there,
        surfaces.stack(rx.cond(VisitSummary.is_open, _open(), _closed()), unless_looked_at(_rating())),
        rx.fragment(),
    )
    return rx.fragment(when_said(VisitSummary.hidden, lambda text: surfaces.banner(text, tone="info")), drawn)


def _closed() -> rx.Component:
    return surfaces.card(
        rx.el.h2(_("The summary of your visit is here")),
        rx.el.p(rx.el.bdi(VisitSummary.seen_by)),
        rx.el.p(_("It is private. Prove once more that it is you, then you can read it.")),
        actions.button(_("Read the summary"), VisitSummary.on_read, icon=icons.lock(), writes=False),
        class_name="grid gap-3",
    )


def _open() -> rx.Component:
    return surfaces.stack(
        surfaces.section(
            _("Summary of your visit"),
            rx.el.p(rx.el.bdi(VisitSummary.seen_by)),
            surfaces.card(summary_parts(VisitSummary.parts), class_name="grid gap-6"),
            when_said(VisitSummary.following, lambda text: surfaces.banner(text, tone="info")),
            unless_looked_at(
                actions.document_link(_("Save as PDF"), VisitSummary.pdf_href, kind="second", icon=icons.day_list()),
                actions.link_button(_("Book a visit"), path("/book"), kind="quiet"),
            ),
        ),
        surfaces.section(
            _("What your clinician wrote"),
            when_said(VisitSummary.withheld, rx.el.p),
            _diagnoses(),
            note_text(VisitSummary.note, VisitSummary.addenda, VisitSummary.signed),
        ),
    )


def _diagnoses() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return rx.el.li(rx.el.bdi(row["words"], lang="en"), " ", rx.el.small(rx.el.bdi(row["code"])))

    return rx.el.div(
        rx.el.h3(_("Diagnoses, as doctors name them")),
        rx.el.ul(rx.foreach(VisitSummary.diagnoses, one), class_name="list-disc ps-6"),
        class_name="grid gap-1",
    )


def summary_parts(parts: rx.Var[Any]) -> rx.Component:
    """Return a summary's parts, each with its lines."""

    def line(row: rx.Var[Any]) -> rx.Component:
        return rx.el.li(
            rx.el.span(row["text"], lang=row["lang"], dir="auto", class_name="whitespace-pre-line"),
            when_said(row["note"], lambda text: rx.el.small(text, class_name="block")),
            when_said(row["mark"], lambda text: rx.el.small(text, class_name="block quiet")),
        )

    def part(row: rx.Var[Any]) -> rx.Component:
        return rx.el.div(
            rx.el.h3(row["title"]),
            when_said(row["intro"], lambda text: rx.el.p(rx.el.strong(text))),
            rx.el.ul(rx.foreach(rows_of(row, "lines"), line), class_name="list-disc ps-6 grid gap-2"),
            class_name="grid gap-2",
        )

    return rx.fragment(rx.foreach(parts, part))


def note_text(note: rx.Var[Any], addenda: rx.Var[Any], signed: rx.Var[Any]) -> rx.Component:
    """Return a signed note as it was written, and what was added."""

    def section(row: rx.Var[Any]) -> rx.Component:
        return rx.el.div(
            rx.el.h3(row["title"]), rx.el.p(row["text"], dir="auto", class_name="whitespace-pre-line"),
            class_name="grid gap-1",
        )  # fmt: skip

    def added(row: rx.Var[Any]) -> rx.Component:
        return rx.el.div(
            rx.el.h3(row["who"]), rx.el.p(row["text"], dir="auto", class_name="whitespace-pre-line"),
            class_name="grid gap-1",
        )  # fmt: skip

    drawn: rx.Component = rx.cond(
        signed != "",
        surfaces.card(
            rx.foreach(note, section),
            rx.el.p(signed, class_name="quiet"),
            rx.foreach(addenda, added),
            class_name="grid gap-4",
        ),
        rx.fragment(),
    )
    return drawn


def _rating() -> rx.Component:
    form = rx.el.form(
        fields.choice_list(
            "stars",
            _("How was this visit?"),
            VisitSummary.answers,
            chosen=VisitSummary.stars,
            hint=_("The practice sees sums only, not who said what."),
            error=VisitSummary.problem,
        ),
        actions.submit(_("Send my answer"), kind="second"),
        on_submit=VisitSummary.on_rate,
        class_name="grid gap-4",
        custom_attrs={"id": RATE_FORM, "noValidate": True},
    )
    return surfaces.stack(
        rx.cond(VisitSummary.can_rate, form, rx.fragment()),
        rx.el.div(when_said(VisitSummary.said, lambda text: surfaces.banner(text, tone="good")), role="status"),
    )
