"""Tables of what people say about themselves, and of addresses that changed. Their policies are in migration 0020."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Text, text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedJSON, EncryptedText


class PatientProfile(SQLModel, table=True):
    """Whom to ask about a patient and where their medicine comes from (FHIR Patient.contact); encrypted.

    `pharmacy` has name, phone and address; `emergency_contact` has name, relation and phone.
    """

    __tablename__ = "patient_profile"
    __table_args__ = (CheckConstraint("confidentiality in ('N', 'R', 'V')", name="patient_profile_confidentiality"),)

    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", primary_key=True)
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    pharmacy: Mapping[str, Any] | None = Field(default=None, sa_column=Column(EncryptedJSON, nullable=True))
    emergency_contact: Mapping[str, Any] | None = Field(default=None, sa_column=Column(EncryptedJSON, nullable=True))


class ContactChange(SQLModel, table=True):
    """An address that somebody changed: what it was, what it became (both encrypted), and whether staff undid it."""

    __tablename__ = "contact_change"
    __table_args__ = (CheckConstraint("kind in ('email', 'phone')", name="contact_change_kind"),)

    id: UUID = Field(
        default_factory=uuid4, primary_key=True, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", ondelete="CASCADE", index=True)
    kind: str = Field(sa_column=Column(Text, nullable=False))
    old_address: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    old_index: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    new_address: str = Field(sa_column=Column(EncryptedText, nullable=False))
    new_index: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
    undone_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    undone_by: UUID | None = Field(default=None, foreign_key="person.id")


class PatientChange(SQLModel, table=True):
    """What the patient's side changed about the patient: one row for each thing that the practice has not accepted.

    `before` is what stood there when the practice last accepted it, `after` what stands now; both encrypted.
    """

    __tablename__ = "profile_change"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="profile_change_confidentiality"),
        CheckConstraint(
            "kind in ('called', 'pronouns', 'pharmacy', 'emergency', 'email', 'phone')", name="profile_change_kind"
        ),
        CheckConstraint("(accepted_by is null) = (accepted_at is null)", name="profile_change_accepted"),
        Index("profile_change_open", "patient_id", "kind", unique=True, postgresql_where=text("accepted_at is null")),
    )

    id: UUID = Field(
        default_factory=uuid4, primary_key=True, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    before: Mapping[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))
    after: Mapping[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))
    changed_by: UUID = Field(foreign_key="person.id")
    changed_name: str = Field(sa_column=Column(Text, nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    accepted_by: UUID | None = Field(default=None, foreign_key="person.id")
    accepted_name: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    accepted_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
