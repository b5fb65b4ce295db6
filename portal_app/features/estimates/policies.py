"""Who asks for estimates, sees them and says what they are made of. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

SEE = policy.register("estimates.see", LOOKING, assurance=2, section=Section.bills, verb=Verb.view)
ASK = policy.register("estimates.ask", PATIENT_SIDE, assurance=2, section=Section.bills, verb=Verb.act)
KEEP = policy.register("estimates.keep", {Role.billing})
GIVE = policy.register("estimates.give", {Role.system})
