"""A chart taken away: everything that one may see of it, and nothing of what one may not."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from portal_app.core import clock, i18n
from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed, StepUpNeeded
from portal_app.features.access import rules
from portal_app.features.chart import service as chart
from portal_app.features.coverage import service as coverage
from portal_app.features.intake import service as intake
from portal_app.features.record import service as record
from portal_app.features.vitals import service as vitals
from portal_app.state import record_words
from tests.factories import Clinic, Someone
from tests.features.access.conftest import accept, acting_for, invited, share
from tests.features.billing.conftest import Office, office
from tests.features.chart.conftest import LISINOPRIL, METFORMIN, PENICILLIN
from tests.features.coverage.conftest import typed
from tests.features.estimates.conftest import Asker, asker
from tests.features.intake.conftest import answer
from tests.features.notes.conftest import visit

__all__ = ["asker", "office", "share", "visit"]
PAIN, PAIN_ITEM = "urn:sala:form:pain-0-10", "72514-3"


@pytest.fixture
async def maria(office: Office) -> Someone:
    """Return a patient with a visit, its summary and bill, an insurance and a reading."""
    await office.issue()
    strong = office.visit.maria_strong
    assert strong.patient_id
    async with office.database.act_as(office.visit.doctor.credential, "chart.write") as tx:
        await chart.add_entry(tx, strong.patient_id, "medication", METFORMIN, None, uuid4())
    async with office.database.act_as(strong.credential, "coverage.change") as tx:
        await coverage.add_coverage(tx, typed(), uuid4())
    async with office.database.act_as(strong.credential, "vitals.log") as tx:
        new = vitals.NewReading("weight", "kg", Decimal("70.50"), uuid4(), note="After breakfast")
        await vitals.log_reading(tx, new)
    return strong


async def taken(database: Database, who: Someone) -> dict[str, Any]:
    """Return the record as a program reads it."""
    async with database.act_as(who.credential, "record.take") as tx:
        said = json.loads(record.written(await record.gather(tx)))
    assert isinstance(said, dict)
    return said


async def carer(database: Database, clinic: Clinic, patient: Someone, *ticked: str) -> Someone:
    """Return somebody who acts for a patient, signed in by more than a code."""
    ana = await clinic.sign_in_again(await clinic.patient("Ana", "Moreno"), assurance=2)
    await accept(database, ana, await invited(database, patient, ana.email, *ticked))
    return await acting_for(database, ana, patient)


async def test_all_of_the_chart_is_in_it(database: Database, maria: Someone) -> None:
    said = await taken(database, maria)
    assert said["not_shared"] == []
    assert set(record.PARTS) <= set(said)
    assert [one["status"] for one in said["appointments"]] != []
    assert [one["diagnoses"][0]["code"] for one in said["visits"]] == ["I10"]
    assert said["visits"][0]["note"]["content"]["brought"] == "Headache"
    assert [(one["value"], one["unit"], one["note"]) for one in said["readings"]] == [
        ("70.50", "kg", "After breakfast")
    ]
    assert [(one["charged_minor"], one["history"][0]["kind"]) for one in said["bills"]] == [(18_000, "charge")]
    assert [one["payer_name"] for one in said["coverages"]] == ["Northwind Health"]
    assert "billing.post_charge" in {one["action"] for one in said["who_looked"]}


async def test_what_pages_show_no_more_is_in_it(
    office: Office, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office.database.act_as(maria.credential, "chart.tell") as tx:
        await chart.add(tx, None, "medication", {"name": "Ibuprofen"}, uuid4())
        (told,) = (await chart.own_lists(tx)).changes
    async with office.database.act_as(office.visit.doctor.credential, "chart.write") as tx:
        await chart.decline_change(tx, told.id, "Better not")
    monkeypatch.setattr("portal_app.features.chart.reading.SHOWN", timedelta(0))
    async with office.database.act_as(maria.credential, "chart.see") as tx:
        assert (await chart.own_lists(tx)).changes == ()
    said = await taken(office.database, maria)
    assert [one["status"] for one in said["lists"]["changes"]] == ["declined"]


async def test_it_is_a_line_of_who_looked_under_the_name_of_whoever_took_it(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    ana = await carer(database, clinic, maria, "booking_view")
    await taken(database, ana)
    said = await taken(database, maria)
    lines = [(one["action"], one["side"]) for one in said["who_looked"] if one["action"] == "record.take"]
    assert lines == [("record.take", "caregiver")]


@pytest.mark.parametrize(
    ("ticked", "parts"),
    [("booking_view", {"appointments"}), ("vitals_view", {"readings"}),
     ("results_view", {"lists"}), ("notes_view", {"visits"}), ("forms_view", {"forms"}),
     ("visits_view", {"documents"}), ("bills_view", {"bills", "estimates", "coverages"})],
)  # fmt: skip
async def test_a_caregiver_takes_what_was_shared_and_nothing_else(
    database: Database, clinic: Clinic, maria: Someone, ticked: str, parts: set[str]
) -> None:
    said = await taken(database, await carer(database, clinic, maria, ticked))
    assert set(said) & set(record.PARTS) == parts
    assert set(said["not_shared"]) == set(record.PARTS) - parts
    assert said["patient"]["name"] == "Maria Alvarez"
    assert all(said[part] for part in parts - {"estimates", "visits", "documents", "forms"})


async def test_what_is_confidential_is_in_no_record_of_a_proxy(
    database: Database, clinic: Clinic, office: Office, maria: Someone
) -> None:
    ana = await carer(database, clinic, maria, *rules.SHARES)
    assert (await taken(database, ana))["appointments"]
    async with database.act_as_system("test") as tx:
        await tx.execute("update appointment set confidentiality = 'R' where id = :id",
                         {"id": office.visit.appointment_id})  # fmt: skip
    hers, own = await taken(database, ana), await taken(database, maria)
    for part in ("appointments", "visits", "bills", "documents"):
        assert hers.get(part, []) == []
    assert "Headache" not in json.dumps(hers)
    assert (len(own["appointments"]), len(own["visits"]), len(own["bills"])) == (1, 1, 1)


async def test_what_is_private_of_itself_is_in_no_record_of_a_proxy(
    database: Database, clinic: Clinic, office: Office, maria: Someone
) -> None:
    await _sent(office, maria, 7, is_private=True)
    await _sent(office, maria, 3)
    await _listed(office, maria, "medication", LISINOPRIL, is_private=True)
    await _listed(office, maria, "allergy", PENICILLIN, is_private=True)
    hers = await taken(database, await carer(database, clinic, maria, *rules.SHARES))
    own = await taken(database, maria)
    assert [one["answers"] for one in hers["forms"]] == [{PAIN_ITEM: [3]}]
    assert len(own["forms"]) == 2
    for word in ("Lisinopril", "Penicillin"):
        assert word not in json.dumps(hers["lists"])
        assert word in json.dumps(own["lists"])
    assert "Metformin" in json.dumps(hers["lists"])


async def test_an_estimate_of_a_visit_that_became_private_is_in_no_record_of_a_proxy(
    database: Database, clinic: Clinic, asker: Asker
) -> None:
    await asker.price()
    await asker.uninsured()
    await asker.given()
    ana = await carer(database, clinic, asker.maria, *rules.SHARES)
    assert len((await taken(database, ana))["estimates"]) == 1
    async with database.act_as_system("test") as tx:
        await tx.execute("update appointment set confidentiality = 'R' where id = :id", {"id": asker.appointment_id})
    hers, own = await taken(database, ana), await taken(database, asker.maria)
    assert (hers["estimates"], len(own["estimates"])) == ([], 1)
    assert str(asker.appointment_id) not in json.dumps(hers)


async def _sent(office: Office, maria: Someone, pain: int, *, is_private: bool = False) -> None:
    """Ask somebody how strong their pain is, and let them answer."""
    assert maria.patient_id
    asked = intake.NewAssignment(uuid4(), maria.patient_id, PAIN, is_private=is_private)
    async with office.database.act_as(office.visit.doctor.credential, "intake.assign") as tx:
        await intake.assign_form(tx, asked)
    async with office.database.act_as(maria.credential, "intake.fill_in") as tx:
        form_id = await intake.open_asked(tx, asked.id)
        await intake.save_answers(tx, form_id, uuid4(), [answer(1, PAIN_ITEM, pain)], "since")
        await intake.submit_form(tx, form_id, 1, "en", "", "")


async def _listed(office: Office, maria: Someone, kind: str, content: dict[str, str], *, is_private: bool) -> None:
    """Put something on one of somebody's lists."""
    assert maria.patient_id
    entry_id = uuid4()
    async with office.database.act_as(office.visit.doctor.credential, "chart.write") as tx:
        await chart.add_entry(tx, maria.patient_id, kind, content, None, entry_id)
        await chart.keep_to_patient(tx, entry_id, 1, is_private=is_private)


