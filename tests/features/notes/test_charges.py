"""What billing does with the charge of a visit: look, correct with a reason, mark ready or held, each in their name."""

from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.billing import service as billing
from tests.factories import Clinic, Someone
from tests.features.notes.conftest import Visit

WHY = "The payer wants it as an office visit"


@pytest.fixture
async def biller(clinic: Clinic) -> Someone:
    return await clinic.staff("billing", name="Rita Cole")


async def listed(visit: Visit, biller: Someone, review: str = "open") -> tuple[billing.ChargeRow, ...]:
    async with visit.database.act_as(biller.credential, "billing.review") as tx:
        return await billing.charges(tx, review)


async def corrected(visit: Visit, who: Someone, charge_id: UUID, **said: object) -> None:
    wanted = {"service_code": "T1015", "modifier": "", "place_of_service": "11", "reason": WHY, "corrections": 0}
    async with visit.database.act_as(who.credential, "billing.review") as tx:
        await billing.correct_charge(tx, charge_id, billing.Correction(**(wanted | said)))  # type: ignore[arg-type]


async def test_billing_sees_whose_charge_it_is_in_codes_and_nothing_of_the_note(visit: Visit, biller: Someone) -> None:
    await visit.write()
    await visit.sign()
    (row,) = await listed(visit, biller)
    assert (row.given_name, row.family_name, row.appointment_id) == ("Maria", "Alvarez", visit.appointment_id)
    assert (row.service_code, row.modifier, row.place_of_service, row.diagnoses) == (
        "T1015", "", "11", ("I10", "R51.9")
    )  # fmt: skip
    async with visit.database.act_as(biller.credential, "billing.review") as tx:
        for table in ("clinical_note", "visit_summary", "encounter_diagnosis", "patient", "appointment", "encounter"):
            assert await tx.scalar(f"select count(*) from {table}") == 0, table
    async with visit.database.act_as_system("test") as tx:
        seen = await tx.scalar("select patient_id from audit_event where action = 'billing.view_list'")
    assert seen == visit.maria.patient_id


async def test_a_charge_is_corrected_for_a_reason_and_all_that_it_said_is_kept(visit: Visit, biller: Someone) -> None:
    await visit.write()
    await visit.sign(service_code="")
    (row,) = await listed(visit, biller)
    for wrong in ({"reason": "no"}, {"modifier": "25"}, {"place_of_service": "99"}):
        with pytest.raises(InputRefused):
            await corrected(visit, biller, row.id, **wrong)
    with pytest.raises(billing.ServiceUnknown):
        await corrected(visit, biller, row.id, service_code="99999")
    await corrected(visit, biller, row.id, modifier="95", place_of_service="02")
    with pytest.raises(billing.ChargeMovedOn):
        await corrected(visit, biller, row.id)
    async with visit.database.act_as(biller.credential, "billing.review") as tx:
        found = await billing.full_charge(tx, row.id)
        kept = await tx.scalar("select reason from charge_item")
    assert [(one.service_code, one.modifier, one.place_of_service, one.reason) for one in found.history] == [
        ("T1015", "95", "02", WHY), ("", "", "11", "")
    ]  # fmt: skip
    assert found.history[0].made_by == "Rita Cole"
    assert WHY not in kept


async def test_a_charge_is_ready_once_it_has_a_service_and_open_again_once_it_is_corrected(
    visit: Visit, biller: Someone
) -> None:
    await visit.write()
    await visit.sign(service_code="")
    (row,) = await listed(visit, biller)
    async with visit.database.act_as(biller.credential, "billing.review") as tx:
        with pytest.raises(billing.ChargeIncomplete):
            await billing.mark_ready(tx, row.id, 0)
        await billing.hold(tx, row.id, "Asked the clinician for a service", 0)
    (held,) = await listed(visit, biller, "held")
    assert held.held_because == "Asked the clinician for a service"
    await corrected(visit, biller, row.id)
    for _tap in range(2):
        async with visit.database.act_as(biller.credential, "billing.review") as tx:
            await billing.mark_ready(tx, row.id, 1)
    with pytest.raises(billing.ChargeMovedOn):
        async with visit.database.act_as(biller.credential, "billing.review") as tx:
            await billing.hold(tx, row.id, "Seen on an old page", 0)
    async with visit.database.act_as(biller.credential, "billing.review") as tx:
        assert await billing.charge_counts(tx) == {"open": 0, "ready": 1, "held": 0}
    await corrected(visit, biller, row.id, corrections=1)
    assert len(await listed(visit, biller)) == 1
    async with visit.database.act_as_system("test") as tx:
        done = await tx.all("select action from audit_event where action ~ 'billing.(held|ready|correct)' order by id")
    assert [one.action for one in done] == ["billing.held", "billing.correct", "billing.ready", "billing.correct"]


@pytest.mark.parametrize(
    "change",
    [
        "service_code = 'T1015', sequence = sequence + 1",
        "review = 'ready', reviewed_by = (select id from person where id <> actor_person() limit 1)",
    ],
)
async def test_nobody_corrects_or_reviews_in_anothers_name(visit: Visit, biller: Someone, change: str) -> None:
    await visit.write()
    await visit.sign()
    with pytest.raises(DBAPIError, match=r"whoever corrects it|in their own name"):
        async with visit.database.act_as(biller.credential, "billing.review") as tx:
            await tx.execute(f"update charge_item set {change}")


async def test_nobody_but_billing_reviews(visit: Visit, clinic: Clinic, biller: Someone) -> None:
    await visit.write()
    await visit.sign()
    (row,) = await listed(visit, biller)
    for who in (visit.doctor, visit.maria, await clinic.staff("manager"), await clinic.staff("front_desk")):
        with pytest.raises((NotAllowed, NotFound)):
            await corrected(visit, who, row.id)
        async with visit.database.act_as(who.credential, "access.who_am_i") as tx:
            assert not await tx.all("select * from names_for_billing(array(select id from patient))")
