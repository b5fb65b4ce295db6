"""Rules by age, and limits that come before them: what other features and the screens may call."""

from portal_app.features.ages.closing import closed_by_age

__all__ = ["closed_by_age"]
