"""Who may wait, offer and answer. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

_ATTENDING = frozenset({Role.nurse, Role.clinician, Role.front_desk})

ASK = policy.register("waiting.ask", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
VIEW = policy.register("waiting.view", LOOKING, section=Section.booking, verb=Verb.view)
ANSWER_OFFER = policy.register("waiting.answer_offer", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
VIEW_LINE = policy.register("waiting.view_line", _ATTENDING, section=Section.booking, verb=Verb.view)
SET_PRIORITY = policy.register(
    "waiting.set_priority", {Role.nurse, Role.clinician}, section=Section.booking, verb=Verb.act
)
ASK_FOR = policy.register("waiting.ask_for", _ATTENDING, section=Section.booking, verb=Verb.act)
TAKE_OFF = policy.register("waiting.take_off", _ATTENDING, section=Section.booking, verb=Verb.act)
ANSWER_FOR = policy.register("waiting.answer_for", _ATTENDING, section=Section.booking, verb=Verb.act)
ANSWER_REQUEST = policy.register("waiting.answer_request", _ATTENDING, section=Section.booking, verb=Verb.act)
REPORT = policy.register("waiting.report", _ATTENDING | {Role.manager})
OFFER = policy.register("waiting.offer", {Role.system}, section=Section.booking, verb=Verb.act)
