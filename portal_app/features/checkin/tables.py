"""Tables of check-in. Policies, triggers and functions are in migration 0047."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _words(default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


class CheckInRule(SQLModel, table=True):
    """What the practice has said about check-in, in one row; none until it says something."""

    __tablename__ = "check_in_rule"
    __table_args__ = (
        CheckConstraint("only_one", name="check_in_rule_only_one"),
        CheckConstraint("days between 1 and 14", name="check_in_rule_days"),
    )

    only_one: bool = Field(default=True, sa_column=Column(Boolean, primary_key=True, server_default=text("true")))
    days: int = Field(sa_column=Column(SmallInteger, nullable=False))
    marks_arrived: bool = Field(sa_column=Column(Boolean, nullable=False))
    set_by: UUID = Field(foreign_key="person.id")
    set_at: datetime = Field(sa_column=_moment())


class CheckIn(SQLModel, table=True):
    """The check-in for one visit: begun with the first thing confirmed, finished when somebody is checked in.

    `missing` are the keys of what was left to do when the patient's side last looked; `side` says who finished it.
    """

    __tablename__ = "check_in"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="check_in_confidentiality"),
        CheckConstraint("side in ('', 'patient', 'caregiver', 'desk')", name="check_in_side"),
        CheckConstraint(
            "(finished_at is null) = (finished_by is null) and (finished_at is null) = (side = '')",
            name="check_in_finished",
        ),
    )

    appointment_id: UUID = Field(primary_key=True, foreign_key="appointment.id")
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    missing: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))
    started_by: UUID = Field(foreign_key="person.id")
    started_at: datetime = Field(sa_column=_moment())
    finished_by: UUID | None = Field(default=None, foreign_key="person.id")
    finished_name: str = Field(default="", sa_column=_words(""))
    finished_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    side: str = Field(default="", sa_column=_words(""))


class CheckInStep(SQLModel, table=True):
    """One thing that somebody confirmed, or leaves for the desk: that they did, not what it is."""

    __tablename__ = "check_in_step"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="check_in_step_confidentiality"),
        CheckConstraint("answer in ('confirmed', 'at_desk')", name="check_in_step_answer"),
        CheckConstraint("side in ('patient', 'caregiver', 'desk')", name="check_in_step_side"),
        CheckConstraint("task in ('contact', 'insurance', 'copay')", name="check_in_step_task"),
    )

    appointment_id: UUID = Field(primary_key=True, foreign_key="check_in.appointment_id")
    task: str = Field(sa_column=Column(Text, primary_key=True))
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    answer: str = Field(sa_column=_words())
    done_by: UUID = Field(foreign_key="person.id")
    done_name: str = Field(sa_column=_words())
    side: str = Field(sa_column=_words())
    done_at: datetime = Field(sa_column=_moment())
