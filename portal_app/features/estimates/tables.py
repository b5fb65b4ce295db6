"""Tables of estimates. Policies and triggers are in migration 0038."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Index, Text, UniqueConstraint
from sqlalchemy import literal_column as literal
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedJSON


def _words(*, nullable: bool = False, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=nullable, server_default=default)


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _minor() -> "Column[int]":
    return Column(BigInteger, nullable=True)


class ExpectedService(SQLModel, table=True):
    """What a kind of visit usually is, as a service of the practice's list."""

    __tablename__ = "expected_service"

    visit_type_id: UUID = Field(foreign_key="visit_type.id", ondelete="CASCADE", primary_key=True)
    service_code: str = Field(sa_type=Text, foreign_key="service_code.code", ondelete="CASCADE")
    set_by: UUID = Field(foreign_key="person.id")
    set_at: datetime = Field(sa_column=_moment())


class Estimate(SQLModel, table=True):
    """What a visit will probably cost: for self-pay a good-faith estimate, else what the plan leaves.

    Amounts are minor units; `patient_minor` is None where what the insurer said does not tell. `content` holds the
    facts it was made of. `give_by` is the day the law names. What was given is never changed: of several of one visit
    the highest `sequence` counts.
    """

    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="estimate_confidentiality"),
        CheckConstraint("kind in ('good_faith', 'insured')", name="estimate_kind"),
        CheckConstraint("status in ('asked', 'given')", name="estimate_status"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="estimate_currency"),
        CheckConstraint("fee_minor between 0 and 100000000000", name="estimate_fee"),
        CheckConstraint("patient_minor between 0 and fee_minor", name="estimate_part"),
        CheckConstraint(
            "(status = 'given') = (given_at is not null and kind is not null and currency is not null"
            " and fee_minor is not null and content is not null)",
            name="estimate_given",
        ),
        UniqueConstraint("appointment_id", "sequence", name="estimate_once"),
        UniqueConstraint("asked_by", "request_key", name="estimate_request"),
        Index("ix_estimate_patient_id", "patient_id", "asked_at"),
        Index("estimate_waiting", "give_by", postgresql_where=literal("status = 'asked'")),
        Index("estimate_one_waits", "appointment_id", unique=True, postgresql_where=literal("status = 'asked'")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    appointment_id: UUID = Field(foreign_key="appointment.id", ondelete="CASCADE")
    visit_type_id: UUID = Field(foreign_key="visit_type.id")
    sequence: int
    kind: str | None = Field(default=None, sa_column=_words(nullable=True))
    status: str = Field(default="asked", sa_column=_words(default="asked"))
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_column=_moment())
    request_key: UUID
    give_by: date = Field(sa_column=Column(Date, nullable=False))
    given_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    currency: str | None = Field(default=None, sa_column=_words(nullable=True))
    fee_minor: int | None = Field(default=None, sa_column=_minor())
    patient_minor: int | None = Field(default=None, sa_column=_minor())
    content: Mapping[str, Any] | None = Field(default=None, sa_column=Column(EncryptedJSON, nullable=True))
