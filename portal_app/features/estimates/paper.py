"""An estimate on paper."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import audit, i18n, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.core.printing import Sheet, print_sheet
from portal_app.features.estimates import policies
from portal_app.features.estimates.asking import estimate
from portal_app.features.estimates.saying import parts_of
from portal_app.features.practice import service as practice


@dataclass(frozen=True, slots=True)
class EstimateFile:
    """An estimate as a file; its name says nothing about health."""

    filename: str
    content: bytes


async def estimate_file(tx: Transaction, estimate_id: UUID) -> EstimateFile:
    """Return an estimate as PDF in the current language, as it was given.

    Raises:
        NotFound: if the actor sees no such estimate, or it is not given yet.
    """
    policy.require(tx.actor, policies.SEE.name)
    one = await estimate(tx, estimate_id, is_repeated=True)
    if one.given_at is None or one.born is None:
        raise NotFound
    us = await practice.practice(tx)
    born = _("Born {day}").format(day=i18n.format_long_date(one.born))
    given = _("Given on {day}").format(day=i18n.format_long_date(one.given_at.astimezone(ZoneInfo(one.zone)).date()))
    title = _("Good-faith estimate") if one.kind == "good_faith" else _("Estimate before your visit")
    sheet = Sheet(title, us.name, (one.patient_name, born, given), parts_of(one))
    await audit.record(tx, "estimates.print", patient_id=tx.actor.patient_id, entity="Estimate", entity_id=estimate_id)
    return EstimateFile("estimate.pdf", await print_sheet(sheet))
