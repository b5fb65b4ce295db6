"""Tasks as screens show them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom a task can be handed to."""

    person_id: UUID
    display_name: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """Something to see to. Names are empty where there is no patient, or the actor may not see the chart."""

    id: UUID
    code: str
    status: str
    focus_id: UUID
    patient_id: UUID | None
    given_name: str
    family_name: str
    birth_date: date | None
    language: str
    location_name: str
    practitioner_name: str
    zone: str
    note: str
    outcome: str
    owner_id: UUID | None
    owner_name: str
    authored_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