async def test_it_wants_a_sign_in_of_this_moment_and_more_than_a_code(
    database: Database, clinic: Clinic, maria: Someone, office: Office
) -> None:
    with pytest.raises(StepUpNeeded):
        await taken(database, await clinic.code_alone(maria))
    with clock.frozen_at(clock.now() + timedelta(minutes=11)), pytest.raises(StepUpNeeded):
        await taken(database, maria)
    for staff in (office.visit.doctor, office.keeper):
        with pytest.raises(NotAllowed):
            await taken(database, staff)


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_on_paper_each_part_has_its_title_and_no_code_of_ours_is_read(
    database: Database, maria: Someone, locale: str
) -> None:
    async with database.act_as(maria.credential, "record.take") as tx:
        with i18n.use(locale):
            found = await record.gather(tx)
            sheet = record_words.sheet(found, "Riverside")
    with i18n.use(locale):
        titles = [part.title for part in sheet.parts]
        assert i18n._("Readings") in titles
        assert i18n._("Who looked") in titles
    words = " ".join(line.text + " ".join(line.notes) for part in sheet.parts for line in part.lines)
    assert f"{clock.now():%Y}" in words
    assert "\u20681 tablet in the morning" in words
    for code in ("post_charge", "fulfilled", "booking_view", "in_person", "self_pay"):
        assert code not in words
