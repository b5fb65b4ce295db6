"""Take your record with you: what is in it, and the two files."""

import reflex as rx

from portal_app.components import actions, skeleton, surfaces
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page
from portal_app.state.record import TakeRecord
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("Take your record with you"),
        rx.el.p(_("Everything in this chart that you can see here, as files on your device.")),
        skeleton.until(
            TakeRecord.is_ready,
            surfaces.stack(skeleton.rows(1, 120), skeleton.rows(2, 56), skeleton.rows(8, 60)),
            surfaces.stack(
                rx.cond(TakeRecord.whose != "", rx.el.p(TakeRecord.whose, dir="auto"), rx.fragment()),
                surfaces.banner(
                    _("Whoever opens the files reads all of it. Save them only on a device that is yours."),
                    tone="caution",
                ),
                _files(),
                surfaces.section(_("What is in it"), _names(TakeRecord.parts)),
                rx.cond(
                    TakeRecord.left_out.length() > 0,
                    surfaces.section(_("Not shared with you"), _names(TakeRecord.left_out)),
                    rx.fragment(),
                ),
                rx.el.p(_("That you took it is written down in “Who looked”.")),
                call_us(),
            ),
            loading=_("Opening your record"),
        ),
        back="/profile",
    )


def _files() -> rx.Component:
    def file(words: str, name: str, kind: actions.Kind) -> rx.Component:
        return actions.document_link(words, f"/record/{name}?in={i18n.current()}", kind=kind)

    return surfaces.stack(
        file(_("Save it to read (PDF)"), "record.pdf", "primary"),
        file(_("Save it for a program (JSON)"), "record.json", "second"),
    )


def _names(rows: rx.Var[list[dict[str, str]]]) -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        return rx.el.li(row["title"])

    return rx.el.ul(rx.foreach(rows, one), class_name="list-disc ps-6 grid gap-1")


PAGE = Page(
    "/profile/record", N_("Take your record with you"), build, policy="record.take", audience="patient",
    on_load=TakeRecord.on_load, steps_up=True,
)  # fmt: skip
