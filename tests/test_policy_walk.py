"""Every policy, for every role: who gets in is written down here a second time, by hand."""

import pytest

import portal_app.portal_app  # noqa: F401 - registers every page, state and policy
from portal_app import wiring
from portal_app.core import policy as policies
from portal_app.core.actor import Role
from portal_app.core.db import VISITOR, Database
from portal_app.core.errors import NotAllowed, PasskeyNeeded, SecondFactorNeeded, StepUpNeeded
from tests.factories import Clinic, Someone

wiring.load_features("policies")

PATIENTS = {Role.patient, Role.caregiver}
ATTENDING = {Role.nurse, Role.clinician, Role.front_desk}
EVERYBODY = PATIENTS | ATTENDING | {Role.billing, Role.manager}
JOBS = {Role.system}
STAFF = EVERYBODY - PATIENTS
UNPROVEN = {Role.unproven}
HELD_BACK = {Role.held_back}
HOSTS = {Role.nurse, Role.clinician}
LOOKING = PATIENTS | {Role.onlooker}

WHO_MAY: dict[str, set[Role]] = {
    "access.act_for": EVERYBODY,
    "access.add_passkey": EVERYBODY,
    "access.choose_language": EVERYBODY | UNPROVEN | HELD_BACK,
    "access.end_sessions": EVERYBODY | HELD_BACK,
    "access.end_sessions_there": JOBS,
    "access.flag_passkey": JOBS,
    "access.join_accounts": EVERYBODY | UNPROVEN,
    "access.keep_passkeys": EVERYBODY,
    "access.keep_recovery_codes": STAFF | UNPROVEN,
    "access.make_recovery_codes": STAFF | UNPROVEN,
    "access.prove_factor": STAFF | UNPROVEN,
    "access.reset_factors": {Role.manager},
    "access.set_up_factor": STAFF | UNPROVEN,
    "access.sign_out": EVERYBODY | UNPROVEN | HELD_BACK,
    "access.send_invitation": JOBS,
    "access.set_caregiver": {Role.front_desk},
    "access.see_caregivers": {Role.patient, Role.onlooker},
    "access.share_chart": {Role.patient},
    "access.reset_patient": {Role.front_desk},
    "access.keep_typed": {Role.patient, Role.caregiver},
    "access.stay_in": STAFF | UNPROVEN,
    "access.use_given_code": PATIENTS | HELD_BACK,
    "access.step_up": EVERYBODY | HELD_BACK,
    "access.prove_by_text": PATIENTS | HELD_BACK,
    "access.send_code": JOBS,
    "access.send_contact_code": JOBS,
    "access.sweep": JOBS,
    "access.who_am_i": EVERYBODY,
    "ages.change_rules": {Role.manager},
    "ages.limit": {Role.front_desk},
    "ages.set_state": {Role.front_desk},
    "ages.turn": JOBS,
    "billing.ask": PATIENTS,
    "alerts.escalate": JOBS,
    "alerts.handle": HOSTS,
    "alerts.keep_roster": {Role.manager},
    "alerts.view": HOSTS,
    "alerts.view_roster": HOSTS | {Role.manager},
    "billing.check_balances": JOBS,
    "billing.fill_codes": JOBS,
    "billing.review": {Role.billing},
    "billing.make_statements": JOBS,
    "billing.settle_refunds": JOBS,
    "billing.keep_books": {Role.billing} | JOBS,
    "billing.see_bills": LOOKING,
    "reconciling.work": {Role.billing},
    "reconciling.keep": JOBS,
    "payments.pay": PATIENTS,
    "payments.see_plan": LOOKING,
    "payments.see_outcome": PATIENTS,
    "payments.settle": JOBS,
    "billing.set_up": {Role.manager},
    "billing.take_statement": PATIENTS,
    "billing.view_charges": {Role.billing, Role.clinician},
    "booking.block": ATTENDING,
    "booking.book": PATIENTS,
    "booking.book_for": ATTENDING,
    "booking.calendar_file": PATIENTS,
    "booking.cancel": PATIENTS,
    "booking.change_day": ATTENDING,
    "booking.confirm": PATIENTS,
    "booking.find": LOOKING,
    "booking.hold": PATIENTS,
    "booking.keep_private": {Role.patient},
    "booking.keep_promises": JOBS,
    "booking.move": PATIENTS,
    "booking.overbook": {Role.clinician, Role.front_desk, Role.manager},
    "booking.say_delay": ATTENDING,
    "booking.send_message": JOBS,
    "booking.sweep": JOBS,
    "booking.view": LOOKING | ATTENDING | JOBS,
    "booking.view_day": ATTENDING,
    "callback.answer": ATTENDING | {Role.billing},
    "callback.ask": PATIENTS,
    "callback.view": LOOKING,
    "coverage.answer": JOBS,
    "coverage.ask": PATIENTS | {Role.front_desk, Role.billing},
    "coverage.change": PATIENTS,
    "coverage.fill_payers": JOBS,
    "chart.read": HOSTS,
    "chart.see": LOOKING,
    "chart.tell": PATIENTS,
    "chart.write": HOSTS,
    "claims.prepare": {Role.billing},
    "coverage.identify": {Role.manager},
    "coverage.know": ATTENDING,
    "coverage.review": {Role.front_desk, Role.billing},
    "coverage.see": LOOKING,
    "estimates.ask": PATIENTS,
    "estimates.give": JOBS,
    "estimates.keep": {Role.billing},
    "estimates.see": LOOKING,
    "enrolment.issue": ATTENDING,
    "enrolment.send": JOBS,
    "enrolment.settle_in": PATIENTS,
    "enrolment.sweep": JOBS,
    "files.documents": PATIENTS | HOSTS,
    "files.download": EVERYBODY,
    "files.send": PATIENTS,
    "booking.arrive": PATIENTS,
    "checkin.act": PATIENTS,
    "checkin.at_desk": ATTENDING,
    "checkin.see": LOOKING,
    "checkin.set_rule": {Role.manager},
    "intake.assign": {Role.nurse, Role.clinician},
    "intake.choose_forms": {Role.manager},
    "intake.fill_in": PATIENTS,
    "intake.see": LOOKING,
    "intake.read": {Role.nurse, Role.clinician},
    "intake.remind": JOBS,
    "notes.fill_codes": JOBS,
    "notes.rate": PATIENTS,
    "notes.read": {Role.nurse, Role.clinician},
    "notes.read_own": LOOKING,
    "notes.see_ended": LOOKING,
    "notes.see_ratings": {Role.manager},
    "notes.sign": {Role.clinician},
    "notes.tell_summary": JOBS,
    "notes.write": {Role.clinician},
    "notify.deliver": JOBS,
    "notify.push": PATIENTS,
    "notify.sweep": JOBS,
    "practice.change_facts": {Role.manager},
    "practice.change_profile": {Role.manager, Role.clinician},
    "practice.flag_stale": JOBS,
    "patients.decide": {Role.front_desk},
    "patients.find": ATTENDING,
    "patients.open_chart": JOBS,
    "patients.view": ATTENDING,
    "practice.view": EVERYBODY | LOOKING,
    "privacy.ask": PATIENTS,
    "privacy.open_in_emergency": {Role.nurse, Role.clinician},
    "privacy.refuse_looks": {Role.patient, Role.caregiver},
    "privacy.review": {Role.manager},
    "privacy.look_over": EVERYBODY | UNPROVEN | {Role.onlooker, Role.looked},
    "privacy.see_as_patient": ATTENDING,
    "privacy.tell_managers": JOBS,
    "privacy.who_looked": PATIENTS,
    "practice.view_checks": {Role.manager},
    "profile.accept_change": ATTENDING,
    "profile.see_changes": ATTENDING,
    "profile.change": PATIENTS,
    "profile.change_contact": PATIENTS,
    "profile.name_emergency": PATIENTS,
    "profile.choose_channels": PATIENTS,
    "profile.choose_look": EVERYBODY,
    "profile.put_back": JOBS,
    "profile.tell_contact": JOBS,
    "profile.undo_contact": {Role.front_desk},
    "profile.view": LOOKING,
    "profile.view_me": EVERYBODY | LOOKING,
    "record.take": PATIENTS,
    "schedules.edit": {Role.manager, Role.clinician},
    "schedules.edit_practice": {Role.manager},
    "schedules.fill_holidays": JOBS,
    "schedules.rehome": ATTENDING,
    "schedules.settle": JOBS,
    "tasks.handle": EVERYBODY - PATIENTS,
    "tasks.tell_late": JOBS,
    "tasks.view": EVERYBODY - PATIENTS,
    "upkeep.seal_audit": JOBS,
    "upkeep.sweep_files": JOBS,
    "upkeep.sweep_rows": JOBS,
    "upkeep.sweep_uploads": JOBS,
    "visits.agree": PATIENTS,
    "visits.host": HOSTS,
    "visits.join": PATIENTS,
    "visits.room": PATIENTS | HOSTS | {Role.guest},
    "visits.set_up": {Role.manager},
    "visits.sweep": JOBS,
    "visits.tell_turn": JOBS,
    "visits.view": LOOKING,
    "vitals.follow": JOBS,
    "vitals.log": PATIENTS,
    "vitals.plan": HOSTS,
    "vitals.review": {Role.clinician},
    "vitals.see": LOOKING,
    "vitals.set_range": {Role.clinician},
    "vitals.watch": HOSTS,
    "waiting.answer_for": ATTENDING,
    "waiting.answer_offer": PATIENTS,
    "waiting.answer_request": ATTENDING,
    "waiting.ask": PATIENTS,
    "waiting.ask_for": ATTENDING,
    "waiting.offer": JOBS,
    "waiting.report": ATTENDING | {Role.manager},
    "waiting.set_priority": {Role.nurse, Role.clinician},
    "waiting.take_off": ATTENDING,
    "waiting.view": LOOKING,
    "waiting.view_line": ATTENDING,
    "web.connect": EVERYBODY | UNPROVEN | HELD_BACK | {Role.onlooker, Role.looked},
}
PUBLIC = {
    "access.ask_code", "access.check_code", "access.leave", "access.read_in_language", "access.single_sign_on",
    "access.use_passkey", "booking.answer_link", "booking.read_link", "enrolment.activate", "patients.register",
    "payments.pay_by_link", "payments.take_event", "practice.view_name", "privacy.stop_seeing", "visits.enter_room",
    "visits.redeem", "web.health", "web.notice", "web.offline", "web.practise_payment",
}  # fmt: skip
WANTS_TWO = {"billing.ask", "billing.see_bills", "notes.read_own", "profile.change_contact"}
WANTS_TWO |= {"files.documents", "files.download", "profile.name_emergency"}
WANTS_TWO |= {"coverage.ask", "coverage.change", "coverage.see", "estimates.ask", "estimates.see"}
WANTS_TWO |= {"billing.take_statement", "payments.pay", "payments.see_outcome", "payments.see_plan"}
WANTS_TWO |= {"chart.see", "chart.tell", "record.take", "vitals.log", "vitals.see"}
WANTS_TWO |= {"privacy.ask", "privacy.refuse_looks", "privacy.who_looked"}
"""What wants a passkey, or a code and a second channel."""
DEMO_ONLY = {"access.demo_sign_in", "design.try", "notify.demo_outbox", "web.practise_payment"}
ROLES = sorted(set(Role) - {Role.system, Role.guest, Role.onlooker, Role.looked})
"""Whoever sees a chart as its patient does: tests/features/privacy/test_seeing.py."""


