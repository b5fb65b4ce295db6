"""Tables of the words charts are found by, and of people who ask to become patients. The rest is in migration 0010."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, DateTime, Text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedJSON


class NameLetter(SQLModel, table=True):
    """How a letter of any script is written in small Latin letters; filled by the migration."""

    __tablename__ = "name_letter"

    letter: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    latin: str = Field(sa_column=Column(Text, nullable=False))


class PatientWord(SQLModel, table=True):
    """A word a chart is found by; kept by triggers on the chart."""

    __tablename__ = "patient_word"

    word: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", primary_key=True, index=True)
    confidentiality: str = Field(sa_column=Column(Text, nullable=False))


class Registration(SQLModel, table=True):
    """A wish to become a patient. `content` is what the visitor wrote: `views.RegistrationForm`, encrypted."""

    __table_args__ = (
        CheckConstraint("status in ('open', 'accepted', 'linked', 'declined')", name="registration_status"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    status: str = Field(default="open", sa_column=Column(Text, nullable=False, server_default="open"))
    content: Mapping[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))
    locale: str = Field(default="en", sa_column=Column(Text, nullable=False, server_default="en"))
    request_key: UUID = Field(unique=True)
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", ondelete="SET NULL")
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
