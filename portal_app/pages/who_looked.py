"""Who looked: every view and change of a chart, day by day."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, fields, icons, skeleton, states, surfaces
from portal_app.components.kinds import each, rows_of, when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page
from portal_app.state.who_looked import WhoLooked
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("Who looked"),
        rx.el.p(
            _("Whenever somebody opens or changes this chart, the portal writes it down here by itself. "
              "Nobody can take a line away.")
        ),
        skeleton.until(
            WhoLooked.is_ready,
            surfaces.stack(skeleton.rows(1, 64), skeleton.rows(6, 110)),
            surfaces.stack(_choices(), _trail()),
            loading=_("Opening who looked"),
        ),
        back="/profile",
    )  # fmt: skip


def _choices() -> rx.Component:
    return rx.el.div(
        dialog.filter_tabs("who", _("What to show"), WhoLooked.kinds, chosen=WhoLooked.who, on_choose=WhoLooked.on_who),
        rx.cond(
            WhoLooked.people.length() > 0,
            dialog.disclosure(
                _("Show one person alone"),
                fields.choice_list(
                    "person", _("Whom?"), WhoLooked.people, chosen=WhoLooked.person, on_choose=WhoLooked.on_person
                ),
            ),
            rx.fragment(),
        ),
        class_name="grid grid-cols-1 gap-2",
    )


def _trail() -> rx.Component:
    more = actions.button(_("Earlier days"), WhoLooked.on_earlier, kind="second", writes=False)
    return surfaces.stack(
        rx.cond(WhoLooked.days.length() > 0, rx.fragment(rx.foreach(WhoLooked.days, _day)), _nothing()),
        rx.cond(WhoLooked.has_more, more, rx.fragment()),
        rx.el.p(_("Does something look wrong to you? Call us and we look into it with you.")),
        call_us(),
    )


def _nothing() -> rx.Component:
    return states.empty(
        _("Nothing here"), _("As soon as somebody opens or changes this chart, it says so here."), icon=icons.check()
    )


def _day(day: rx.Var[Any]) -> rx.Component:
    own = dialog.disclosure(day["own_label"].to(str), surfaces.rows(each(rows_of(day, "own"), _own)))
    return rx.el.section(
        rx.el.h2(day["label"].to(str)),
        rx.cond(day["has_others"] != "", surfaces.rows(each(rows_of(day, "lines"), _line)), rx.fragment()),
        rx.cond(day["own_label"] != "", own, rx.fragment()),
        class_name="grid grid-cols-1 gap-3",
    )


def _line(row: Any) -> rx.Component:
    return surfaces.row_item(
        rx.el.div(
            rx.el.div(
                rx.el.b(rx.el.bdi(row["who_given"])),
                when_said(row["as"], rx.el.small),
                rx.el.span(row["what"]),
                when_said(row["why"], rx.el.small),
                class_name="row-words",
            ),
            rx.el.small(row["at"], class_name="tabular-nums"),
            class_name="grid gap-1 px-4 py-3",
        )
    )


def _own(row: Any) -> rx.Component:
    return surfaces.row_item(
        rx.el.div(
            rx.el.span(row["what"]),
            rx.el.small(row["at"], class_name="tabular-nums"),
            class_name="grid gap-1 px-4 py-3",
        )
    )


PAGE = Page(
    "/profile/who-looked", N_("Who looked"), build, policy="privacy.who_looked", audience="patient",
    on_load=WhoLooked.on_load,
)  # fmt: skip
