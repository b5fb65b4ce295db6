"""Who reads and writes lists of medicines and allergies. Row by row, the database decides again.

The patient's side needs the section `results`: their lists are as private as what was found, and shared with it.
Whoever answers for them needs the section `forms` too.
"""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

SEE = policy.register("chart.see", LOOKING, assurance=2, section=Section.results, verb=Verb.view)
TELL = policy.register("chart.tell", PATIENT_SIDE, assurance=2, section=Section.forms, verb=Verb.act)
READ = policy.register("chart.read", {Role.clinician, Role.nurse}, section=Section.visits, verb=Verb.view)
WRITE = policy.register("chart.write", {Role.clinician, Role.nurse}, section=Section.visits, verb=Verb.act)
