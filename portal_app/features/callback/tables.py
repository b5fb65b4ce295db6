"""The table of call-backs. Policies and the trigger are in migration 0006."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, DateTime, Index, SmallInteger, Text, UniqueConstraint, literal_column
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


class CallBack(SQLModel, table=True):
    """A patient's wish to be called, one open at a time. `zone` is where `due_at` is said; the number is encrypted."""

    __tablename__ = "call_back"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="call_back_confidentiality"),
        CheckConstraint("purpose in ('bookings', 'billing', 'nurse')", name="call_back_purpose"),
        CheckConstraint("status in ('requested', 'completed', 'cancelled')", name="call_back_status"),
        CheckConstraint("(status = 'requested') = (ended_at is null)", name="call_back_ended"),
        UniqueConstraint("patient_id", "request_key", name="call_back_request"),
        Index(
            "call_back_one_open",
            "patient_id",
            "confidentiality",
            unique=True,
            postgresql_where=literal_column("status = 'requested'"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    purpose: str = Field(sa_column=Column(Text, nullable=False))
    number: str = Field(sa_column=Column(EncryptedText, nullable=False))
    words: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    status: str = Field(sa_column=Column(Text, nullable=False))
    request_key: UUID
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_column=_moment())
    due_at: datetime = Field(sa_column=_moment())
    zone: str = Field(sa_column=Column(Text, nullable=False))
    tried_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    tries: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
