"""Show people who looked at their chart."""

from portal_app.features.privacy.looked import lookers, who_looked
from portal_app.features.privacy.rules import Line, Side
from portal_app.features.privacy.sentences import sentence
from portal_app.features.privacy.views import DayOfLines, Looker, LookPage, LookQuery, Who

__all__ = ["DayOfLines", "Line", "LookPage", "LookQuery", "Looker", "Side", "Who", "lookers", "sentence", "who_looked"]
