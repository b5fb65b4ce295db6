"""Check-in as screens show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal_app.features.booking.service import AppointmentView
from portal_app.features.checkin.rules import Stage, TaskState


@dataclass(frozen=True, slots=True)
class TaskView:
    """One thing to do before a visit.

    `key` is "contact", "insurance", "medicines", "copay", "documents", "device" or "form:" and its url. `titles` are a
    form's, by language, and `language` the one it was written in; `done_by` is who confirmed it, set where that was not
    the patient. `asks_proof` says that a second proof is asked for once it is opened.
    """

    key: str
    state: TaskState
    done_at: datetime | None = None
    done_by: str = ""
    titles: Mapping[str, str] | None = None
    language: str = ""
    is_for_them: bool = True
    asks_proof: bool = False


@dataclass(frozen=True, slots=True)
class CheckInView:
    """Check-in for one visit. `finished_side` is "patient", "caregiver" or "desk" once somebody is checked in.

    `patient_name` is for the desk alone.
    """

    appointment: AppointmentView
    stage: Stage
    opens_at: datetime
    tasks: tuple[TaskView, ...]
    finished_at: datetime | None
    finished_name: str
    finished_side: str
    patient_name: str = field(default="", repr=False)

    def missing(self) -> tuple[TaskView, ...]:
        """Return what is left to do."""
        return tuple(one for one in self.tasks if one.state in ("todo", "doing", "at_desk"))


@dataclass(frozen=True, slots=True)
class CheckInRule:
    """How many days before a visit check-in opens, and whether the square in the waiting room marks people as here."""

    days: int
    marks_arrived: bool


@dataclass(frozen=True, slots=True)
class Here:
    """What somebody finds who opened the square in the waiting room: today's visit, and whether we know they are here.

    `appointment_id` is None where they have no visit today.
    """

    appointment_id: UUID | None
    is_arrived: bool
