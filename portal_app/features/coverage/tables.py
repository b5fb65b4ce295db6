"""Tables of insurance. Policies and triggers are in migration 0038."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy import literal_column as literal
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedJSON, EncryptedText


def _words(*, nullable: bool = False, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=nullable, server_default=default)


def _secret() -> "Column[str]":
    return Column(EncryptedText, nullable=True)


def _moment(*, nullable: bool = False, default: str | None = None) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text(default) if default else None)


def _precedence() -> "Column[int]":
    return Column(SmallInteger, nullable=False)


def _day() -> "Column[date]":
    return Column(Date, nullable=True)


class Payer(SQLModel, table=True):
    """An insurer of the practice's list; `code` is how the clearing house calls it, "" where it is not known."""

    __table_args__ = (UniqueConstraint("name", name="payer_name"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(sa_column=_words())
    code: str = Field(default="", sa_column=_words(default=""))
    added_at: datetime = Field(sa_column=_moment())


class Coverage(SQLModel, table=True):
    """An insurance that somebody has (FHIR Coverage), or that they have none (`self_pay`).

    `precedence` 1 pays first. The subscriber's name and birth date are set where the patient is not the subscriber.
    `sequence` counts changes; what it said before is in `coverage_change`. A change is to be looked at again.
    """

    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="coverage_confidentiality"),
        CheckConstraint("kind in ('insurance', 'self_pay')", name="coverage_kind"),
        CheckConstraint("status in ('active', 'cancelled')", name="coverage_status"),
        CheckConstraint("precedence between 1 and 3", name="coverage_precedence"),
        CheckConstraint("relation in ('self', 'spouse', 'child', 'other')", name="coverage_relation"),
        CheckConstraint("valid_until >= valid_from", name="coverage_days"),
        CheckConstraint(
            "kind = 'self_pay' or (payer_name is not null and member_id is not null)", name="coverage_insured"
        ),
        CheckConstraint("(reviewed_by is null) = (reviewed_at is null)", name="coverage_reviewed"),
        UniqueConstraint("entered_by", "request_key", name="coverage_request"),
        ExcludeConstraint(
            ("patient_id", "="), ("precedence", "="), name="coverage_one_pays_first", using="btree",
            where=literal("status = 'active'"), deferrable=True, initially="immediate",
        ),
        Index(
            "coverage_unseen", "entered_at", postgresql_where=literal("status = 'active' and reviewed_at is null")
        ),
        Index("coverage_front", "front_file_id"),
        Index("coverage_back", "back_file_id"),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    kind: str = Field(sa_column=_words())
    status: str = Field(default="active", sa_column=_words(default="active"))
    precedence: int = Field(sa_column=_precedence())
    payer_id: UUID | None = Field(default=None, foreign_key="payer.id")
    payer_name: str | None = Field(default=None, sa_column=_secret())
    plan_name: str | None = Field(default=None, sa_column=_secret())
    member_id: str | None = Field(default=None, sa_column=_secret())
    group_number: str | None = Field(default=None, sa_column=_secret())
    relation: str = Field(default="self", sa_column=_words(default="self"))
    subscriber_given: str | None = Field(default=None, sa_column=_secret())
    subscriber_family: str | None = Field(default=None, sa_column=_secret())
    subscriber_born: str | None = Field(default=None, sa_column=_secret())
    valid_from: date | None = Field(default=None, sa_column=_day())
    valid_until: date | None = Field(default=None, sa_column=_day())
    front_file_id: UUID | None = Field(default=None, foreign_key="stored_file.id", ondelete="SET NULL")
    back_file_id: UUID | None = Field(default=None, foreign_key="stored_file.id", ondelete="SET NULL")
    sequence: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    entered_by: UUID = Field(foreign_key="person.id")
    entered_at: datetime = Field(sa_column=_moment())
    request_key: UUID
    reviewed_by: UUID | None = Field(default=None, foreign_key="person.id")
    reviewed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class CoverageChange(SQLModel, table=True):
    """What an insurance was before a change; written by a trigger."""

    __tablename__ = "coverage_change"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="coverage_change_confidentiality"),
        UniqueConstraint("coverage_id", "sequence", name="coverage_change_once"),
    )

    id: UUID = Field(
        default_factory=uuid4, primary_key=True, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    coverage_id: UUID = Field(foreign_key="coverage.id", ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    sequence: int
    status: str = Field(sa_column=_words())
    precedence: int = Field(sa_column=_precedence())
    payer_name: str | None = Field(default=None, sa_column=_secret())
    plan_name: str | None = Field(default=None, sa_column=_secret())
    member_id: str | None = Field(default=None, sa_column=_secret())
    group_number: str | None = Field(default=None, sa_column=_secret())
    relation: str = Field(sa_column=_words())
    subscriber_given: str | None = Field(default=None, sa_column=_secret())
    subscriber_family: str | None = Field(default=None, sa_column=_secret())
    subscriber_born: str | None = Field(default=None, sa_column=_secret())
    valid_from: date | None = Field(default=None, sa_column=_day())
    valid_until: date | None = Field(default=None, sa_column=_day())
    entered_by: UUID = Field(foreign_key="person.id")
    entered_at: datetime = Field(sa_column=_moment())
    changed_at: datetime | None = Field(default=None, sa_column=_moment(default="now()"))


class EligibilityCheck(SQLModel, table=True):
    """What an insurer was asked and answered (FHIR CoverageEligibilityRequest and its response).

    `coverage_sequence` says which version of the insurance was asked about. An answer stays what it was.
    """

    __tablename__ = "eligibility_check"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="eligibility_check_confidentiality"),
        CheckConstraint("status in ('waiting', 'answered', 'failed')", name="eligibility_check_status"),
        CheckConstraint(
            "outcome in ('active', 'inactive', 'not_found', 'unclear', 'away', 'unreadable', 'refused', 'not_asked')",
            name="eligibility_check_outcome",
        ),
        CheckConstraint(
            "(status = 'waiting') = (answered_at is null and outcome is null)", name="eligibility_check_answered"
        ),
        UniqueConstraint("asked_by", "request_key", name="eligibility_check_request"),
        Index("ix_eligibility_check_coverage_id", "coverage_id", "asked_at"),
        Index(
            "eligibility_check_one_waits",
            "coverage_id",
            "coverage_sequence",
            unique=True,
            postgresql_where=literal("status = 'waiting'"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    coverage_id: UUID = Field(foreign_key="coverage.id", ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    coverage_sequence: int
    status: str = Field(default="waiting", sa_column=_words(default="waiting"))
    outcome: str | None = Field(default=None, sa_column=_words(nullable=True))
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_column=_moment())
    request_key: UUID
    answered_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    answer: Mapping[str, Any] | None = Field(default=None, sa_column=Column(EncryptedJSON, nullable=True))


class BillingIdentity(SQLModel, table=True):
    """How insurers know the practice, or one of its clinicians.

    `npi` is the National Provider Identifier, `taxonomy` the provider's kind by NUCC's code, `tax_id` nine digits.
    """

    __tablename__ = "billing_identity"
    __table_args__ = (
        CheckConstraint("npi ~ '^([12][0-9]{9})?$'", name="billing_identity_npi"),
        CheckConstraint("taxonomy ~ '^([0-9]{3}[0-9A-Z]{6}X)?$'", name="billing_identity_taxonomy"),
        CheckConstraint("tax_id ~ '^([0-9]{9})?$'", name="billing_identity_tax_id"),
        UniqueConstraint("practitioner_id", name="billing_identity_once", postgresql_nulls_not_distinct=True),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id", ondelete="CASCADE")
    legal_name: str = Field(default="", sa_column=_words(default=""))
    npi: str = Field(default="", sa_column=_words(default=""))
    taxonomy: str = Field(default="", sa_column=_words(default=""))
    tax_id: str = Field(default="", sa_column=_words(default=""))
    set_by: UUID = Field(foreign_key="person.id")
    set_at: datetime = Field(sa_column=_moment())
