"""Who may send messages and read the demo's mailbox. Messages are left by other features' services, not by people."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE, Role

DELIVER = policy.register("notify.deliver", {Role.system})
PUSH = policy.register("notify.push", PATIENT_SIDE)
SWEEP = policy.register("notify.sweep", {Role.system})
DEMO_OUTBOX = policy.register("notify.demo_outbox", public=True, demo_only=True)
