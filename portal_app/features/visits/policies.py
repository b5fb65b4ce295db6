"""Who may join, host and come in by a link. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

_HOSTS = frozenset({Role.nurse, Role.clinician})

VIEW = policy.register("visits.view", LOOKING, section=Section.visits, verb=Verb.view)
JOIN = policy.register("visits.join", PATIENT_SIDE, section=Section.visits, verb=Verb.act)
AGREE = policy.register("visits.agree", PATIENT_SIDE, section=Section.visits, verb=Verb.act)
ROOM = policy.register("visits.room", PATIENT_SIDE | _HOSTS | {Role.guest}, section=Section.visits, verb=Verb.act)
HOST = policy.register("visits.host", _HOSTS, section=Section.visits, verb=Verb.act)
REDEEM = policy.register("visits.redeem", public=True)
SET_UP = policy.register("visits.set_up", {Role.manager})
SWEEP = policy.register("visits.sweep", {Role.system}, section=Section.visits, verb=Verb.act)
TELL_TURN = policy.register("visits.tell_turn", {Role.system}, section=Section.visits, verb=Verb.view)
ENTER_ROOM = policy.register("visits.enter_room", public=True)
"""What the pages of rooms send, a guest's among them: behind it each service asks `ROOM` of whoever acts."""
