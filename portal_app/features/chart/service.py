"""Lists of medicines and allergies: read them, go through them, decide about what was said."""

from portal_app.features.chart.courses import medicine_steps
from portal_app.features.chart.deciding import decline_change, take_change
from portal_app.features.chart.entering import (
    add_entry,
    change_entry,
    end_entry,
    keep_to_patient,
    say_no_allergies,
)
from portal_app.features.chart.errors import (
    AllergiesKnown,
    AnswerSeen,
    ChangeDecided,
    EntryMovedOn,
    ListFull,
    ReviewIncomplete,
)
from portal_app.features.chart.reading import history_of, listed_person, lists_of, own_lists
from portal_app.features.chart.rules import SEVERITIES
from portal_app.features.chart.telling import add, answer, finish, review, review_state, say_none, withdraw
from portal_app.features.chart.views import Change, Entry, EntryVersion, ListedPerson, Lists, MedicineStep, Review

__all__ = [
    "SEVERITIES", "AllergiesKnown", "AnswerSeen", "Change", "ChangeDecided", "Entry", "EntryMovedOn", "EntryVersion",
    "ListFull", "ListedPerson", "Lists", "MedicineStep", "Review", "ReviewIncomplete", "add", "add_entry", "answer",
    "change_entry", "decline_change", "end_entry", "finish", "history_of", "keep_to_patient", "listed_person",
    "lists_of", "medicine_steps", "own_lists", "review", "review_state", "say_no_allergies", "say_none", "take_change",
    "withdraw",
]  # fmt: skip
