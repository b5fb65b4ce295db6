"""Rules by age, and limits that come before them: what other features and the screens may call."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from portal_app.core.db import Transaction
from portal_app.features.ages.changing import (
    approve_version,
    date_version,
    preview_version,
    rule_versions,
    withdraw_version,
)
from portal_app.features.ages.closing import closed_by_age
from portal_app.features.ages.counting import choose_state, counting_state, preview_counting
from portal_app.features.ages.limits import lift_limit, limits_of, set_court_limit, suspect_abuse
from portal_app.features.ages.states import chart_state, preview_state, set_state

OfRule = Callable[[Transaction, UUID], Awaitable[None]]
"""What is done with one version of a rule."""

__all__ = [
    "OfRule", "approve_version", "chart_state", "choose_state", "closed_by_age", "counting_state", "date_version",
    "lift_limit", "limits_of", "preview_counting", "preview_state", "preview_version", "rule_versions",
    "set_court_limit", "set_state", "suspect_abuse", "withdraw_version",
]  # fmt: skip
