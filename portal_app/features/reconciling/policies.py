"""Who works on the money that is online. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import Role

WORK = policy.register("reconciling.work", {Role.billing})
KEEP = policy.register("reconciling.keep", {Role.system})
