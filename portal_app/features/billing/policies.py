"""Who sees charges and corrects them. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import Role

VIEW_CHARGES = policy.register("billing.view_charges", {Role.billing, Role.clinician})
CORRECT_CHARGE = policy.register("billing.correct_charge", {Role.billing, Role.clinician})
FILL_CODES = policy.register("billing.fill_codes", {Role.system})
