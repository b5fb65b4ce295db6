"""Who may say what about a person: they themself, a caregiver who may act in the profile, and staff to put back."""

from portal_app.core import policy
from portal_app.core.actor import LOOKING, PATIENT_SIDE, STAFF, Role, Section, Verb

VIEW_ME = policy.register("profile.view_me", LOOKING | STAFF)
VIEW = policy.register("profile.view", LOOKING, section=Section.profile, verb=Verb.view)
CHANGE = policy.register("profile.change", PATIENT_SIDE, section=Section.profile, verb=Verb.act)
NAME_EMERGENCY = policy.register(
    "profile.name_emergency", PATIENT_SIDE, assurance=2, section=Section.profile, verb=Verb.act
)
"""Say whom to call in an emergency: a contact detail, so it wants more than a code alone."""
CHOOSE_LOOK = policy.register("profile.choose_look", PATIENT_SIDE | STAFF)
CHOOSE_CHANNELS = policy.register("profile.choose_channels", PATIENT_SIDE)
CHANGE_CONTACT = policy.register("profile.change_contact", PATIENT_SIDE, assurance=2)
TELL_CONTACT = policy.register("profile.tell_contact", {Role.system})
UNDO_CONTACT = policy.register("profile.undo_contact", {Role.front_desk}, section=Section.profile, verb=Verb.act)
_ATTENDING = {Role.front_desk, Role.nurse, Role.clinician}
SEE_CHANGES = policy.register("profile.see_changes", _ATTENDING, section=Section.profile, verb=Verb.view)
"""See what a patient changed about themself before a visit, old and new."""
ACCEPT_CHANGE = policy.register("profile.accept_change", _ATTENDING, section=Section.profile, verb=Verb.act)
PUT_BACK = policy.register("profile.put_back", {Role.system}, section=Section.profile, verb=Verb.act)
