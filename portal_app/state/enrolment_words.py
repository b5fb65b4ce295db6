"""How far somebody is on the way to an account, in words for staff."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.enrolment.views import EnrolmentView

_STAGES: Final = {
    "none": N_("Not invited yet"),
    "opened": N_("Opened on {day}, not finished"),
    "run_out": N_("Too old since {day}: invite again"),
    "worn_out": N_("Tried too many times: invite again"),
    "settling": N_("Signs in; first steps left: {steps}"),
    "in": N_("Signs in"),
}
_INVITED: Final = {"card": N_("Card made on {day}"), "mail": N_("E-mail sent on {day}")}
_TONES: Final = {"in": "good", "settling": "good", "run_out": "caution", "worn_out": "caution"}
STEP_NAMES: Final = {
    "language": N_("language"),
    "channel": N_("how to reach them"),
    "passkey": N_("passkey"),
    "portal": N_("what the portal is for"),
    "promises": N_("what we promise"),
}


def stage_words(found: EnrolmentView, zone: str) -> str:
    """Say how far somebody is."""
    moment = {"invited": found.invited_at, "opened": found.opened_at, "run_out": found.expires_at}.get(found.stage)
    day = day_words(moment, zone) if moment else ""
    steps = ", ".join(_(STEP_NAMES[step]) for step in found.steps_left)
    said = _INVITED[found.channel or "card"] if found.stage == "invited" else _STAGES[found.stage]
    return _(said).format(day=day, steps=steps)


def day_words(moment: datetime, zone: str) -> str:
    """Say the day of a moment at the practice."""
    return i18n.format_long_date(moment.astimezone(ZoneInfo(zone)).date())


def tone_of(stage: str) -> str:
    """Return the tone of a stage's tag."""
    return _TONES.get(stage, "info")
