"""Tables of openings in an emergency, of looks by support, and of questions about who looked.

Policies, triggers and functions are in migrations 0019, 0027 and 0031.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, DateTime, Index, Text, text
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


class SupportView(SQLModel, table=True):
    """A look at a patient's own pages as the patient sees them: whose, by whom, under which hats, why, until when.

    Written by functions of the database alone. `locale` is the patient's language.
    """

    __tablename__ = "support_view"
    __table_args__ = (
        CheckConstraint("kind in ('asked', 'present', 'mistake')", name="support_view_kind"),
        CheckConstraint(
            "until > started_at and until <= started_at + interval '15 minutes'", name="support_view_brief"
        ),
        Index("support_view_from_session", "from_session_id"),
        Index("support_view_open", "person_id", postgresql_where=text("ended_at is null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    from_session_id: UUID = Field(foreign_key="session.id", ondelete="CASCADE")
    seen_person_id: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    locale: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    started_at: datetime = Field(sa_column=_moment())
    until: datetime = Field(sa_column=_moment())
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class LookRefusal(SQLModel, table=True):
    """A patient who does not want support to see their pages as they do; taken back, the row is gone."""

    __tablename__ = "look_refusal"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", unique=True)
    refused_by: UUID = Field(foreign_key="person.id")
    refused_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )


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
