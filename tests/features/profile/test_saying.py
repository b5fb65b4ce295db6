"""What people say about themselves: kept as written, seen by whom it concerns, and by nobody else."""

from datetime import timedelta

import pytest

from portal_app import wiring
from portal_app.core import clock, policy
from portal_app.core.actor import Role
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, StepUpNeeded
from portal_app.features.access.rules import FRESH_LIFE
from portal_app.features.patients import service as patients
from portal_app.features.profile import rules, service
from portal_app.features.profile.views import EmergencyContact, Pharmacy
from tests.factories import Clinic, Someone

wiring.load_features("policies")
policy.register("test.anything", set(Role))

MOTHER = EmergencyContact("Ana Álvarez", "Mother", "(718) 555-0142")
CORNER = Pharmacy("Corner Pharmacy", "718 555 0143", "12 River Street")


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.sign_in_again(await clinic.patient(), assurance=2)


async def test_what_was_said_is_shown_again(database: Database, maria: Someone) -> None:
    async with database.act_as(maria.credential, "profile.change") as tx:
        await service.be_called(tx, "  Mari ")
        await service.say_pronouns(tx, "she / ella")
        await service.choose_pharmacy(tx, CORNER)
        await service.name_emergency_contact(tx, MOTHER)
    async with database.act_as(maria.credential, "profile.view") as tx:
        said = await service.profile(tx)
    assert (said.called, said.pronouns) == ("Mari", "she / ella")
    assert said.pharmacy == Pharmacy("Corner Pharmacy", "(718) 555-0143", "12 River Street")
    assert said.emergency_contact == MOTHER


async def test_nothing_written_takes_the_answer_back(database: Database, maria: Someone) -> None:
    async with database.act_as(maria.credential, "profile.change") as tx:
        await service.name_emergency_contact(tx, MOTHER)
        await service.name_emergency_contact(tx, EmergencyContact())
        await service.choose_pharmacy(tx, Pharmacy())
        said = await service.profile(tx)
    assert (said.pharmacy, said.emergency_contact) == (Pharmacy(), EmergencyContact())


@pytest.mark.parametrize("typed", ["a" * 61, "Mari\u202eairam", "Mari\x00", "Mari\u2066", "x" * 100_000])
async def test_a_name_nobody_could_read_is_refused_in_words(database: Database, maria: Someone, typed: str) -> None:
    async with database.act_as(maria.credential, "profile.change") as tx:
        for say in (service.be_called, service.say_pronouns):
            with pytest.raises(InputRefused):
                await say(tx, typed)
        with pytest.raises(InputRefused):
            await service.choose_pharmacy(tx, Pharmacy(name=typed * 2))


@pytest.mark.parametrize("typed", ["نور", "Zoë", "می‌خواهم", "李小龙", "O’Neil-Sánchez 2"])
def test_names_of_every_script_are_names(typed: str) -> None:
    assert rules.line(typed, rules.CALLED_MAX)


@pytest.mark.parametrize(
    ("contact", "field"),
    [(EmergencyContact("", "Mother", ""), "name"), (EmergencyContact("Ana", "", ""), "phone"),
     (EmergencyContact("Ana", "", "12"), "phone")],
)  # fmt: skip
async def test_a_person_to_call_needs_a_name_and_a_number(
    database: Database, maria: Someone, contact: EmergencyContact, field: str
) -> None:
    async with database.act_as(maria.credential, "profile.change") as tx:
        with pytest.raises(InputRefused) as refused:
            await service.name_emergency_contact(tx, contact)
    assert refused.value.field == field


