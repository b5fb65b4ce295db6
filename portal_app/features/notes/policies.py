"""Who writes, reads and signs notes, and who is told what. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

READ = policy.register("notes.read", {Role.clinician, Role.nurse}, section=Section.notes, verb=Verb.view)
WRITE = policy.register("notes.write", {Role.clinician}, section=Section.notes, verb=Verb.act)
SIGN = policy.register("notes.sign", {Role.clinician}, section=Section.notes, verb=Verb.act)
SEE_ENDED = policy.register("notes.see_ended", LOOKING, section=Section.visits, verb=Verb.view)
READ_OWN = policy.register("notes.read_own", LOOKING, assurance=2, section=Section.notes, verb=Verb.view)
RATE = policy.register("notes.rate", PATIENT_SIDE, section=Section.visits, verb=Verb.act)
SEE_RATINGS = policy.register("notes.see_ratings", {Role.manager})
TELL_SUMMARY = policy.register("notes.tell_summary", {Role.system})
FILL_CODES = policy.register("notes.fill_codes", {Role.system})
