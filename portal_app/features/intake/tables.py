"""Tables of questionnaires and answers. Policies, triggers and functions are in migration 0042."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedJSON


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _words(default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


class QuestionnaireVersion(SQLModel, table=True):
    """One version of a questionnaire (FHIR Questionnaire), its JSON as it was written; never changed."""

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("url", "version", name="questionnaire_once"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    url: str = Field(sa_column=_words())
    version: str = Field(sa_column=_words())
    resource: str = Field(sa_column=_words())
    added_by: UUID | None = Field(default=None, foreign_key="person.id")
    added_at: datetime = Field(sa_column=_moment())


class FormRule(SQLModel, table=True):
    """A form that is asked for before visits of one kind, or of every kind: always in its newest version."""

    __tablename__ = "form_rule"
    __table_args__ = (
        UniqueConstraint("url", "visit_type_id", name="form_rule_once", postgresql_nulls_not_distinct=True),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    url: str = Field(sa_column=_words())
    visit_type_id: UUID | None = Field(default=None, foreign_key="visit_type.id")
    set_by: UUID = Field(foreign_key="person.id")
    set_at: datetime = Field(sa_column=_moment())


class FormAssignment(SQLModel, table=True):
    """A form asked of a person: once, or every so many days until a day (FHIR Task).

    `occurrence` says which time is open now, from `opens_at` on, and is late after `due_at`.
    """

    __tablename__ = "form_assignment"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="form_assignment_confidentiality"),
        CheckConstraint(
            "(every_days is null) = (until is null) and (every_days is null or every_days between 1 and 366)",
            name="form_assignment_schedule",
        ),
        Index("form_assignment_open", "opens_at", postgresql_where=text("ended_at is null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    url: str = Field(sa_column=_words())
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    every_days: int | None = None
    until: date | None = None
    occurrence: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    opens_at: datetime = Field(sa_column=_moment())
    due_at: datetime = Field(sa_column=_moment())
    assigned_by: UUID = Field(foreign_key="person.id")
    assigned_at: datetime = Field(sa_column=_moment())
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class QuestionnaireResponse(SQLModel, table=True):
    """A form that somebody has begun for one visit, or because it was asked of them (FHIR QuestionnaireResponse).

    `place` is the key of the question they were at, `latest` the number of the last answer. `content` is there once it
    was sent, and then nothing of it changes: `response` is the resource as text, `signature` who signed what.
    """

    __tablename__ = "questionnaire_response"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="questionnaire_response_confidentiality"),
        CheckConstraint("status in ('in-progress', 'completed')", name="questionnaire_response_status"),
        CheckConstraint(
            "(status = 'completed') = (content is not null) and (content is null) = (submitted_at is null)"
            " and (content is null) = (submitted_by is null)",
            name="questionnaire_response_sent",
        ),
        CheckConstraint(
            "(reviewed_by is null) = (reviewed_at is null) and (reviewed_by is null or status = 'completed')",
            name="questionnaire_response_reviewed",
        ),
        CheckConstraint(
            "(appointment_id is null) = (assignment_id is not null) and (assignment_id is null) = (occurrence is null)",
            name="questionnaire_response_asked",
        ),
        UniqueConstraint("appointment_id", "url", name="questionnaire_response_once"),
        UniqueConstraint("assignment_id", "occurrence", name="questionnaire_response_once_asked"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    questionnaire_id: UUID = Field(foreign_key="questionnaire.id")
    url: str = Field(sa_column=_words())
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id")
    assignment_id: UUID | None = Field(default=None, foreign_key="form_assignment.id")
    occurrence: int | None = None
    locale: str = Field(sa_column=_words())
    status: str = Field(default="in-progress", sa_column=_words("in-progress"))
    place: str = Field(default="", sa_column=_words(""))
    latest: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    content: Mapping[str, Any] | None = Field(default=None, sa_column=Column(EncryptedJSON, nullable=True))
    started_by: UUID = Field(foreign_key="person.id")
    started_at: datetime = Field(sa_column=_moment())
    submitted_by: UUID | None = Field(default=None, foreign_key="person.id")
    submitted_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    reviewed_by: UUID | None = Field(default=None, foreign_key="person.id")
    reviewed_name: str = Field(default="", sa_column=_words(""))
    reviewed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class FormAnswer(SQLModel, table=True):
    """One answer as it was given; only added. The newest kept one of a key counts.

    `client_id` and `sequence` say which device's how-manieth answer it is: the same one is never added twice. `value`
    has `values`. What a device gave without knowing of a newer answer stands as a conflict until somebody chooses.
    """

    __tablename__ = "form_answer"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="form_answer_confidentiality"),
        CheckConstraint("standing in ('kept', 'conflict', 'refused')", name="form_answer_standing"),
        UniqueConstraint("response_id", "client_id", "sequence", name="form_answer_in_order"),
        Index("form_answer_of_key", "response_id", "key", "number"),
    )

    response_id: UUID = Field(foreign_key="questionnaire_response.id", primary_key=True)
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    client_id: UUID
    sequence: int
    key: str = Field(sa_column=_words())
    value: Mapping[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))
    standing: str = Field(sa_column=_words())
    given_by: UUID = Field(foreign_key="person.id")
    given_at: datetime = Field(sa_column=_moment())
    saved_at: datetime = Field(sa_column=_moment())