async def test_whom_to_call_is_encrypted_and_another_patients_is_not_there(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    async with database.act_as(maria.credential, "profile.change") as tx:
        await service.name_emergency_contact(tx, MOTHER)
    async with database.act_as_system("test") as tx:
        assert "Ana" not in await tx.scalar("select emergency_contact from patient_profile")
    sam = await clinic.patient("Sam")
    async with database.act_as(sam.credential, "profile.view") as tx:
        assert (await service.profile(tx)).emergency_contact == EmergencyContact()
        assert await tx.scalar("select count(*) from patient_profile") == 0
        assert await tx.execute("update patient set called = 'x' where id = :id", {"id": maria.patient_id}) == 0
    async with database.act_as((await clinic.staff("nurse")).credential, "test.anything") as tx:
        assert await tx.scalar("select count(*) from patient_profile") == 0


async def test_whom_to_call_is_no_thing_of_a_code_alone_nor_of_a_sign_in_of_this_morning(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    weak = await clinic.code_alone(maria)
    with pytest.raises(StepUpNeeded):
        async with database.act_as(weak.credential, "profile.name_emergency"):
            pass
    async with database.act_as(weak.credential, "profile.change") as tx:
        await service.be_called(tx, "Mari")
        with pytest.raises(StepUpNeeded):
            await service.name_emergency_contact(tx, MOTHER)
    async with database.act_as(maria.credential, "profile.name_emergency") as tx:
        with clock.frozen_at(clock.now() + FRESH_LIFE + timedelta(minutes=1)), pytest.raises(StepUpNeeded):
            await service.name_emergency_contact(tx, MOTHER)
        assert (await service.profile(tx)).emergency_contact == EmergencyContact()


async def test_how_somebody_wants_to_be_reached_is_what_staff_read_in_the_chart(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    desk, weak = await clinic.staff("front_desk"), await clinic.code_alone(maria)
    assert maria.patient_id
    read = []
    for wish in ("phone", "mail", "either"):
        async with database.act_as(weak.credential, "profile.change") as tx:
            await service.choose_reached_by(tx, wish)
            assert (await service.profile(tx)).reached_by == wish
        async with database.act_as(desk.credential, "patients.view") as tx:
            read.append((await patients.patient(tx, maria.patient_id)).reached_by)
    assert read == ["phone", "mail", "either"]
    async with database.act_as_system("test") as tx:
        said = await tx.all("select patient_id from audit_event where action = 'profile.choose_reached_by'")
    assert [row.patient_id for row in said] == [maria.patient_id] * 3


@pytest.mark.parametrize("wish", ["", "pigeon", "MAIL", "text"])
async def test_no_other_way_to_be_reached_is_kept_and_nobody_else_says_it(
    database: Database, clinic: Clinic, maria: Someone, wish: str
) -> None:
    desk, sam = await clinic.staff("front_desk"), await clinic.patient("Sam")
    async with database.act_as(maria.credential, "profile.change") as tx:
        with pytest.raises(InputRefused):
            await service.choose_reached_by(tx, wish)
    async with database.act_as(desk.credential, "test.anything") as tx:
        with pytest.raises(NotAllowed):
            await service.choose_reached_by(tx, "phone")
    async with database.act_as(sam.credential, "profile.change") as tx:
        statement = "update patient set reached_by = 'phone' where id = :id"
        assert await tx.execute(statement, {"id": maria.patient_id}) == 0
    async with database.act_as(maria.credential, "profile.view") as tx:
        assert (await service.profile(tx)).reached_by == "either"


async def test_staff_say_nothing_about_a_patient_here(database: Database, clinic: Clinic) -> None:
    desk = await clinic.staff("front_desk")
    async with database.act_as(desk.credential, "test.anything") as tx:
        with pytest.raises(NotAllowed):
            await service.be_called(tx, "Mari")


async def test_how_somebody_reads_is_kept_with_them(database: Database, maria: Someone) -> None:
    async with database.act_as(maria.credential, "profile.choose_look") as tx:
        await service.choose_look(tx, "largest", "more")
        await service.choose_units(tx, "metric")
        found = await service.reading(tx)
    assert (found.text_size, found.contrast, found.units) == ("largest", "more", "metric")


@pytest.mark.parametrize(("size", "contrast"), [("huge", "more"), ("large", "none"), ("", ""), ("large\n", "more")])
async def test_a_size_that_there_is_not_is_refused(
    database: Database, maria: Someone, size: str, contrast: str
) -> None:
    async with database.act_as(maria.credential, "profile.choose_look") as tx:
        with pytest.raises(InputRefused):
            await service.choose_look(tx, size, contrast)


async def test_after_a_code_alone_contact_details_are_known_again_and_not_read(
    database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient(phone="+17185550142")
    proved = await clinic.sign_in_again(maria, assurance=2)
    async with database.act_as(proved.credential, "profile.name_emergency") as tx:
        await service.name_emergency_contact(tx, EmergencyContact("Rosa Diaz", "sister", "+17185550199"))
        whole = await service.contacts(tx)
        assert (whole.email, whole.is_masked) == (maria.email, False)
        assert whole.phone.endswith("42")
        assert len(whole.phone) > 8
    async with database.act_as(maria.credential, "profile.view") as tx:
        shown, said = await service.contacts(tx), await service.profile(tx)
    assert (shown.email, shown.phone, shown.is_masked) == (f"{maria.email[0]}••••@example.test", "•••• 42", True)
    assert said.emergency_contact == EmergencyContact("R••••", "", "•••• 99")
