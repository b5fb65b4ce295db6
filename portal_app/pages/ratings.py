"""How visits were, as patients said it: by month, clinician and kind of visit."""

from typing import Any

import reflex as rx

from portal_app.components import board, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import staff_page
from portal_app.pages.insights import insight_tabs
from portal_app.state.ratings import Ratings
from portal_app.web.page import Page

AT = "/staff/insights/ratings"


def build() -> rx.Component:
    """Draw the screen."""
    nothing = states.empty(
        _("No month to show yet"),
        _("Answers are shown once their month is over, and only of five people or more."),
        icon=icons.chart(),
    )
    return staff_page(
        frame.page_title(_("How visits were"), _("What patients answered after a visit; nobody is named")),
        insight_tabs(AT),
        skeleton.until(
            Ratings.is_ready,
            skeleton.rows(6, 48),
            rx.cond(Ratings.months.length() > 0, _report(), nothing),
            loading=_("Adding it up"),
        ),
        at="/staff/insights",
    )


def _report() -> rx.Component:
    columns = [_("Clinician"), _("Month"), _("Answers"), _("Good or very good"), _("All right"), _("Bad or very bad")]
    keys = ("month", "answers", "good", "fair", "bad")

    def line(row: rx.Var[Any]) -> rx.Component:
        cells = [table.cell(column, row[key]) for column, key in zip(columns[1:], keys, strict=True)]
        how = when_said(row["how"], lambda text: rx.el.small(text, class_name="block"))
        return table.line(table.head_cell(rx.el.bdi(row["who_given"]), how), *cells)

    return surfaces.stack(
        board.select_field("month", _("Which month?"), Ratings.months, chosen=Ratings.chosen,
                           on_choose=Ratings.on_month),
        table.table(_("How visits were"), columns, Ratings.rows, line),
        rx.el.p(
            _("Groups of fewer than 5 people stand together in one row. The month that goes on is not shown, so that "
              "nobody's answer can be told from how a number moves."),
            class_name="quiet",
        ),
        class_name="gap-4",
    )  # fmt: skip


PAGE = Page(AT, N_("How visits were"), build, policy="notes.see_ratings", audience="staff", on_load=Ratings.on_load)
