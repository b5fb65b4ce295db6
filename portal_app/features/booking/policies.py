"""Who may find, book, change and look at appointments. Row by row, the database decides again."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, Role, Section, Verb

_ATTENDING = frozenset({Role.nurse, Role.clinician, Role.front_desk})

FIND = policy.register("booking.find", LOOKING, section=Section.booking, verb=Verb.view)
HOLD = policy.register("booking.hold", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
BOOK = policy.register("booking.book", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
OVERBOOK = policy.register(
    "booking.overbook", {Role.clinician, Role.front_desk, Role.manager}, section=Section.booking, verb=Verb.act
)
BOOK_FOR = policy.register("booking.book_for", _ATTENDING, section=Section.booking, verb=Verb.act)
BLOCK = policy.register("booking.block", _ATTENDING, section=Section.booking, verb=Verb.act)
SAY_DELAY = policy.register("booking.say_delay", _ATTENDING, section=Section.booking, verb=Verb.act)
CANCEL = policy.register("booking.cancel", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
CONFIRM = policy.register("booking.confirm", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
MOVE = policy.register("booking.move", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
KEEP_PRIVATE = policy.register("booking.keep_private", {Role.patient}, section=Section.booking, verb=Verb.act)
VIEW = policy.register("booking.view", LOOKING | _ATTENDING | {Role.system}, section=Section.booking, verb=Verb.view)
CALENDAR_FILE = policy.register("booking.calendar_file", PATIENT_SIDE, section=Section.booking, verb=Verb.view)
VIEW_DAY = policy.register("booking.view_day", _ATTENDING, section=Section.booking, verb=Verb.view)
CHANGE_DAY = policy.register("booking.change_day", _ATTENDING, section=Section.booking, verb=Verb.act)
ARRIVE = policy.register("booking.arrive", PATIENT_SIDE, section=Section.booking, verb=Verb.act)
SEND_MESSAGE = policy.register("booking.send_message", {Role.system}, section=Section.booking, verb=Verb.view)
SWEEP = policy.register("booking.sweep", {Role.system}, section=Section.booking, verb=Verb.act)
KEEP_PROMISES = policy.register("booking.keep_promises", {Role.system}, section=Section.booking, verb=Verb.act)
READ_LINK = policy.register("booking.read_link", public=True)
ANSWER_LINK = policy.register("booking.answer_link", public=True)
