"""Who says what insurance somebody has, and who looks at it. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

_DESKS = frozenset({Role.front_desk, Role.billing})

SEE = policy.register("coverage.see", LOOKING, assurance=2, section=Section.bills, verb=Verb.view, seen_by="coverage")
"""The front desk looks after coverage, and sees no bills."""
CHANGE = policy.register("coverage.change", PATIENT_SIDE, assurance=2, section=Section.bills, verb=Verb.act)
REVIEW = policy.register("coverage.review", _DESKS)
KNOW = policy.register("coverage.know", {Role.front_desk, Role.nurse, Role.clinician})
"""Know that an insurance waits to be looked at, and nothing of what it says."""
ASK = policy.register("coverage.ask", PATIENT_SIDE | _DESKS, assurance=2, section=Section.bills, verb=Verb.act)
ANSWER = policy.register("coverage.answer", {Role.system})
FILL = policy.register("coverage.fill_payers", {Role.system})
IDENTIFY = policy.register("coverage.identify", {Role.manager})
