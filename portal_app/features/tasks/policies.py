"""Who may see and handle what is to be done. Which kinds concern which role, the database decides row by row."""

from portal_app.core import policy
from portal_app.core.actor import STAFF, Role

VIEW = policy.register("tasks.view", STAFF)
HANDLE = policy.register("tasks.handle", STAFF)
TELL_LATE = policy.register("tasks.tell_late", {Role.system})
