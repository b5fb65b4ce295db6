"""Visits and medicines beside readings, with the rights of whoever looks."""

from datetime import UTC, datetime, timedelta

import pytest

from portal_app.core import clock
from portal_app.core.errors import NotAllowed
from portal_app.features.booking import service as booking
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.drawing import BOTTOM, LEFT, RIGHT, signs
from tests.factories import Someone
from tests.features.access.conftest import Share, share
from tests.features.chart.conftest import LISINOPRIL, Listed, listed

__all__ = ["listed", "share"]
NOW = datetime(2026, 3, 31, tzinfo=UTC)


async def happened(listed: Listed, status: str = "fulfilled") -> None:
    """Put a medicine onto the list, and have the visit that was booked come so far."""
    await listed.put("medication", LISINOPRIL)
    async with listed.database.act_as_system("test") as tx:
        await tx.execute("update appointment set status = 'arrived'")
        await tx.execute("update appointment set status = :status", {"status": status})


async def around(listed: Listed, who: Someone) -> tuple[list[str], list[str]]:
    span = (clock.now() - timedelta(days=31), clock.now() + timedelta(days=5))
    async with listed.database.act_as(who.credential, "vitals.see" if who.patient_id else "vitals.watch") as tx:
        whose = (
            await vitals.chart_of(tx) if who.patient_id else (await vitals.watched_chart(tx, listed.patient_id)).chart
        )
        found = await vitals.beside(tx, whose, span)
    return [one.practitioner_name for one in found.visits], [one.name for one in found.medicines]


async def shared(listed: Listed, share: Share, *ticked: str) -> Someone:
    return await listed.clinic.sign_in_again(await share(listed.maria, *ticked), assurance=2)


async def test_a_patient_sees_visits_and_medicines_beside_readings(listed: Listed) -> None:
    await happened(listed)
    assert await around(listed, listed.maria) == (["Ada Okafor"], [LISINOPRIL["name"]])


async def test_the_care_team_sees_what_each_of_them_may_see(listed: Listed) -> None:
    await happened(listed)
    assert await around(listed, listed.nurse) == (["Ada Okafor"], [LISINOPRIL["name"]])
    only_vitals = await listed.clinic.staff("nurse", name="Una Reyes")
    async with listed.database.act_as_system("test") as tx:
        await tx.execute(
            "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis)"
            " values (:who, :id, '{vitals}', '{view}', 'R', 1, 'care_team')",
            {"who": only_vitals.person_id, "id": listed.patient_id},
        )
    assert await around(listed, only_vitals) == ([], [])


@pytest.mark.parametrize(
    ("ticked", "visits", "medicines"),
    [
        (("vitals_view",), 0, 0), (("vitals_view", "booking_view"), 1, 0), (("vitals_view", "results_view"), 0, 1),
        (("vitals_view", "booking_view", "results_view"), 1, 1),
    ],
)  # fmt: skip
async def test_a_caregiver_sees_beside_readings_what_was_shared(
    listed: Listed, share: Share, ticked: tuple[str, ...], visits: int, medicines: int
) -> None:
    await happened(listed)
    found = await around(listed, await shared(listed, share, *ticked))
    assert (len(found[0]), len(found[1])) == (visits, medicines)


async def test_a_private_visit_stays_the_patients(listed: Listed, share: Share) -> None:
    await happened(listed)
    caregiver = await shared(listed, share, "vitals_view", "booking_view")
    async with listed.database.act_as_system("test") as tx:
        await tx.execute("select set_config('portal.maintenance', 'confidentiality', true)")
        await tx.execute("update appointment set confidentiality = 'R'")
    assert (await around(listed, caregiver))[0] == []
    assert (await around(listed, listed.maria))[0] == ["Ada Okafor"]


@pytest.mark.parametrize("status", ["booked", "noshow", "cancelled"])
async def test_what_did_not_take_place_is_no_visit(listed: Listed, status: str) -> None:
    if status == "cancelled":
        async with listed.database.act_as(listed.maria.credential, "booking.cancel") as tx:
            await booking.cancel_appointment(tx, listed.appointment_id)
    elif status == "noshow":
        async with listed.database.act_as_system("test") as tx:
            await tx.execute("update appointment set status = 'noshow'")
    assert (await around(listed, listed.maria))[0] == []


async def test_whoever_may_not_see_readings_sees_nothing_beside_them(listed: Listed) -> None:
    desk = await listed.clinic.staff("front_desk")
    async with listed.database.act_as(listed.maria.credential, "vitals.see") as tx:
        whose = await vitals.chart_of(tx)
    with pytest.raises(NotAllowed):
        async with listed.database.act_as(desk.credential, "booking.view") as tx:
            await vitals.beside(tx, whose, (clock.now(), clock.now()))


def test_signs_stand_below_the_picture_once_for_each_moment() -> None:
    span = (NOW - timedelta(days=30), NOW)
    path = signs([span[0], NOW, NOW], span, "square")
    assert [part.split("V")[0] for part in path.split("M")[1:]] == [f"{LEFT}.0 14", f"{RIGHT}.0 14"]
    assert path.count(f"V{BOTTOM}v4h4") == 2
    assert signs([], span, "peak") == ""
