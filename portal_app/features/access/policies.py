"""Who may sign in, sign out and look at their own session."""

from portal_app.core import policy
from portal_app.core.actor import PATIENT_SIDE, STAFF, Role, Section, Verb

EVERYBODY = PATIENT_SIDE | STAFF
UNPROVEN = frozenset({Role.unproven})
"""Staff before their second factor: what they need to give it, and the way out."""
HELD_BACK = frozenset({Role.held_back})
"""Owners of passkeys after a code alone: ways to prove themselves, shutting a lost device out, and the way out."""

ASK_CODE = policy.register("access.ask_code", public=True)
CHECK_CODE = policy.register("access.check_code", public=True)
LEAVE = policy.register("access.leave", public=True)
READ_IN_LANGUAGE = policy.register("access.read_in_language", public=True)
SIGN_OUT = policy.register("access.sign_out", EVERYBODY | UNPROVEN | HELD_BACK)
WHO_AM_I = policy.register("access.who_am_i", EVERYBODY)
CHOOSE_LANGUAGE = policy.register("access.choose_language", EVERYBODY | UNPROVEN | HELD_BACK)
USE_PASSKEY = policy.register("access.use_passkey", public=True)
ADD_PASSKEY = policy.register("access.add_passkey", EVERYBODY)
KEEP_PASSKEYS = policy.register("access.keep_passkeys", EVERYBODY)
SINGLE_SIGN_ON = policy.register("access.single_sign_on", public=True)
JOIN_ACCOUNTS = policy.register("access.join_accounts", EVERYBODY | UNPROVEN)
END_SESSIONS = policy.register("access.end_sessions", EVERYBODY | HELD_BACK)
SHARE_CHART = policy.register("access.share_chart", {Role.patient}, section=Section.profile, verb=Verb.act)
SEE_CAREGIVERS = policy.register(
    "access.see_caregivers", {Role.patient, Role.onlooker}, section=Section.profile, verb=Verb.view,
    seen_by="caregivers",
)  # fmt: skip
"""Look who acts for oneself; of the staff the front desk does, which sets caregivers too."""
SET_CAREGIVER = policy.register("access.set_caregiver", {Role.front_desk}, section=Section.profile, verb=Verb.act)
ACT_FOR = policy.register("access.act_for", EVERYBODY)
SEND_INVITATION = policy.register("access.send_invitation", {Role.system})
FLAG_PASSKEY = policy.register("access.flag_passkey", {Role.system})
END_SESSIONS_THERE = policy.register("access.end_sessions_there", {Role.system})
SEND_CODE = policy.register("access.send_code", {Role.system})
SEND_CONTACT_CODE = policy.register("access.send_contact_code", {Role.system})
PROVE_BY_TEXT = policy.register("access.prove_by_text", PATIENT_SIDE | HELD_BACK)
SWEEP = policy.register("access.sweep", {Role.system})
DEMO_SIGN_IN = policy.register("access.demo_sign_in", public=True, demo_only=True)
PROVE_FACTOR = policy.register("access.prove_factor", STAFF | UNPROVEN)
SET_UP_FACTOR = policy.register("access.set_up_factor", STAFF | UNPROVEN)
MAKE_RECOVERY_CODES = policy.register("access.make_recovery_codes", STAFF | UNPROVEN)
KEEP_RECOVERY_CODES = policy.register("access.keep_recovery_codes", STAFF | UNPROVEN)
RESET_FACTORS = policy.register("access.reset_factors", {Role.manager})
RESET_PATIENT = policy.register("access.reset_patient", {Role.front_desk})
USE_GIVEN_CODE = policy.register("access.use_given_code", PATIENT_SIDE | HELD_BACK)
STAY_IN = policy.register("access.stay_in", STAFF | UNPROVEN)
KEEP_TYPED = policy.register("access.keep_typed", PATIENT_SIDE)
"""Never whoever works here: a locked session of theirs must not open what its owner has left behind."""
STEP_UP = policy.register("access.step_up", EVERYBODY | HELD_BACK)
