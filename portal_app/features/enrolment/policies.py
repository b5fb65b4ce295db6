"""Who may invite people to the portal, and who may answer the invitation."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE, Role, Section, Verb

_INVITING = frozenset({Role.nurse, Role.clinician, Role.front_desk})

ISSUE = policy.register("enrolment.issue", _INVITING, section=Section.booking, verb=Verb.act)
ACTIVATE = policy.register("enrolment.activate", public=True)
SETTLE_IN = policy.register("enrolment.settle_in", PATIENT_SIDE)
SEND = policy.register("enrolment.send", {Role.system})
SWEEP = policy.register("enrolment.sweep", {Role.system})