def ours() -> list[policies.Policy]:
    return [one for one in policies.all_policies() if not one.name.startswith("test.")]


def test_the_registry_is_what_is_written_here() -> None:
    assert {one.name for one in ours()} == WHO_MAY.keys() | PUBLIC | DEMO_ONLY
    assert {one.name: set(one.roles) for one in ours() if not one.public} == WHO_MAY
    assert {one.name for one in ours() if one.demo_only} == DEMO_ONLY


@pytest.fixture
async def people(clinic: Clinic) -> dict[Role, Someone]:
    makers = {Role.patient: clinic.patient(), Role.unproven: clinic.unproven(*STAFF),
              Role.held_back: clinic.held_back()}  # fmt: skip
    return {role: await (makers.get(role) or clinic.staff(role.value)) for role in ROLES}


async def test_each_role_gets_in_where_it_may_and_nowhere_else(database: Database, people: dict[Role, Someone]) -> None:
    wrong = []
    for role, someone in people.items():
        for name, allowed in WHO_MAY.items():
            try:
                async with database.act_as(someone.credential, name):
                    is_in = True
            except (NotAllowed, SecondFactorNeeded, PasskeyNeeded):
                is_in = False
            except StepUpNeeded:
                is_in = name in WANTS_TWO  # asked for more than a code, not turned away
            # A caregiver without a chart to act for is nobody yet (grants come with the invitation).
            expected = role in allowed and role is not Role.caregiver
            if is_in is not expected:
                wrong.append((role.value, name))
    assert wrong == []


