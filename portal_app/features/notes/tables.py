"""Tables of notes, encounters, summaries and ratings. Policies, triggers and functions are in migration 0030."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedJSON, EncryptedText


def _moment(*, nullable: bool = False, default: str | None = None) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text(default) if default else None)


def _words(*, nullable: bool = False, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=nullable, server_default=default)


def _levels(table: str) -> CheckConstraint:
    return CheckConstraint("confidentiality in ('N', 'R', 'V')", name=f"{table}_confidentiality")


class ClinicalNote(SQLModel, table=True):
    """The note of one appointment (FHIR Composition). `content` has brought, found, assessment and plan.

    `version` counts what was saved; `ending` is what was picked for the ending so far and is gone once signed. After
    `signed_at` no column but the confidentiality changes: a trigger refuses.
    """

    __tablename__ = "clinical_note"
    __table_args__ = (
        _levels("clinical_note"),
        CheckConstraint("withheld_because in ('harm', 'asked', 'about_others')", name="clinical_note_withheld"),
        CheckConstraint(
            "(signed_by is null) = (signed_at is null) and (signed_by is null) = (text_hash is null)"
            " and (signed_by is null or ending is null)",
            name="clinical_note_signed",
        ),
        Index("clinical_note_unsigned", "practitioner_id", postgresql_where=literal_column("signed_at is null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id", unique=True)
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    content: Mapping[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))
    ending: Mapping[str, Any] | None = Field(default=None, sa_column=Column(EncryptedJSON, nullable=True))
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    written_by: UUID = Field(foreign_key="person.id")
    written_at: datetime = Field(sa_column=_moment())
    withheld_because: str | None = Field(default=None, sa_column=_words(nullable=True))
    signed_by: UUID | None = Field(default=None, foreign_key="person.id")
    signed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    text_hash: str | None = Field(default=None, sa_column=_words(nullable=True))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default="now()"))


class ClinicalNoteVersion(SQLModel, table=True):
    """What a note said before: kept when somebody else goes on writing, and every few minutes."""

    __tablename__ = "clinical_note_version"
    __table_args__ = (
        _levels("clinical_note_version"),
        UniqueConstraint("note_id", "version", name="clinical_note_version_once"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    note_id: UUID = Field(foreign_key="clinical_note.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    version: int
    content: Mapping[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))
    written_by: UUID = Field(foreign_key="person.id")
    written_at: datetime = Field(sa_column=_moment())


class NoteAddendum(SQLModel, table=True):
    """Words added to a signed note; only added."""

    __tablename__ = "note_addendum"
    __table_args__ = (
        _levels("note_addendum"),
        UniqueConstraint("note_id", "request_key", name="note_addendum_once"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    note_id: UUID = Field(foreign_key="clinical_note.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    words: str = Field(sa_column=Column(EncryptedText, nullable=False))
    written_by: UUID = Field(foreign_key="person.id")
    written_at: datetime = Field(sa_column=_moment())
    request_key: UUID


class Encounter(SQLModel, table=True):
    """A visit that took place (FHIR Encounter, finished): facts written once, when it is signed.

    `participants` has `people`: each with name and role, encrypted.
    """

    __table_args__ = (
        _levels("encounter"),
        CheckConstraint("modality in ('in_person', 'video', 'audio')", name="encounter_modality"),
        CheckConstraint("patient_place in ('clinic', 'home', 'elsewhere')", name="encounter_place"),
        CheckConstraint("ended_at >= started_at", name="encounter_order"),
        CheckConstraint("(modality = 'in_person') = (patient_place = 'clinic')", name="encounter_where"),
    )

    appointment_id: UUID = Field(foreign_key="appointment.id", primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    location_id: UUID = Field(foreign_key="location.id")
    modality: str = Field(sa_column=_words())
    patient_place: str = Field(sa_column=_words())
    started_at: datetime = Field(sa_column=_moment())
    ended_at: datetime = Field(sa_column=_moment())
    participants: Mapping[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))


class EncounterDiagnosis(SQLModel, table=True):
    """A diagnosis of a visit (ICD-10-CM), the first the main one; its words as the list had them then."""

    __tablename__ = "encounter_diagnosis"
    __table_args__ = (
        _levels("encounter_diagnosis"),
        CheckConstraint("rank between 1 and 12", name="encounter_diagnosis_rank"),
        UniqueConstraint("appointment_id", "rank", name="encounter_diagnosis_once"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    appointment_id: UUID = Field(foreign_key="encounter.appointment_id")
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    rank: int = Field(sa_column=Column(SmallInteger, nullable=False))
    code: str = Field(sa_column=_words())
    words: str = Field(sa_column=_words())


class VisitSummary(SQLModel, table=True):
    """What a patient is told after a visit, as what was picked: its sentences come with the reader's language.

    `written_in` is the language of what the clinician typed; `locale` the one the patient reads.
    """

    __tablename__ = "visit_summary"
    __table_args__ = (_levels("visit_summary"), Index("ix_visit_summary_patient_id", "patient_id", "sent_at"))

    appointment_id: UUID = Field(foreign_key="encounter.appointment_id", primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    content: Mapping[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))
    written_in: str = Field(sa_column=_words())
    locale: str = Field(sa_column=_words())
    sent_at: datetime = Field(sa_column=_moment())


class VisitRating(SQLModel, table=True):
    """How a visit was for one patient, one to five; theirs alone, and sums for managers."""

    __tablename__ = "visit_rating"
    __table_args__ = (
        _levels("visit_rating"),
        CheckConstraint("stars between 1 and 5", name="visit_rating_stars"),
    )

    appointment_id: UUID = Field(foreign_key="encounter.appointment_id", primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    stars: int = Field(sa_column=Column(SmallInteger, nullable=False))
    rated_by: UUID = Field(foreign_key="person.id")
    rated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    changed_at: datetime = Field(sa_column=_moment())


class DiagnosisCode(SQLModel, table=True):
    """A billable code of ICD-10-CM in the release that the practice has loaded; no patient's."""

    __tablename__ = "diagnosis_code"
    __table_args__ = (Index("diagnosis_code_search", "search", postgresql_using="gin"),)

    code: str = Field(sa_type=Text, primary_key=True)
    words: str = Field(sa_column=_words())
    release: str = Field(sa_column=_words())
    search: str = Field(sa_column=Column(TSVECTOR, nullable=False))
