"""Tables of payments made online. Policies and triggers are in migration 0036."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
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
from sqlmodel import Field, SQLModel

_PENDING = "status in ('new', 'open', 'processing', 'replaced')"


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _words(*, nullable: bool = False, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=nullable, server_default=default)


def _minor(*, nullable: bool = False) -> "Column[int]":
    return Column(BigInteger, nullable=nullable)


def _levels(table: str) -> CheckConstraint:
    return CheckConstraint("confidentiality in ('N', 'R', 'V')", name=f"{table}_confidentiality")


def _above_nothing(table: str) -> CheckConstraint:
    return CheckConstraint("amount_minor between 1 and 100000000000", name=f"{table}_amount")


class PaymentAttempt(SQLModel, table=True):
    """One payment at the processor, from the first tap to its outcome; `rules.NEXT` says how it goes on.

    `session_id`, `intent_id` and `customer_id` are the processor's names for it, `problem` is our word for why a bank
    said no.
    """

    __tablename__ = "payment_attempt"
    __table_args__ = (
        _levels("payment_attempt"),
        _above_nothing("payment_attempt"),
        CheckConstraint("purpose in ('bills', 'copay', 'instalment')", name="payment_attempt_purpose"),
        CheckConstraint("via in ('portal', 'link', 'plan')", name="payment_attempt_via"),
        CheckConstraint("via = 'link' or person_id is not null", name="payment_attempt_payer"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="payment_attempt_currency"),
        CheckConstraint(
            "status in ('new', 'open', 'processing', 'paid', 'failed', 'expired', 'replaced')",
            name="payment_attempt_status",
        ),
        UniqueConstraint("request_key", name="payment_attempt_request"),
        UniqueConstraint("session_id", name="payment_attempt_session"),
        UniqueConstraint("intent_id", name="payment_attempt_intent"),
        Index("payment_attempt_one_open", "patient_id", unique=True,
              postgresql_where=literal_column("status in ('new', 'open') and via <> 'plan'")),
        Index("payment_attempt_pending", "checked_at", postgresql_where=literal_column(_PENDING)),
        CheckConstraint("appointment_id is null or purpose = 'copay'", name="payment_attempt_visit"),
        Index("ix_payment_attempt_patient_id", "patient_id", "created_at"),
        Index("payment_attempt_visit_paid", "appointment_id",
              postgresql_where=literal_column("appointment_id is not null")),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    purpose: str = Field(sa_column=_words())
    via: str = Field(sa_column=_words())
    amount_minor: int = Field(sa_column=_minor())
    currency: str = Field(sa_column=_words())
    status: str = Field(sa_column=_words())
    request_key: UUID
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    locale: str = Field(sa_column=_words())
    keeps_method: bool
    customer_id: str | None = Field(default=None, sa_column=_words(nullable=True))
    session_id: str | None = Field(default=None, sa_column=_words(nullable=True))
    session_url: str | None = Field(default=None, sa_column=_words(nullable=True))
    intent_id: str | None = Field(default=None, sa_column=_words(nullable=True))
    problem: str | None = Field(default=None, sa_column=_words(nullable=True))
    created_at: datetime = Field(sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())
    checked_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    settled_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id")


class PaymentShare(SQLModel, table=True):
    """What of an attempt is for which bill."""

    __tablename__ = "payment_share"
    __table_args__ = (_levels("payment_share"), _above_nothing("payment_share"))

    attempt_id: UUID = Field(foreign_key="payment_attempt.id", primary_key=True)
    invoice_id: UUID = Field(foreign_key="invoice.id", primary_key=True, index=True)
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    amount_minor: int = Field(sa_column=_minor())


class PaymentLink(SQLModel, table=True):
    """A link by which one reader of a statement pays its bills without signing in; `token_hash` is all that is kept.

    `is_private` is how the statement was when the link was written: what became private since is not paid by it.
    """

    __tablename__ = "payment_link"
    __table_args__ = (
        UniqueConstraint("token_hash", name="payment_link_token"),
        UniqueConstraint("statement_id", "person_id", name="payment_link_once"),
        Index("payment_link_expires_at", "expires_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id")
    person_id: UUID = Field(foreign_key="person.id")
    token_hash: str = Field(sa_column=_words())
    is_private: bool
    made_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()")))
    expires_at: datetime = Field(sa_column=_moment())


class ProcessorEvent(SQLModel, table=True):
    """What the processor told, once: facts alone, and what became of it."""

    __tablename__ = "processor_event"
    __table_args__ = (
        CheckConstraint("found_by in ('webhook', 'poll')", name="processor_event_found_by"),
        UniqueConstraint("event_id", name="processor_event_once"),
        Index("processor_event_waiting", "received_at", postgresql_where=literal_column("done_at is null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    event_id: str = Field(sa_column=_words())
    type: str = Field(sa_column=_words())
    object_id: str = Field(sa_column=_words())
    attempt: str = Field(default="", sa_column=_words(default=""))
    amount_minor: int | None = Field(default=None, sa_column=_minor(nullable=True))
    currency: str = Field(default="", sa_column=_words(default=""))
    is_live: bool
    happened_at: datetime = Field(sa_column=_moment())
    received_at: datetime = Field(sa_column=_moment())
    found_by: str = Field(sa_column=_words())
    outcome: str = Field(default="", sa_column=_words(default=""))
    done_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class QuarantinedPayment(SQLModel, table=True):
    """What the processor says that is not what we asked of it: nothing was posted, somebody looks."""

    __tablename__ = "quarantined_payment"
    __table_args__ = (
        CheckConstraint("reason in ('amount', 'currency', 'mode', 'attempt')", name="quarantined_payment_reason"),
        UniqueConstraint("object_id", "reason", name="quarantined_payment_once"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    attempt_id: UUID | None = Field(default=None, foreign_key="payment_attempt.id")
    object_id: str = Field(sa_column=_words())
    reason: str = Field(sa_column=_words())
    amount_minor: int | None = Field(default=None, sa_column=_minor(nullable=True))
    currency: str = Field(default="", sa_column=_words(default=""))
    is_live: bool
    seen_at: datetime = Field(sa_column=_moment())
    resolved_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    resolved_by: UUID | None = Field(default=None, foreign_key="person.id")
    resolution: str | None = Field(default=None, sa_column=_words(nullable=True))


class PaymentCustomer(SQLModel, table=True):
    """Under which nameless customer the processor keeps the methods of one person for one chart."""

    __tablename__ = "payment_customer"
    __table_args__ = (
        _levels("payment_customer"),
        UniqueConstraint("patient_id", "person_id", name="payment_customer_once"),
        UniqueConstraint("customer_id", name="payment_customer_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    person_id: UUID = Field(foreign_key="person.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    customer_id: str | None = Field(default=None, sa_column=_words(nullable=True))
    made_at: datetime = Field(sa_column=_moment())


class PaymentPlan(SQLModel, table=True):
    """What somebody pays in equal parts; it runs once its first part is paid, with the method kept on that."""

    __tablename__ = "payment_plan"
    __table_args__ = (
        _levels("payment_plan"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="payment_plan_currency"),
        CheckConstraint("total_minor between 1 and 100000000000", name="payment_plan_total"),
        CheckConstraint("status in ('new', 'active', 'paused', 'cancelled', 'done')", name="payment_plan_status"),
        Index("payment_plan_one_running", "patient_id", "person_id", unique=True,
              postgresql_where=literal_column("status in ('active', 'paused')")),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    person_id: UUID = Field(foreign_key="person.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    currency: str = Field(sa_column=_words())
    total_minor: int = Field(sa_column=_minor())
    status: str = Field(sa_column=_words())
    customer_id: str | None = Field(default=None, sa_column=_words(nullable=True))
    method_id: str | None = Field(default=None, sa_column=_words(nullable=True))
    paused_because: str = Field(default="", sa_column=_words(default=""))
    begun_at: datetime = Field(sa_column=_moment())
    changed_at: datetime = Field(sa_column=_moment())


class PlanInstalment(SQLModel, table=True):
    """One part of a plan: how much, from which day on, and how often it was tried."""

    __tablename__ = "plan_instalment"
    __table_args__ = (
        _levels("plan_instalment"),
        _above_nothing("plan_instalment"),
        CheckConstraint("status in ('planned', 'charging', 'paid', 'skipped')", name="plan_instalment_status"),
        UniqueConstraint("plan_id", "number", name="plan_instalment_once"),
        UniqueConstraint("attempt_id", name="plan_instalment_attempt"),
        Index("plan_instalment_due", "due_on", postgresql_where=literal_column("status in ('planned', 'charging')")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    plan_id: UUID = Field(foreign_key="payment_plan.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    number: int = Field(sa_column=Column(SmallInteger, nullable=False))
    amount_minor: int = Field(sa_column=_minor())
    due_on: date
    status: str = Field(sa_column=_words())
    tries: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    noticed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    attempt_id: UUID | None = Field(default=None, foreign_key="payment_attempt.id")
