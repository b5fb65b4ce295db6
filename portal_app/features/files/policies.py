"""Who may ask for a file. Which files, row-level security says."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE, STAFF

DOWNLOAD = policy.register("files.download", PATIENT_SIDE | STAFF)
