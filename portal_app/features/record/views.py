"""A chart as somebody takes it away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from portal_app.core.actor import Section
from portal_app.features.access.service import CaregiverView
from portal_app.features.billing.service import BillView, PostingView
from portal_app.features.booking.service import AppointmentView
from portal_app.features.chart.service import Lists
from portal_app.features.coverage.service import CoverageView
from portal_app.features.estimates.service import EstimateView
from portal_app.features.files.service import DocumentView
from portal_app.features.intake.service import OwnForm
from portal_app.features.notes.service import PastVisit
from portal_app.features.privacy.service import DayOfLines
from portal_app.features.profile.service import Profile
from portal_app.features.vitals.service import ReadingView

PARTS: Final[Mapping[str, Section]] = {
    "about": Section.profile, "caregivers": Section.profile, "appointments": Section.booking,
    "lists": Section.results, "visits": Section.notes, "documents": Section.visits, "forms": Section.forms,
    "readings": Section.vitals, "bills": Section.bills, "estimates": Section.bills, "coverages": Section.bills,
    "who_looked": Section.profile,
}  # fmt: skip
"""What a record is made of, in its order, and the section of the chart in which each part is shared."""


@dataclass(frozen=True, slots=True)
class Record:
    """Everything of a chart that the actor may see, at `made_at`; times are said in `zone`.

    `parts` names what is in it: of the others nothing was looked up. `is_cut`: the list of who looked goes on.
    """

    name: str = field(repr=False)
    birth_date: date | None = field(repr=False)
    made_at: datetime
    zone: str
    parts: tuple[str, ...]
    about: Profile | None = None
    caregivers: Sequence[CaregiverView] = ()
    appointments: Sequence[AppointmentView] = ()
    lists: Lists | None = field(default=None, repr=False)
    visits: Sequence[PastVisit] = field(default=(), repr=False)
    documents: Sequence[DocumentView] = ()
    forms: Sequence[OwnForm] = ()
    readings: Sequence[ReadingView] = ()
    bills: Sequence[tuple[BillView, Sequence[PostingView]]] = ()
    estimates: Sequence[EstimateView] = ()
    coverages: Sequence[CoverageView] = ()
    who_looked: Sequence[DayOfLines] = ()
    is_cut: bool = False
