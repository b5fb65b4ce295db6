"""Which readings of a measure are looked at: all, those of a part of the day, or those of one context. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.features.vitals.averaging import part_of_day
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.views import ReadingView, Surplus

OF_DAY: Final = ("morning", "evening")
_OF_NO_HOUR: Final = frozenset({"steps"})
OF_PART: Final = """
case when :part in ('morning', 'evening') then :part = case
    when extract(hour from r.taken_at at time zone r.zone) between 4 and 11 then 'morning'
    when extract(hour from r.taken_at at time zone r.zone) between 12 and 15 then '' else 'evening' end
  else :part in ('', r.context) end
"""
"""The same as `is_of`, of a reading `r` in the database."""


def parts_of(measure: str) -> Sequence[str]:
    """Return what can be looked at of a measure by itself: its contexts, else parts of the day."""
    return MEASURES[measure].contexts or (() if measure in _OF_NO_HOUR else OF_DAY)


def is_of(one: ReadingView, part: str) -> bool:
    """Tell whether a reading is one of these; "" are all."""
    return not part or part == (_part_at(one.taken_at, one.zone) if part in OF_DAY else one.context)


def is_counted_in(one: Surplus, part: str, zone: str) -> bool:
    """Tell whether what was only counted began in this part of the day; nobody noted a context of it."""
    return not part or part == _part_at(one.first_at, zone)


def _part_at(moment: datetime, zone: str) -> str:
    return part_of_day(moment.astimezone(ZoneInfo(zone)))
