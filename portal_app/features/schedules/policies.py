"""Who may see and change when times are offered. What of it is theirs, the database decides row by row."""

from portal_app.core import policy
from portal_app.core.actor import Role, Section, Verb

EDIT = policy.register("schedules.edit", {Role.manager, Role.clinician})
EDIT_PRACTICE = policy.register("schedules.edit_practice", {Role.manager})
REHOME = policy.register(
    "schedules.rehome", {Role.nurse, Role.clinician, Role.front_desk}, section=Section.booking, verb=Verb.act
)
SETTLE = policy.register("schedules.settle", {Role.system}, section=Section.booking, verb=Verb.act)
FILL_HOLIDAYS = policy.register("schedules.fill_holidays", {Role.system})
