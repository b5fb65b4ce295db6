"""Who may look for charts and open them. Which charts they find, the database decides row by row."""

from portal_app.core import policy
from portal_app.core.actor import Role, Section, Verb

_ATTENDING = frozenset({Role.nurse, Role.clinician, Role.front_desk})

FIND = policy.register("patients.find", _ATTENDING, section=Section.profile, verb=Verb.view)
VIEW = policy.register("patients.view", _ATTENDING, section=Section.profile, verb=Verb.view)
REGISTER = policy.register("patients.register", public=True)
DECIDE = policy.register("patients.decide", {Role.front_desk}, section=Section.profile, verb=Verb.act)
OPEN_CHART = policy.register("patients.open_chart", {Role.system}, section=Section.profile, verb=Verb.act)
