"""Tables of statements, and of the batches that make them. Policies and triggers are in migration 0039."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Index, Text, literal_column, text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedJSON


def _moment(*, nullable: bool = False, default: str | None = None) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text(default) if default else None)


def _words(*, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


class StatementBatch(SQLModel, table=True):
    """The statements of a month for every account, made piece by piece; one batch runs at a time.

    `after_patient` is how far it has come: accounts are taken in the order of their ids.
    """

    __tablename__ = "statement_batch"
    __table_args__ = (
        CheckConstraint("status in ('running', 'done', 'cancelled')", name="statement_batch_status"),
        CheckConstraint("(status = 'running') = (ended_at is null)", name="statement_batch_ended"),
        CheckConstraint("extract(day from month) = 1", name="statement_batch_month"),
        Index(
            "statement_batch_one_running", "status", unique=True, postgresql_where=literal_column("status = 'running'")
        ),
        Index("statement_batch_asked_at", "asked_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    month: date
    status: str = Field(default="running", sa_column=_words(default="running"))
    total: int
    done: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    made: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    after_patient: UUID | None = None
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_column=_moment(default="now()"))
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class Statement(SQLModel, table=True):
    """What an account was told of a stretch of time; `content` is the sheet as it was made, encrypted.

    What is private has a statement of its own: no statement that is read by others holds a private visit.
    """

    __tablename__ = "statement"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="statement_confidentiality"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="statement_currency"),
        CheckConstraint("from_on <= until_on", name="statement_period"),
        Index("ix_statement_patient_id", "patient_id", "made_at"),
        Index("statement_number", "number", unique=True),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    number: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True, start=1001), nullable=False)
    )
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    currency: str = Field(sa_column=_words())
    from_on: date
    until_on: date
    owed_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    locale: str = Field(sa_column=_words())
    content: dict[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))
    batch_id: UUID | None = Field(default=None, foreign_key="statement_batch.id")
    made_by: UUID = Field(foreign_key="person.id")
    made_at: datetime = Field(sa_column=_moment(default="now()"))


class StatementBill(SQLModel, table=True):
    """A bill that stands on a statement."""

    __tablename__ = "statement_bill"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="statement_bill_confidentiality"),
        Index("statement_bill_invoice", "invoice_id"),
    )

    statement_id: UUID = Field(foreign_key="statement.id", primary_key=True)
    invoice_id: UUID = Field(foreign_key="invoice.id", primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
