"""Tables of fees, bills and the ledger. Policies and triggers are in migrations 0035, 0036, 0046."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = False, default: str | None = None) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text(default) if default else None)


def _words(*, nullable: bool = False, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=nullable, server_default=default)


def _levels(table: str) -> CheckConstraint:
    return CheckConstraint("confidentiality in ('N', 'R', 'V')", name=f"{table}_confidentiality")


def _currency(table: str) -> CheckConstraint:
    return CheckConstraint("currency ~ '^[A-Z]{3}$'", name=f"{table}_currency")


class Fee(SQLModel, table=True):
    """What a service costs from a day on; the newest day that has come counts."""

    __tablename__ = "fee"
    __table_args__ = (
        _currency("fee"),
        CheckConstraint("amount_minor between 1 and 100000000000", name="fee_amount"),
    )

    service_code: str = Field(
        sa_column=Column(Text, ForeignKey("service_code.code", ondelete="CASCADE"), primary_key=True)
    )
    valid_from: date = Field(primary_key=True)
    currency: str = Field(sa_column=_words())
    amount_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    entered_by: UUID = Field(foreign_key="person.id")
    entered_at: datetime = Field(sa_column=_moment(default="now()"))


class Invoice(SQLModel, table=True):
    """A bill for one visit (FHIR Invoice): what for, when and by when. Its sums are in the ledger alone."""

    __tablename__ = "invoice"
    __table_args__ = (
        _levels("invoice"),
        _currency("invoice"),
        CheckConstraint("modality in ('in_person', 'video', 'audio')", name="invoice_modality"),
        UniqueConstraint("number", name="invoice_number"),
        Index("ix_invoice_patient_id", "patient_id", "issued_at"),
        UniqueConstraint("charge_item_id", name="invoice_once"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    number: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True, start=100001), nullable=False)
    )
    charge_item_id: UUID = Field(foreign_key="charge_item.id")
    appointment_id: UUID = Field(foreign_key="appointment.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    currency: str = Field(sa_column=_words())
    service_code: str = Field(sa_column=_words())
    words: str = Field(sa_column=_words())
    served_at: datetime = Field(sa_column=_moment())
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    location_id: UUID = Field(foreign_key="location.id")
    modality: str = Field(sa_column=_words())
    issued_at: datetime = Field(sa_column=_moment(default="now()"))
    issued_by: UUID = Field(foreign_key="person.id")
    due_on: date
    voided_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class LedgerPosting(SQLModel, table=True):
    """What happened to what is owed, once and for good: its entries sum to zero. `mark` is its transaction."""

    __tablename__ = "ledger_posting"
    __table_args__ = (
        _levels("ledger_posting"),
        _currency("ledger_posting"),
        CheckConstraint(
            "kind in ('charge', 'insurance', 'adjustment', 'write_off', 'payment', 'correction', 'online_payment',"
            " 'refund', 'dispute', 'dispute_won', 'dispute_lost', 'payout', 'fee', 'void', 'credit', 'credit_used',"
            " 'refund_failed')",
            name="ledger_posting_kind",
        ),
        CheckConstraint(
            "patient_id is not null or kind in ('payout', 'fee', 'correction')", name="ledger_posting_whose"
        ),
        CheckConstraint("(kind = 'correction') = (corrects is not null)", name="ledger_posting_correction"),
        UniqueConstraint("request_key", name="ledger_posting_request"),
        UniqueConstraint("corrects", name="ledger_posting_corrected_once"),
        Index("ix_ledger_posting_patient_id", "patient_id", "made_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str = Field(sa_column=_words())
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    currency: str = Field(sa_column=_words())
    reason: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    made_by: UUID = Field(foreign_key="person.id")
    made_at: datetime = Field(sa_column=_moment(default="now()"))
    request_key: UUID
    corrects: UUID | None = Field(default=None, foreign_key="ledger_posting.id")
    mark: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, nullable=False, server_default=text("pg_current_xact_id()::text::bigint")),
    )


class LedgerEntry(SQLModel, table=True):
    """One line of a posting. `receivable` is the patient's side: positive where more is owed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        _levels("ledger_entry"),
        CheckConstraint(
            "account in ('receivable', 'revenue', 'insurance', 'adjustment', 'write_off', 'desk', 'processor', 'fee',"
            " 'bank', 'credit', 'disputed')",
            name="ledger_entry_account",
        ),
        CheckConstraint("invoice_id is not null or account not in ('receivable', 'revenue')", name="ledger_entry_bill"),
        CheckConstraint("amount_minor <> 0 and abs(amount_minor) <= 100000000000", name="ledger_entry_amount"),
        Index("ledger_entry_invoice", "invoice_id", postgresql_include=["account", "amount_minor"]),
        Index("ix_ledger_entry_patient_id", "patient_id", postgresql_include=["account", "amount_minor"]),
    )

    posting_id: UUID = Field(foreign_key="ledger_posting.id", primary_key=True)
    line: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    account: str = Field(sa_column=_words())
    invoice_id: UUID | None = Field(default=None, foreign_key="invoice.id")
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    amount_minor: int = Field(sa_column=Column(BigInteger, nullable=False))


class BillBalance(SQLModel, table=True):
    """What is owed on a bill and how that came about: the sums of its entries, kept by the ledger's trigger alone.

    Beside them what never changes of the bill and what lists are ordered by.
    """

    __tablename__ = "bill_balance"
    __table_args__ = (
        _levels("bill_balance"),
        Index("ix_bill_balance_patient_id", "patient_id", "moved_at", postgresql_include=["owed_minor"]),
        Index(
            "bill_balance_settled", "patient_id", "served_at", "number",
            postgresql_where=literal_column("owed_minor <= 0"),
        ),
        Index(
            "bill_balance_open", "patient_id", "due_on", "number",
            postgresql_include=["currency", "confidentiality", "owed_minor"],
            postgresql_where=literal_column("owed_minor > 0"),
        ),
        Index("bill_balance_due", "due_on", "number", postgresql_where=literal_column("owed_minor > 0")),
    )  # fmt: skip

    invoice_id: UUID = Field(foreign_key="invoice.id", primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(sa_column=_words())
    currency: str = Field(sa_column=_words())
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    served_at: datetime = Field(sa_column=_moment())
    due_on: date
    owed_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    charged_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    insured_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    reduced_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    paid_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    moved_at: datetime = Field(sa_column=_moment())
