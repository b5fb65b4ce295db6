"""The portal with holds as short as a test says, so that a warning and an end can be waited for.

Started as a process of its own; a test that imported it would shorten its own holds.
"""

from datetime import datetime, timedelta

from portal_app import portal_app
from portal_app.features.booking import rules
from portal_app.settings import get_settings
from tests.journeys.house import HOLD_FILE

app = portal_app.app


def _held_until(now: datetime) -> datetime:
    return now + timedelta(seconds=float((get_settings().data_dir / HOLD_FILE).read_text()))


rules.held_until = _held_until
