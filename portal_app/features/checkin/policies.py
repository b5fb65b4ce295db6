"""Who checks in for a visit, who does so for somebody at the desk, and who says when it opens."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

SEE = policy.register("checkin.see", LOOKING, section=Section.booking, verb=Verb.view)
ACT = policy.register("checkin.act", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
AT_DESK = policy.register(
    "checkin.at_desk", {Role.nurse, Role.clinician, Role.front_desk}, section=Section.booking, verb=Verb.act
)
SET_RULE = policy.register("checkin.set_rule", {Role.manager})
