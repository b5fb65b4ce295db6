"""Who looked: every view and change of a chart, day by day."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, icons, skeleton, states, surfaces
from portal_app.components.kinds import each, rows_of, when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import call_us, focus_page
from portal_app.pages._look_refusal import refusal_part
from portal_app.state.look_refusal import LookRefusal
from portal_app.state.who_looked import WhoLooked
from portal_app.web.page import Page

FORM = "doubt-form"


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
            surfaces.stack(
                _said.done(WhoLooked.news),
                _choices(),
                _trail(),
                rx.cond(WhoLooked.questions.length() > 0, _questions(), rx.fragment()),
                rx.el.p(_("Does something look wrong to you? Say so at its line, or call us.")),
                call_us(),
                refusal_part(),
            ),
            loading=_("Opening who looked"),
        ),
        _doubt(),
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
            rx.cond(row["side"] == "portal", rx.fragment(), _says_so(row)),
            class_name="grid justify-items-start gap-1 px-4 py-3",
        )
    )


def _says_so(row: Any) -> rx.Component:
    named = rx.Var.create(_("This looks wrong") + ": ").to(str) + row["who_given"].to(str) + ", " + row["what"].to(str)
    return actions.button(
        _("This looks wrong"), WhoLooked.on_doubt(row["id"]), kind="quiet", fits=True, writes=False,
        accessible_name=named,
    )  # fmt: skip


def _questions() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(
            rx.el.div(
                rx.el.span(row["about"]),
                when_said(row["typed"], lambda text: rx.el.q(rx.el.bdi(text))),
                when_said(row["stands"], rx.el.small),
                when_said(row["answer_given"], lambda text: rx.el.p(rx.el.b(_("Our answer:")), " ", rx.el.bdi(text))),
                class_name="grid gap-1 px-4 py-3",
            )
        )

    return surfaces.section(_("What you asked"), surfaces.rows(rx.foreach(WhoLooked.questions, one)))


def _doubt() -> rx.Component:
    return dialog.dialog(
        "doubt",
        _("What looks wrong?"),
        errors.error_summary(
            _("There is a problem"),
            [{"field": "words", "text": WhoLooked.words_error}],
            is_shown=WhoLooked.words_error != "",
            moment=WhoLooked.attempt,
        ),
        rx.el.p(WhoLooked.asking_about),
        rx.cond(
            WhoLooked.asking != "",
            rx.el.form(
                fields.multi_line(
                    "words", _("A few words (optional)"), error=WhoLooked.words_error, rows=3,
                    hint=_("Whoever looks after privacy at the practice reads this."),
                ),
                on_submit=WhoLooked.on_ask,
                custom_attrs={"id": FORM, "noValidate": True},
            ),
            rx.fragment(),
        ),
        is_open=WhoLooked.asking != "",
        on_dismiss=WhoLooked.on_no_doubt,
        actions=[
            actions.submit(_("Ask the practice to look into it"), form=FORM),
            actions.button(_("It is fine"), WhoLooked.on_no_doubt, kind="second", writes=False),
        ],
    )  # fmt: skip


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
    on_load=[LookRefusal.on_load, WhoLooked.on_load],
)  # fmt: skip
