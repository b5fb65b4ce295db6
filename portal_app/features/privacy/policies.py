"""Who may read who looked at a chart."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE, Section, Verb

LOOK = policy.register("privacy.who_looked", PATIENT_SIDE, section=Section.profile, verb=Verb.view)
