"""Who may look at the practice's own facts, and who keeps them."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, STAFF, Role

VIEW = policy.register("practice.view", LOOKING | STAFF)
VIEW_NAME = policy.register("practice.view_name", public=True)
VIEW_CHECKS = policy.register("practice.view_checks", {Role.manager})
CHANGE_FACTS = policy.register("practice.change_facts", {Role.manager})
CHANGE_PROFILE = policy.register("practice.change_profile", {Role.manager, Role.clinician})
FLAG_STALE = policy.register("practice.flag_stale", {Role.system})
