"""Who sees charges and corrects them. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

VIEW_CHARGES = policy.register("billing.view_charges", {Role.billing, Role.clinician})
REVIEW = policy.register("billing.review", {Role.billing})
FILL_CODES = policy.register("billing.fill_codes", {Role.system})
SEE_BILLS = policy.register("billing.see_bills", LOOKING, assurance=2, section=Section.bills, verb=Verb.view)
TAKE_STATEMENT = policy.register(
    "billing.take_statement", PATIENT_SIDE, assurance=2, section=Section.bills, verb=Verb.view
)
"""Have a statement of today made."""
KEEP_BOOKS = policy.register("billing.keep_books", {Role.billing, Role.system})
ASK = policy.register("billing.ask", PATIENT_SIDE, assurance=2, section=Section.bills, verb=Verb.act)
SET_UP = policy.register("billing.set_up", {Role.manager})
SETTLE_REFUNDS = policy.register("billing.settle_refunds", {Role.system})
MAKE_STATEMENTS = policy.register("billing.make_statements", {Role.system})
CHECK_BALANCES = policy.register("billing.check_balances", {Role.system})
