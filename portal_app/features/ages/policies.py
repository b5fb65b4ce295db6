"""Who may change rules by age, and limit what somebody sees of a chart."""

from portal_app.core import policy
from portal_app.core.actor import Role, Section, Verb

CHANGE_RULES = policy.register("ages.change_rules", {Role.manager})
LIMIT = policy.register("ages.limit", {Role.front_desk}, section=Section.profile, verb=Verb.act)
SET_STATE = policy.register("ages.set_state", {Role.front_desk}, section=Section.profile, verb=Verb.act)
TURN = policy.register("ages.turn", {Role.system})
