"""Tables of what staff have to see to. Policies and triggers are in migration 0005."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Column, DateTime, Index, Text, literal_column
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


class TaskKind(SQLModel, table=True):
    """A sort of task: which roles it concerns, and whether a patient's own act opens and closes it."""

    __tablename__ = "task_kind"
    __table_args__ = (
        CheckConstraint(
            "roles <@ '{nurse,clinician,front_desk,billing,manager}' and roles <> '{}'", name="task_kind_roles"
        ),
    )

    code: str = Field(sa_column=Column(Text, primary_key=True))
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    is_open_to_patient: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default="false"))


class Task(SQLModel, table=True):
    """Something to see to (FHIR Task), about `focus_id`: at most one open of a code and focus.

    `owner_id` is who has taken it; `owner_name` says so to colleagues, who may not see each other's accounts.
    """

    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="task_confidentiality"),
        CheckConstraint("status in ('requested', 'accepted', 'completed', 'cancelled')", name="task_status"),
        CheckConstraint("(status in ('completed', 'cancelled')) = (closed_at is not null)", name="task_closed"),
        CheckConstraint("(status = 'accepted') <= (owner_id is not null)", name="task_owned"),
        Index("task_open_once", "code", "focus_id", unique=True, postgresql_where=literal_column("closed_at is null")),
        Index("ix_task_patient_id", "patient_id"),
        Index("task_closed_lately", "closed_at", postgresql_where=literal_column("closed_at is not null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    code: str = Field(sa_type=Text, foreign_key="task_kind.code")
    status: str = Field(sa_column=Column(Text, nullable=False))
    focus_id: UUID
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id")
    location_id: UUID | None = Field(default=None, foreign_key="location.id")
    note: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    outcome: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    author_id: UUID = Field(foreign_key="person.id")
    owner_id: UUID | None = Field(default=None, foreign_key="person.id")
    owner_name: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    authored_at: datetime = Field(sa_column=_moment())
    changed_at: datetime = Field(sa_column=_moment())
    due_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    closed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")
