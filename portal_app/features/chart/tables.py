"""Tables of medicines, allergies, reviews and changes. Policies and triggers are in migration 0048."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedJSON, EncryptedText

_CONFIDENTIALITY = "confidentiality in ('N', 'R', 'V')"


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _words(default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


def _content() -> "Column[Mapping[str, Any]]":
    return Column(EncryptedJSON, nullable=False)


class ChartEntry(SQLModel, table=True):
    """A line of a list (FHIR MedicationStatement, AllergyIntolerance), or that there are no known allergies.

    `content` is encrypted: name, how and why of a medicine; name, reaction and severity of an allergy. `told_name` and
    `told_at` say who of the patient's side told it, where it came from a change that was taken.
    """

    __tablename__ = "chart_entry"
    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="chart_entry_confidentiality"),
        CheckConstraint("kind in ('medication', 'allergy', 'no_allergies')", name="chart_entry_kind"),
        CheckConstraint("status in ('active', 'stopped', 'entered-in-error')", name="chart_entry_status"),
        CheckConstraint("(change_id is null) = (told_at is null)", name="chart_entry_told"),
        Index("chart_entry_of_patient", "patient_id", "kind", "status"),
        Index(
            "chart_entry_no_allergies_once", "patient_id", unique=True,
            postgresql_where=text("kind = 'no_allergies' and status = 'active'"),
        ),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    kind: str = Field(sa_column=_words())
    content: Mapping[str, Any] = Field(sa_column=_content())
    since_on: date | None = None
    status: str = Field(default="active", sa_column=_words("active"))
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    change_id: UUID | None = None
    told_name: str = Field(default="", sa_column=_words(""))
    told_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    written_by: UUID = Field(foreign_key="person.id")
    written_name: str = Field(sa_column=_words())
    written_at: datetime = Field(sa_column=_moment())


class ChartEntryVersion(SQLModel, table=True):
    """What an entry was before it changed; written by a trigger."""

    __tablename__ = "chart_entry_version"
    __table_args__ = (CheckConstraint(_CONFIDENTIALITY, name="chart_entry_version_confidentiality"),)

    entry_id: UUID = Field(foreign_key="chart_entry.id", primary_key=True)
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    content: Mapping[str, Any] = Field(sa_column=_content())
    since_on: date | None = None
    status: str = Field(sa_column=_words())
    told_name: str = Field(default="", sa_column=_words(""))
    told_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    written_by: UUID = Field(foreign_key="person.id")
    written_name: str = Field(sa_column=_words())
    written_at: datetime = Field(sa_column=_moment())


class ChartReview(SQLModel, table=True):
    """A patient going through their lists, before a visit or at any time; open until they say that it is all."""

    __tablename__ = "chart_review"
    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="chart_review_confidentiality"),
        CheckConstraint("(done_by is null) = (done_at is null)", name="chart_review_done"),
        Index(
            "chart_review_open_once", "patient_id", "appointment_id", unique=True, postgresql_nulls_not_distinct=True,
            postgresql_where=text("done_at is null"),
        ),
        Index("chart_review_of_visit", "appointment_id"),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id")
    begun_by: UUID = Field(foreign_key="person.id")
    begun_at: datetime = Field(sa_column=_moment())
    done_by: UUID | None = Field(default=None, foreign_key="person.id")
    done_name: str = Field(default="", sa_column=_words(""))
    done_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class ChartChange(SQLModel, table=True):
    """What somebody of the patient's side said about an entry, or of something that is on no list.

    "noted" asks for no decision (it is as written, or they do not know); "proposed" waits for the care team. `content`
    is in their own words and encrypted, in the language of `locale`; nobody changes it once it was decided.
    """

    __tablename__ = "chart_change"
    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="chart_change_confidentiality"),
        CheckConstraint("kind in ('medication', 'allergy')", name="chart_change_kind"),
        CheckConstraint("verb in ('same', 'differs', 'stopped', 'unknown', 'new', 'none')", name="chart_change_verb"),
        CheckConstraint(
            "status in ('noted', 'proposed', 'taken', 'declined', 'withdrawn')", name="chart_change_status"
        ),
        CheckConstraint("(entry_id is null) = (entry_version is null)", name="chart_change_about"),
        CheckConstraint(
            "(status in ('taken', 'declined')) = (decided_at is not null)"
            " and (decided_at is null) = (decided_by is null)",
            name="chart_change_decided",
        ),
        UniqueConstraint("request_key", name="chart_change_once"),
        UniqueConstraint("review_id", "entry_id", name="chart_change_answer_once"),
        Index("chart_change_of_patient", "patient_id", "status"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    review_id: UUID | None = Field(default=None, foreign_key="chart_review.id", index=True)
    kind: str = Field(sa_column=_words())
    entry_id: UUID | None = Field(default=None, foreign_key="chart_entry.id")
    entry_version: int | None = None
    verb: str = Field(sa_column=_words())
    content: Mapping[str, Any] = Field(sa_column=_content())
    locale: str = Field(sa_column=_words())
    told_by: UUID = Field(foreign_key="person.id")
    told_name: str = Field(sa_column=_words())
    is_own: bool
    told_at: datetime = Field(sa_column=_moment())
    request_key: UUID
    status: str = Field(sa_column=_words())
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    decided_name: str = Field(default="", sa_column=_words(""))
    decided_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    reason: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
