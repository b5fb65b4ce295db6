"""The table of documents in charts. Its policies and triggers are in migrations 0033 and 0059."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class DocumentReference(SQLModel, table=True):
    """A document of a chart (FHIR DocumentReference): who brought it, when, and into or before which visit.

    `sent_name` is how who sent it before a visit was called then; in a visit its participant says that.

    `is_alone`: sent while the clinician was alone with the patient, so it stays from those who act for them.
    """

    __tablename__ = "document_reference"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="document_reference_confidentiality"),
        UniqueConstraint("sent_by", "request_key", name="document_reference_once"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    visit_id: UUID | None = Field(default=None, foreign_key="visit.id", ondelete="SET NULL", index=True)
    file_id: UUID = Field(foreign_key="stored_file.id", unique=True)
    is_alone: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    sent_by: UUID = Field(foreign_key="person.id")
    sent_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    request_key: UUID
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", ondelete="SET NULL", index=True)
    sent_name: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
