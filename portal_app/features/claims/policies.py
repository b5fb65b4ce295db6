"""Who prepares claims."""

from portal_app.core import policy
from portal_app.core.actor import Role

PREPARE = policy.register("claims.prepare", {Role.billing})
