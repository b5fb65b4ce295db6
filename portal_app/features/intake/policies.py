"""Who fills in forms, who reads what was answered, and who decides what is asked."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

SEE = policy.register("intake.see", LOOKING, section=Section.forms, verb=Verb.view)
FILL_IN = policy.register("intake.fill_in", PATIENT_SIDE, section=Section.forms, verb=Verb.act)
READ = policy.register("intake.read", {Role.clinician, Role.nurse}, section=Section.forms, verb=Verb.view)
CHOOSE = policy.register("intake.choose_forms", {Role.manager})
ASSIGN = policy.register("intake.assign", {Role.clinician, Role.nurse}, section=Section.forms, verb=Verb.view)
REMIND = policy.register("intake.remind", {Role.system})
