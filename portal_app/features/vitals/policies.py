"""Who sees and enters readings. Row by row, the database decides again, by the section `vitals` of the chart."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

SEE = policy.register("vitals.see", LOOKING, assurance=2, section=Section.vitals, verb=Verb.view)
LOG = policy.register("vitals.log", PATIENT_SIDE, assurance=2, section=Section.vitals, verb=Verb.act)
WATCH = policy.register("vitals.watch", {Role.nurse, Role.clinician}, section=Section.vitals, verb=Verb.view)
PLAN = policy.register("vitals.plan", {Role.nurse, Role.clinician}, section=Section.vitals, verb=Verb.act)
SET_RANGE = policy.register("vitals.set_range", {Role.clinician}, section=Section.vitals, verb=Verb.act)
REVIEW = policy.register("vitals.review", {Role.clinician})
FOLLOW = policy.register("vitals.follow", {Role.system})
