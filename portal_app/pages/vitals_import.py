"""Readings from a file: choose it, see what would be kept, keep it."""

from typing import Any

import reflex as rx

from portal_app.components import skeleton
from portal_app.components.reading_import import reading_import
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import focus_page, path
from portal_app.state import vital_words as words
from portal_app.state.vitals_import import VitalsImport
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    whose = {"chart": VitalsImport.chart, "zone": VitalsImport.zone}
    steps = reading_import(_words(), locale=i18n.current(), back=path("/vitals"), **whose)
    return focus_page(
        _("Readings from a file"),
        skeleton.until(VitalsImport.zone != "", skeleton.card(420), steps, loading=_("Opening the page")),
        back="/vitals",
    )


def _words() -> dict[str, Any]:
    return _choosing() | _seeing() | _reasons()


def _choosing() -> dict[str, Any]:
    return {
        "intro": _("Bring readings from another app or device. You see them before anything is kept."),
        "own": _("The file that this portal gives you (CSV)."),
        "devices": _("A file of a device or its app, such as OMRON connect, Withings, Accu-Chek or LibreView (CSV)."),
        "plain": _("Or a list with these columns:"),
        "file": _("Choose the file (CSV)"),
        "back": _("See all readings"),
        "wrong": {
            "columns": _("We cannot find the columns in this file. Is it of a kind below?"),
            "long": _("This file is too long. Bring at most 2,000 lines at once."),
            "often": _("That was many files in a short time. Try again in an hour."),
            "away": _("We cannot be reached right now. Nothing was kept. Try again in a moment."),
        },
    }


def _seeing() -> dict[str, Any]:
    return {
        "seen": _("What is in your file"),
        "asks": _("Which day does your file mean by this?"),
        "counted": {
            "new": _("new, to be kept"),
            "there": _("already here: they are left out"),
            "unusual": _("with unusual numbers"),
            "fault": _("that we cannot read: they are left out"),
        },
        "standings": {
            "new": _("New."), "there": _("Already here."), "unusual": _("Unusual."), "fault": _("Left out."),
        },
        "sure": _("The unusual numbers are right: keep them too"),
        "keep": _("Keep {count}"),
        "nothing": _("There is nothing new to keep."),
        "other": _("Choose another file"),
        "lines": _("Lines of the file"),
        "columns": [_("Line of the file")],
        "names": {code: _(name) for code, name in words.NAMES.items()},
        "kept": _("Kept"),
        "keptCount": _("Readings kept: {count}. Your care team can see them. If you feel unwell, call."),
        "see": _("See all readings"),
    }  # fmt: skip


def _reasons() -> dict[str, Any]:
    return {
        "doubts": {code: _(said) for code, said in words.DOUBTS.items()},
        "faults": {
            "date": _("Write the day like 2026-03-31."),
            "order": _("This may be two days: choose above which one it is."),
            "untimed": _("The file says no time: it is kept at noon."),
            "time": _("The time cannot be read, or cannot be."),
            "number": _("A number cannot be read, or cannot be."),
            "measure": _("This portal does not know what was measured."),
            "unit": _("This unit does not belong to what was measured."),
            "unitless": _("No unit: write it in the name of the column, like Weight (kg)."),
            "sensor": _("From a sensor under the skin: only measurements of a drop of blood are kept here."),
            "control": _("A test of the device, not of you."),
            "nothing": _("Nothing that this portal keeps is in this line."),
            "note": _("The note is too long."),
        },
    }


PAGE = Page(
    "/vitals/import", N_("Readings from a file"), build, policy="vitals.log", audience="patient",
    on_load=VitalsImport.on_load,
)  # fmt: skip
