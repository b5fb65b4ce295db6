"""Show people who looked at their chart; open one in an emergency, in plain sight."""

from portal_app.features.privacy.emergency import (
    end_opening,
    find_outside,
    open_in_emergency,
    open_now,
    openings,
    review_opening,
)
from portal_app.features.privacy.errors import OpenAlready
from portal_app.features.privacy.looked import lookers, who_looked
from portal_app.features.privacy.questions import answer_question, ask_about, own_questions, questions
from portal_app.features.privacy.rules import EMERGENCY_KINDS, Line, Side
from portal_app.features.privacy.seeing import see_as_patient
from portal_app.features.privacy.sentences import sentence
from portal_app.features.privacy.views import (
    DayOfLines,
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
    "EMERGENCY_KINDS", "DayOfLines", "Line", "LookPage", "LookQuery", "Looker", "OpenAlready", "Opening",
    "OpeningView", "OutsideChart", "QuestionView", "Side", "Who", "answer_question", "ask_about", "end_opening",
    "find_outside", "lookers", "open_in_emergency", "open_now", "openings", "own_questions", "questions",
    "review_opening", "see_as_patient", "sentence", "who_looked",
]  # fmt: skip
