"""Tables of plans, reminders and the ranges of one person. Policies and triggers are in migration 0050."""

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, SmallInteger, Text, UniqueConstraint
from sqlalchemy import literal_column as literal
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText

_CONFIDENTIALITY = "confidentiality in ('N', 'R', 'V')"


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _words(*, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


def _number() -> "Column[Decimal]":
    return Column(Numeric, nullable=True)


class CarePlan(SQLModel, table=True):
    """How often the care team asks somebody to measure something, and until when; replaced, never changed."""

    __tablename__ = "care_plan"
    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="care_plan_confidentiality"),
        CheckConstraint("times_a_day between 1 and 4", name="care_plan_times"),
        CheckConstraint("until_on >= begins_on", name="care_plan_days"),
        UniqueConstraint("request_key", name="care_plan_key"),
        Index("care_plan_once", "patient_id", "measure", unique=True, postgresql_where=literal("ended_at is null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    measure: str = Field(sa_column=_words())
    times_a_day: int = Field(sa_column=Column(SmallInteger, nullable=False))
    begins_on: date
    until_on: date
    set_by: UUID = Field(foreign_key="person.id")
    set_by_name: str = Field(sa_column=_words())
    set_at: datetime = Field(sa_column=_moment())
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    request_key: UUID


class CarePlanReminder(SQLModel, table=True):
    """When somebody wants to be reminded, by the clock of wherever the chart says that they live."""

    __tablename__ = "care_plan_reminder"
    __table_args__ = (CheckConstraint(_CONFIDENTIALITY, name="care_plan_reminder_confidentiality"),)

    patient_id: UUID = Field(foreign_key="patient.id", primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    measure: str = Field(sa_column=Column(Text, primary_key=True))
    at: time = Field(primary_key=True)
    last_on: date | None = None
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))


class CareRange(SQLModel, table=True):
    """The range of one person, which a clinician has set and given a reason for; replaced, never changed."""

    __tablename__ = "care_range"
    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="care_range_confidentiality"),
        CheckConstraint("severity in ('', 'routine', 'urgent')", name="care_range_severity"),
        CheckConstraint("num_nonnulls(low, high, pair_high) >= 1", name="care_range_bound"),
        CheckConstraint("low is null or high is null or low < high", name="care_range_order"),
        UniqueConstraint("request_key", name="care_range_key"),
        Index("care_range_once", "patient_id", "measure", unique=True, postgresql_where=literal("ended_at is null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    measure: str = Field(sa_column=_words())
    unit: str = Field(sa_column=_words())
    low: Decimal | None = Field(default=None, sa_column=_number())
    high: Decimal | None = Field(default=None, sa_column=_number())
    pair_high: Decimal | None = Field(default=None, sa_column=_number())
    severity: str = Field(sa_column=_words())
    reason: str = Field(sa_column=Column(EncryptedText, nullable=False))
    set_by: UUID = Field(foreign_key="person.id")
    set_by_name: str = Field(sa_column=_words())
    set_at: datetime = Field(sa_column=_moment())
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    request_key: UUID
