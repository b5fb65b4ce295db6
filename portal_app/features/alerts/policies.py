"""Who reads alerts and sees to them. Raising one is part of the act that raises it, and under that act's policy."""

from portal_app.core import policy
from portal_app.core.actor import Role

VIEW = policy.register("alerts.view", {Role.nurse, Role.clinician})
HANDLE = policy.register("alerts.handle", {Role.nurse, Role.clinician})
ESCALATE = policy.register("alerts.escalate", {Role.system})
VIEW_ROSTER = policy.register("alerts.view_roster", {Role.nurse, Role.clinician, Role.manager})
"""See who is on call, which is nobody's health."""
KEEP_ROSTER = policy.register("alerts.keep_roster", {Role.manager})
