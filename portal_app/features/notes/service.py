"""Write the note of a visit, end it, sign it, and read what remains of it."""

from portal_app.core.printing import Line, Part
from portal_app.features.notes.codes import fill_diagnoses, find_diagnoses, known_diagnoses
from portal_app.features.notes.errors import (
    EndingIncomplete,
    NoteChanged,
    NoteEmpty,
    NoteSigned,
    NoteUnsigned,
    VisitNotHeld,
)
from portal_app.features.notes.facts import facts_of
from portal_app.features.notes.past import SummaryFile, ended, may_read_own, past_visit, summary_file
from portal_app.features.notes.rating import STARS, my_rating, rate_visit, rating_report
from portal_app.features.notes.reading import can_write, last_note, note, unsigned, visit_at_work
from portal_app.features.notes.signing import Ending, is_held, sign_visit
from portal_app.features.notes.summary import parts_of
from portal_app.features.notes.views import (
    Addendum,
    Diagnosis,
    Facts,
    LastNote,
    NoteView,
    PastVisit,
    RatingRow,
    Unsigned,
    VisitAtWork,
)
from portal_app.features.notes.writing import add_to_note, save_note

__all__ = [
    "STARS", "Addendum", "Diagnosis", "Ending", "EndingIncomplete", "Facts", "LastNote", "Line", "NoteChanged",
    "NoteEmpty", "NoteSigned", "NoteUnsigned", "NoteView", "Part", "PastVisit", "RatingRow", "SummaryFile",
    "Unsigned", "VisitAtWork", "VisitNotHeld", "add_to_note", "can_write", "ended", "facts_of", "fill_diagnoses",
    "find_diagnoses", "is_held", "known_diagnoses", "last_note", "may_read_own", "my_rating", "note", "parts_of",
    "past_visit", "rate_visit", "rating_report", "save_note", "sign_visit", "summary_file", "unsigned",
    "visit_at_work",
]  # fmt: skip
