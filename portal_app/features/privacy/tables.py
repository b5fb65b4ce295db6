"""Tables of openings in an emergency and of questions about who looked. Policies and triggers are in migration 0019."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, Text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


class EmergencyAccess(SQLModel, table=True):
    """One opening of a chart outside one's own patients ("breaking the glass"); `reason` is encrypted."""

    __tablename__ = "emergency_access"
    __table_args__ = (
        CheckConstraint("kind in ('emergency', 'covering', 'asked', 'other')", name="emergency_access_kind"),
        CheckConstraint(
            "valid_until > opened_at and valid_until <= opened_at + interval '4 hours'", name="emergency_access_brief"
        ),
        Index("emergency_access_chart", "patient_id", "person_id", "opened_at"),
        Index("emergency_access_opened", "opened_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    person_name: str = Field(sa_column=Column(Text, nullable=False))
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    kind: str = Field(sa_column=Column(Text, nullable=False))
    reason: str = Field(sa_column=Column(EncryptedText, nullable=False))
    opened_at: datetime = Field(sa_column=_moment())
    valid_until: datetime = Field(sa_column=_moment())
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    reviewed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    reviewed_by: UUID | None = Field(default=None, foreign_key="person.id")


class PrivacyQuestion(SQLModel, table=True):
    """A patient's doubt about one line of the trail, and what the practice answered; words and answer are encrypted."""

    __tablename__ = "privacy_question"
    __table_args__ = (
        CheckConstraint("(answer is null) = (answered_at is null)", name="privacy_question_answered"),
        Index("ix_privacy_question_patient_id", "patient_id", "asked_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    event_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    words: str = Field(default="", sa_column=Column(EncryptedText, nullable=False, server_default=""))
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_column=_moment())
    answer: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    answered_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")
