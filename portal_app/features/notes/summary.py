"""A summary as parts and lines in the current language, for the screen and for paper alike."""

from typing import Final

from portal_app.core.i18n import _
from portal_app.core.printing import Line, Part
from portal_app.features.notes.rules import ITEMS, Summary
from portal_app.features.notes.sentences import TITLES, sentence, when_taken

_ORDER: Final = tuple(TITLES)


def parts_of(summary: Summary, *, phone: str, emergency_phone: str, written_in: str) -> tuple[Part, ...]:
    """Return what a summary says; parts without lines are left out, except that no medicine is new."""
    found = (_part(summary, name, phone, emergency_phone, written_in) for name in _ORDER)
    return tuple(part for part in found if part.lines)


def _part(summary: Summary, name: str, phone: str, emergency_phone: str, written_in: str) -> Part:
    lines = _medicines(summary) if name == "medicines" else _lines(summary, name, written_in)
    intro = ""
    if name == "warning" and lines:
        intro = _("If one of these happens, call {number} at once:").format(number=emergency_phone)
    if name == "call" and phone:
        intro = _("Our number: {phone}").format(phone=phone)
    return Part(name, _(TITLES[name]), lines, intro)


def _lines(summary: Summary, name: str, written_in: str) -> tuple[Line, ...]:
    picked = [Line(sentence(name, one)) for one in getattr(summary, name)] if name in ITEMS else []
    own = summary.own_words.get(name, "")
    return (*picked, *([Line(own, language=written_in)] if own else []))


def _medicines(summary: Summary) -> tuple[Line, ...]:
    if not summary.medicines:
        return (Line(_("No new medicine. Take what you took before as you did.")),)
    return tuple(
        Line(f"{one.name} · {one.dose}" if one.dose else one.name, when_taken(one)) for one in summary.medicines
    )
