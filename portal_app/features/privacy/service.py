"""Show people who looked at their chart; open one in an emergency, in plain sight."""

from portal_app.features.privacy.emergency import (
    end_opening,
    find_outside,
    open_in_emergency,
    open_now,
    openings,
    review_opening,
)
from portal_app.features.privacy.errors import LookRefused, OpenAlready
from portal_app.features.privacy.looked import lookers, who_looked
from portal_app.features.privacy.questions import answer_question, ask_about, own_questions, questions
from portal_app.features.privacy.refusing import allow_looks, are_looks_refused, may_refuse_looks, refuse_looks
from portal_app.features.privacy.rules import EMERGENCY_KINDS, SEEING_KINDS, Line, Side
from portal_app.features.privacy.seeing import look_now, note_page, see_as_patient, stop_seeing
from portal_app.features.privacy.sentences import sentence
from portal_app.features.privacy.views import (
    DayOfLines,
    Look,
    Looker,
    LookPage,
    LookQuery,
    Opening,
    OpeningView,
    OutsideChart,
    QuestionView,
    Who,
)

__all__ = [
    "EMERGENCY_KINDS", "SEEING_KINDS", "DayOfLines", "Line", "Look", "LookPage", "LookQuery", "LookRefused", "Looker",
    "OpenAlready", "Opening", "OpeningView", "OutsideChart", "QuestionView", "Side", "Who", "allow_looks",
    "answer_question", "are_looks_refused", "ask_about", "end_opening", "find_outside", "look_now", "lookers",
    "may_refuse_looks", "note_page", "open_in_emergency", "open_now", "openings", "own_questions", "questions",
    "refuse_looks", "review_opening", "see_as_patient", "sentence", "stop_seeing", "who_looked",
]  # fmt: skip
