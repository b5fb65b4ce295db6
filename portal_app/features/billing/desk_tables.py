"""Tables of billing's desk: questions, money given back, its rules. Policies and triggers are in migration 0039."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = False, default: str | None = None) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text(default) if default else None)


def _words(*, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


class BillQuestion(SQLModel, table=True):
    """What somebody asks about a bill, and what they were told; words and answer are encrypted.

    `line` is the amount it is about and `line_minor` how much that was then. Without a bill it is a wish for help that
    only whoever asked and billing see.
    """

    __tablename__ = "bill_question"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="bill_question_confidentiality"),
        CheckConstraint("kind in ('unclear', 'wrong', 'help')", name="bill_question_kind"),
        CheckConstraint("line in ('', 'charged', 'insured', 'reduced', 'paid', 'owed')", name="bill_question_line"),
        CheckConstraint("status in ('new', 'answered', 'closed')", name="bill_question_status"),
        CheckConstraint("outcome in ('', 'spoken', 'taken_back')", name="bill_question_outcome"),
        CheckConstraint("(status = 'new') = (ended_at is null)", name="bill_question_ended"),
        CheckConstraint("(status = 'answered') = (answer is not null)", name="bill_question_answered"),
        CheckConstraint("(status = 'closed') = (outcome <> '')", name="bill_question_closed"),
        CheckConstraint("invoice_id is not null or (kind = 'help' and line = '')", name="bill_question_about"),
        Index("ix_bill_question_patient_id", "patient_id", "asked_at"),
        Index("bill_question_of_bill", "invoice_id", postgresql_where=literal_column("status = 'new'")),
        Index("bill_question_ended_at", "ended_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    invoice_id: UUID | None = Field(default=None, foreign_key="invoice.id")
    kind: str = Field(sa_column=_words())
    line: str = Field(default="", sa_column=_words(default=""))
    line_minor: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    words: str = Field(sa_column=Column(EncryptedText, nullable=False))
    status: str = Field(default="new", sa_column=_words(default="new"))
    outcome: str = Field(default="", sa_column=_words(default=""))
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_column=_moment(default="now()"))
    due_at: datetime = Field(sa_column=_moment())
    zone: str = Field(sa_column=_words())
    answer: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")


class Refund(SQLModel, table=True):
    """Money given back of one payment. Pending and done ones count against it; the reason is encrypted.

    `is_owed_again` tells whether the patient owes it once more, or the bill is lowered by it.
    """

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="refund_confidentiality"),
        CheckConstraint("amount_minor between 1 and 100000000000", name="refund_amount"),
        CheckConstraint("channel in ('desk', 'stripe')", name="refund_channel"),
        CheckConstraint("status in ('pending', 'succeeded', 'failed')", name="refund_status"),
        CheckConstraint("(status = 'pending') = (ended_at is null)", name="refund_ended"),
        CheckConstraint("status <> 'succeeded' or posting_id is not null", name="refund_posted"),
        CheckConstraint("channel <> 'desk' or status = 'succeeded'", name="refund_desk"),
        UniqueConstraint("processor_ref", name="refund_processor_ref"),
        Index("refund_of_payment", "payment_id"),
        Index("refund_of_bill", "invoice_id"),
        Index("ix_refund_patient_id", "patient_id"),
        Index("refund_pending", "asked_at", postgresql_where=literal_column("status = 'pending'")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    payment_id: UUID = Field(foreign_key="ledger_posting.id")
    invoice_id: UUID = Field(foreign_key="invoice.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    amount_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    channel: str = Field(sa_column=_words())
    status: str = Field(sa_column=_words())
    is_owed_again: bool
    reason: str = Field(sa_column=Column(EncryptedText, nullable=False))
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_column=_moment(default="now()"))
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    posting_id: UUID | None = Field(default=None, foreign_key="ledger_posting.id")
    processor_ref: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    checked_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class BillingRule(SQLModel, table=True):
    """What the practice says about help with money, by language, and how much billing gives back by itself; one row.

    `refund_limit` is in whole units of whatever currency a bill is in.
    """

    __tablename__ = "billing_rule"
    __table_args__ = (
        CheckConstraint("id", name="billing_rule_one"),
        CheckConstraint("refund_limit between 0 and 1000000", name="billing_rule_refund_limit"),
    )

    id: bool = Field(default=True, sa_column=Column(Boolean, primary_key=True, server_default=text("true")))
    help_words: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'{}'")))
    refund_limit: int = Field(default=100, sa_column=Column(Integer, nullable=False, server_default="100"))
    changed_by: UUID = Field(foreign_key="person.id")
    changed_at: datetime = Field(sa_column=_moment(default="now()"))
