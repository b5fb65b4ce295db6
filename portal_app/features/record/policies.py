"""Who may take a chart away."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE

TAKE = policy.register("record.take", PATIENT_SIDE, assurance=2)
"""Names no section: each part of the chart is asked for by its own, and what is not shared stays out."""
