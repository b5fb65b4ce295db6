"""Who may read who looked at a chart, open one in an emergency, and look into both."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE, Role, Section, Verb

_CLINICAL = {Role.nurse, Role.clinician}

LOOK = policy.register("privacy.who_looked", PATIENT_SIDE, assurance=2, section=Section.profile, verb=Verb.view)
ASK = policy.register("privacy.ask", PATIENT_SIDE, assurance=2, section=Section.profile, verb=Verb.view)
OPEN = policy.register("privacy.open_in_emergency", _CLINICAL)
SEE = policy.register("privacy.see_as_patient", _CLINICAL | {Role.front_desk}, section=Section.booking, verb=Verb.view)
STOP = policy.register("privacy.stop_seeing", public=True)
LOOK_OVER = policy.register("privacy.look_over", set(Role) - {Role.system, Role.guest, Role.held_back})
"""Read that a look is on, or over: a page that shows nothing of anybody's, and so is there for whoever signs in."""
REFUSE = policy.register("privacy.refuse_looks", PATIENT_SIDE, assurance=2)
"""The patient, and for a small child whoever acts for it: the database decides which (`decides_on_looks`)."""
REVIEW = policy.register("privacy.review", {Role.manager})
TELL = policy.register("privacy.tell_managers", {Role.system})
