"""What stands beside readings in time: visits, and medicines that were started, changed or stopped.

Of both whoever looks sees what they may see of them anyway: the database leaves out the rest.
"""

from dataclasses import dataclass
from datetime import datetime

from portal_app.core import policy
from portal_app.core.db import Transaction
from portal_app.features.booking import service as booking
from portal_app.features.booking.service import PastVisit
from portal_app.features.chart import service as chart
from portal_app.features.chart.service import MedicineStep
from portal_app.features.vitals import policies
from portal_app.features.vitals.views import Chart


@dataclass(frozen=True, slots=True)
class Beside:
    """Visits and steps of medicines in a time, each the oldest first."""

    visits: tuple[PastVisit, ...] = ()
    medicines: tuple[MedicineStep, ...] = ()


async def beside(
    tx: Transaction, whose: Chart, span: tuple[datetime, datetime], *, is_repeated: bool = False
) -> Beside:
    """Return what happened in a time, for whoever looks at readings of the chart: the patient's side or the team."""
    is_own = tx.actor.patient_id == whose.patient_id
    policy.require(tx.actor, (policies.SEE if is_own else policies.WATCH).name)
    visits = await booking.past_visits(tx, whose.patient_id, span)
    medicines = await chart.medicine_steps(tx, whose.patient_id, whose.zone, span, is_repeated=is_repeated)
    return Beside(tuple(visits), tuple(medicines))
