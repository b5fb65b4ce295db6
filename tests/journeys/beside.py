"""What stands beside readings: a visit that took place, and a medicine."""

from datetime import timedelta
from uuid import uuid4

from portal_app.core import clock
from portal_app.features.chart import service as chart
from tests.factories import Someone
from tests.journeys.clinic import Doctor, Practices

PUT_AT = """
with moved as (
  update slot set starts_at = cast(:at as timestamptz), ends_at = :at + interval '20 minutes'
  where id = (select slot_id from appointment where id = :id)
)
update appointment set starts_at = cast(:at as timestamptz), ends_at = :at + interval '20 minutes', status = 'arrived'
where id = :id
"""


async def visit_and_medicine(practices: Practices, doctor: Doctor, someone: Someone, medicine: str) -> None:
    """Have somebody seen by their clinician four days ago, and take a medicine since six days."""
    assert someone.patient_id
    booked = await practices.booked(someone, (await practices.free_times(someone, doctor))[0])
    async with practices.database.act_as_system("test") as tx:
        await tx.execute(PUT_AT, {"id": booked.id, "at": clock.now() - timedelta(days=4)})
    since, said = (clock.now() - timedelta(days=6)).date(), {"name": medicine, "how": "1"}
    async with practices.database.act_as(doctor.account.credential, "chart.write") as tx:
        await chart.add_entry(tx, someone.patient_id, "medication", said, since, uuid4())
