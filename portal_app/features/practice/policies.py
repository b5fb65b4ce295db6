"""Who may look at the practice's own facts."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE, STAFF

VIEW = policy.register("practice.view", PATIENT_SIDE | STAFF)
VIEW_NAME = policy.register("practice.view_name", public=True)
