"""Tables of what changes weekly hours: single days, leave, closed days. Policies and the search are in 0007."""

from datetime import date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    Time,
)
from sqlmodel import Field, SQLModel


class ScheduleException(SQLModel, table=True):
    """Other hours on one day at one location, in the place of the weekly ones; without `opens`, no hours.

    A day may have several. Times are walls of the location, as those of a `Schedule`.
    """

    __tablename__ = "schedule_exception"
    __table_args__ = (
        ForeignKeyConstraint(
            ["practitioner_id", "location_id"],
            ["practitioner_location.practitioner_id", "practitioner_location.location_id"],
            ondelete="CASCADE",
        ),
        CheckConstraint(
            "(opens is null) = (closes is null) and coalesce(closes > opens, true)", name="schedule_exception_hours"
        ),
        CheckConstraint("grid_min between 5 and 480", name="schedule_exception_grid"),
        CheckConstraint(
            "modalities <@ '{in_person,video}' and modalities <> '{}'", name="schedule_exception_modalities"
        ),
        CheckConstraint(
            "(release_days is null) = (release_at is null) and coalesce(release_days, 0) between 0 and 60",
            name="schedule_exception_release",
        ),
        Index("ix_schedule_exception_practitioner_id", "practitioner_id", "day"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    practitioner_id: UUID
    location_id: UUID
    day: date = Field(sa_column=Column(Date, nullable=False))
    opens: time | None = Field(default=None, sa_column=Column(Time, nullable=True))
    closes: time | None = Field(default=None, sa_column=Column(Time, nullable=True))
    grid_min: int = Field(default=20, sa_column=Column(SmallInteger, nullable=False, server_default="20"))
    modalities: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    release_days: int | None = Field(default=None, sa_column=Column(SmallInteger, nullable=True))
    release_at: time | None = Field(default=None, sa_column=Column(Time, nullable=True))


class PractitionerLeave(SQLModel, table=True):
    """A time in which a practitioner sees nobody, in wall time of whichever location; without an end, for good.

    Why somebody is away is theirs and is not kept.
    """

    __tablename__ = "practitioner_leave"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="practitioner_leave_order"),
        Index("ix_practitioner_leave_practitioner_id", "practitioner_id", "starts_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", ondelete="CASCADE")
    starts_at: datetime = Field(sa_column=Column(DateTime, nullable=False))
    ends_at: datetime | None = Field(default=None, sa_column=Column(DateTime, nullable=True))


class HolidayCalendar(SQLModel, table=True):
    """Which public holidays a location observes: ISO 3166 country and subdivision, and the names of those it keeps."""

    __tablename__ = "holiday_calendar"

    location_id: UUID = Field(foreign_key="location.id", ondelete="CASCADE", primary_key=True)
    country: str = Field(sa_column=Column(Text, nullable=False))
    subdivision: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    observed: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))


class ClosedDay(SQLModel, table=True):
    """A day on which a location is closed: an observed holiday, or one the practice wrote down itself."""

    __tablename__ = "closed_day"

    location_id: UUID = Field(foreign_key="location.id", ondelete="CASCADE", primary_key=True)
    day: date = Field(sa_column=Column(Date, primary_key=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    is_holiday: bool


class ScheduleEdition(SQLModel, table=True):
    """How often somebody's schedule was changed, and by whom last; who edits an older one is told so."""

    __tablename__ = "schedule_edition"

    practitioner_id: UUID = Field(foreign_key="practitioner.id", ondelete="CASCADE", primary_key=True)
    number: int
    changed_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class DisplacedOffer(SQLModel, table=True):
    """That a patient whose time cannot be kept was asked by mail to choose another, for the time it had then."""

    __tablename__ = "displaced_offer"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="displaced_offer_confidentiality"),
        Index("ix_displaced_offer_patient_id", "patient_id"),
    )

    appointment_id: UUID = Field(foreign_key="appointment.id", ondelete="CASCADE", primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    starts_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    offered_by: UUID = Field(foreign_key="person.id")
    offered_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
