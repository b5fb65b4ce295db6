"""Who may ask to be called, and who calls. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

ASK = policy.register("callback.ask", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
VIEW = policy.register("callback.view", LOOKING, section=Section.booking, verb=Verb.view)
ANSWER = policy.register(
    "callback.answer", {Role.nurse, Role.clinician, Role.front_desk, Role.billing}, section=Section.booking,
    verb=Verb.act,
)  # fmt: skip
