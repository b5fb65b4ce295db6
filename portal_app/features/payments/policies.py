"""Who pays, and who hears what the processor tells."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

PAY = policy.register("payments.pay", PATIENT_SIDE, assurance=2, section=Section.bills, verb=Verb.act)
SEE_PLAN = policy.register("payments.see_plan", LOOKING, assurance=2, section=Section.bills, verb=Verb.view)
"""Look at a payment plan; beginning one and stopping it is paying."""
SEE_OUTCOME = policy.register("payments.see_outcome", PATIENT_SIDE, assurance=2, section=Section.bills, verb=Verb.view)
PAY_BY_LINK = policy.register("payments.pay_by_link", public=True)
TAKE_EVENT = policy.register("payments.take_event", public=True)
SETTLE = policy.register("payments.settle", {Role.system})