async def test_a_patient_who_signed_in_by_a_code_alone_is_asked_for_more(
    database: Database, people: dict[Role, Someone]
) -> None:
    assert {one.name for one in ours() if one.assurance > 1} == WANTS_TWO
    for name in WANTS_TWO:
        with pytest.raises(StepUpNeeded):
            async with database.act_as(people[Role.patient].credential, name):
                pass


async def test_a_patient_who_proved_more_than_a_code_gets_in_wherever_patients_may(
    database: Database, clinic: Clinic, people: dict[Role, Someone]
) -> None:
    strong, wrong = await clinic.sign_in_again(people[Role.patient], assurance=2), []
    for name, allowed in WHO_MAY.items():
        try:
            async with database.act_as(strong.credential, name):
                is_in = True
        except NotAllowed:
            is_in = False
        if is_in is not (Role.patient in allowed):
            wrong.append(name)
    assert wrong == []


async def test_a_visitor_gets_in_only_where_it_is_public(database: Database) -> None:
    for name in WHO_MAY:
        with pytest.raises(NotAllowed):
            async with database.act_as_visitor("anon-x", name):
                pass


@pytest.mark.parametrize("name", sorted(DEMO_ONLY))
def test_what_is_the_demo_s_lets_nobody_in_elsewhere(name: str) -> None:
    policies.open_demo(is_demo=False)
    with pytest.raises(NotAllowed):
        policies.require(VISITOR, name)
