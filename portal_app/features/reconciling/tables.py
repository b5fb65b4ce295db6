"""Tables of what is held against the processor. Policies and triggers are in migration 0037."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    literal_column,
    text,
)
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText

_CURRENCY = "currency ~ '^[A-Z]{3}$'"
_CONFIDENTIALITY = "confidentiality in ('N', 'R', 'V')"


def _moment(*, nullable: bool = False, default: str | None = None) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text(default) if default else None)


def _words(*, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


def _id() -> "Column[str]":
    return Column(Text, primary_key=True)


def _minor(*, nullable: bool = False) -> "Column[int]":
    return Column(BigInteger, nullable=nullable)


class ProcessorMovement(SQLModel, table=True):
    """One movement on the practice's account with the processor, by the processor's id."""

    __tablename__ = "processor_movement"
    __table_args__ = (
        CheckConstraint(_CURRENCY, name="processor_movement_currency"),
        Index("processor_movement_payout", "payout_id", postgresql_where=literal_column("payout_id <> ''")),
        Index("processor_movement_unbooked", "happened_at", postgresql_where=literal_column("booked_at is null")),
        Index("processor_movement_intent", "intent_id", postgresql_where=literal_column("intent_id <> ''")),
    )

    id: str = Field(sa_column=_id())
    kind: str = Field(sa_column=_words())
    source_id: str = Field(default="", sa_column=_words(default=""))
    intent_id: str = Field(default="", sa_column=_words(default=""))
    amount_minor: int = Field(sa_column=_minor())
    fee_minor: int = Field(sa_column=_minor())
    currency: str = Field(sa_column=_words())
    happened_at: datetime = Field(sa_column=_moment())
    payout_id: str = Field(default="", sa_column=_words(default=""))
    booked_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class ProcessorPayout(SQLModel, table=True):
    """What the processor sends to the practice's bank; `movements_minor` is what its movements come to."""

    __tablename__ = "processor_payout"
    __table_args__ = (
        CheckConstraint(_CURRENCY, name="processor_payout_currency"),
        Index("processor_payout_arrives_at", "arrives_at"),
    )

    id: str = Field(sa_column=_id())
    amount_minor: int = Field(sa_column=_minor())
    currency: str = Field(sa_column=_words())
    status: str = Field(sa_column=_words())
    arrives_at: datetime = Field(sa_column=_moment())
    seen_at: datetime = Field(sa_column=_moment())
    movements_minor: int | None = Field(default=None, sa_column=_minor(nullable=True))


class Reconciliation(SQLModel, table=True):
    """One look: what is at the processor by its own word, and by the books."""

    __tablename__ = "reconciliation"
    __table_args__ = (
        CheckConstraint(_CURRENCY, name="reconciliation_currency"),
        Index("reconciliation_made_at", "made_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    currency: str = Field(sa_column=_words())
    made_at: datetime = Field(sa_column=_moment())
    at_processor_minor: int = Field(sa_column=_minor())
    in_books_minor: int = Field(sa_column=_minor())


class ReconciliationPart(SQLModel, table=True):
    """What one kind of movement comes to on either side."""

    __tablename__ = "reconciliation_part"
    __table_args__ = (
        CheckConstraint(
            "kind in ('payments', 'refunds', 'disputes', 'payouts', 'fees', 'other')", name="reconciliation_part_kind"
        ),
    )

    reconciliation_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("reconciliation.id", ondelete="cascade"), primary_key=True)
    )
    kind: str = Field(sa_column=_id())
    at_processor_minor: int = Field(sa_column=_minor())
    in_books_minor: int = Field(sa_column=_minor())


class PaymentDispute(SQLModel, table=True):
    """A payment that its payer's bank asks back; without an attempt it is of no payment of ours."""

    __tablename__ = "payment_dispute"
    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="payment_dispute_confidentiality"),
        CheckConstraint("amount_minor > 0", name="payment_dispute_amount"),
        CheckConstraint(_CURRENCY, name="payment_dispute_currency"),
        CheckConstraint("status in ('open', 'won', 'lost')", name="payment_dispute_status"),
        CheckConstraint("(attempt_id is null) = (patient_id is null)", name="payment_dispute_whose"),
        UniqueConstraint("dispute_id", name="payment_dispute_once"),
        Index("payment_dispute_open", "attempt_id", postgresql_where=literal_column("status = 'open'")),
        Index("ix_payment_dispute_patient_id", "patient_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    dispute_id: str = Field(sa_column=_words())
    attempt_id: UUID | None = None
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    amount_minor: int = Field(sa_column=_minor())
    currency: str = Field(sa_column=_words())
    status: str = Field(sa_column=_words())
    opened_at: datetime = Field(sa_column=_moment())
    respond_by: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    decided_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class MoneyMatter(SQLModel, table=True):
    """Something that billing has to look at; the reason for which it was settled is encrypted."""

    __tablename__ = "money_matter"
    __table_args__ = (
        CheckConstraint(
            "kind in ('quarantined', 'dispute', 'dispute_won', 'dispute_lost', 'payout_failed', 'payout_differs', "
            "'unmatched', 'drift', 'unheard', 'refund_failed', 'refund_elsewhere')",
            name="money_matter_kind",
        ),
        CheckConstraint(_CONFIDENTIALITY, name="money_matter_confidentiality"),
        CheckConstraint("(resolved_at is null) = (resolution is null)", name="money_matter_resolved"),
        UniqueConstraint("kind", "ref", name="money_matter_once"),
        Index("money_matter_open", "opened_at", postgresql_where=literal_column("resolved_at is null")),
        Index("ix_money_matter_patient_id", "patient_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str = Field(sa_column=_words())
    ref: str = Field(sa_column=_words())
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    amount_minor: int | None = Field(default=None, sa_column=_minor(nullable=True))
    currency: str = Field(default="", sa_column=_words(default=""))
    opened_at: datetime = Field(sa_column=_moment(default="now()"))
    act_by: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    seen_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    seen_by: UUID | None = Field(default=None, foreign_key="person.id")
    resolved_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    resolved_by: UUID | None = Field(default=None, foreign_key="person.id")
    resolution: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
