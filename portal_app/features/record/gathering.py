"""Gather what somebody takes away of the chart they act for.

One transaction of the asking session: each part comes from the service that shows it on its page, so that row-level
security and the rules of that page decide what is in it, and nothing has to be left out again here.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.access import service as access
from portal_app.features.billing import service as billing
from portal_app.features.booking import service as booking
from portal_app.features.chart import service as lists
from portal_app.features.coverage import service as coverage
from portal_app.features.estimates import service as estimates
from portal_app.features.files import service as files
from portal_app.features.intake import service as intake
from portal_app.features.notes import service as notes
from portal_app.features.practice import service as practice
from portal_app.features.privacy import service as privacy
from portal_app.features.profile import service as profile
from portal_app.features.record import policies
from portal_app.features.record.views import PARTS, Record
from portal_app.features.vitals import service as vitals

LINES_MOST: Final = 5_000
"""Lines of who looked in one file; what is older is read on the page."""
_EVER: Final = datetime(1900, 1, 1, tzinfo=UTC)
_MOST: Final = 100_000
_SHARED: Final = """
select s from unnest(cast(:sections as text[])) s where public.may('view', s, :chart, 'N')
"""
_CHART: Final = "select given_name, family_name, birth_date, zone from patient where id = :chart"


async def contents(tx: Transaction) -> tuple[str, ...]:
    """Return the names of the parts that a record of the chart acted for would have, for whoever may take it now.

    Raises:
        NotFound: if the actor acts for no chart.
        StepUpNeeded: if they must sign in once more.
    """
    policy.require(tx.actor, policies.TAKE.name)
    await access.require_fresh(tx)
    sections = sorted(set(PARTS.values()))
    rows = await tx.all(_SHARED, {"sections": sections, "chart": tx.actor.patient_id})
    shared = {row.s for row in rows}
    own = await profile.acts_for_self(tx)
    parts = tuple(one for one, section in PARTS.items() if section in shared and (own or one != "caregivers"))
    if not parts:
        raise NotFound
    return parts


async def gather(tx: Transaction) -> Record:
    """Return everything of the chart acted for that the actor may see; that it was taken is recorded.

    Call in the language in which it is to be read. Raises as `contents`.
    """
    parts = await contents(tx)
    chart: Any = await tx.first(_CHART, {"chart": tx.actor.patient_id})
    name, born, zone = await _whose(tx, chart)
    found: dict[str, Any] = {one: await _GATHERED[one](tx) for one in parts if one != "who_looked"}
    if "who_looked" in parts:
        found["who_looked"], found["is_cut"] = await _who_looked(tx)
    await audit.record(
        tx, "record.take", patient_id=tx.actor.patient_id, entity="Patient", entity_id=tx.actor.patient_id
    )
    return Record(name, born, clock.now(), zone, parts, **found)


async def _whose(tx: Transaction, chart: Any) -> tuple[str, date | None, str]:
    """Return name, birth date and zone; whoever does not see the patient's own page knows the name alone."""
    if chart is not None:
        return f"{chart.given_name} {chart.family_name}", chart.birth_date, chart.zone
    acted = await access.acting_for(tx)
    places = await practice.locations(tx)
    return (acted.name if acted else ""), None, (places[0].zone if places else "UTC")


async def _appointments(tx: Transaction) -> Sequence[booking.AppointmentView]:
    return [one for one in await booking.my_appointments(tx, is_repeated=True) if one.status != "pending"]


async def _lists(tx: Transaction) -> lists.Lists:
    return await lists.own_lists(tx, is_repeated=True, since=_EVER)


async def _visits(tx: Transaction) -> Sequence[notes.PastVisit]:
    found = []
    for one in await notes.ended(tx):
        try:
            found.append(await notes.past_visit(tx, one, is_repeated=True))
        except NotFound:  # who sees that a visit took place need not be whom its summary is shown
            continue
    return found


async def _documents(tx: Transaction) -> Sequence[files.DocumentView]:
    if tx.actor.patient_id is None:
        return ()
    return await files.chart_documents(tx, tx.actor.patient_id, most=_MOST, is_repeated=True)


async def _readings(tx: Transaction) -> Sequence[vitals.ReadingView]:
    found: list[vitals.ReadingView] = []
    for measure in vitals.MEASURES:
        found += await vitals.readings(tx, measure, since=_EVER, is_repeated=True, most=_MOST)
    return found


async def _bills(tx: Transaction) -> Sequence[tuple[billing.BillView, Sequence[billing.PostingView]]]:
    listed = await billing.my_bills(tx, most=billing.Shelves(_MOST, _MOST), is_repeated=True)
    both = (*listed.to_pay.bills, *listed.settled.bills)
    return [await billing.bill(tx, one.id, is_repeated=True) for one in both]


async def _estimates(tx: Transaction) -> Sequence[estimates.EstimateView]:
    return await estimates.my_estimates(tx, is_repeated=True, most=_MOST)


async def _coverages(tx: Transaction) -> Sequence[coverage.CoverageView]:
    return await coverage.my_coverages(tx, is_repeated=True)


async def _who_looked(tx: Transaction) -> tuple[Sequence[privacy.DayOfLines], bool]:
    days: list[privacy.DayOfLines] = []
    query = privacy.LookQuery()
    while sum(len(one.lines) for one in days) < LINES_MOST:
        page = await privacy.who_looked(tx, query, is_repeated=True)
        days += page.days
        if page.next_before is None:
            return days, False
        query = privacy.LookQuery(before=page.next_before)
    return days, True


_GATHERED: Final[Mapping[str, Callable[[Transaction], Awaitable[Any]]]] = {
    "about": profile.profile, "caregivers": access.list_caregivers, "appointments": _appointments,
    "lists": _lists, "visits": _visits, "documents": _documents, "forms": intake.my_sent_forms, "readings": _readings,
    "bills": _bills, "estimates": _estimates, "coverages": _coverages,
}  # fmt: skip
