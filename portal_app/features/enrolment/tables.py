"""Tables of enrolment. Row-level security is in migration 0017."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Column, DateTime, Index, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


class Activation(SQLModel, table=True):
    """What lets somebody open the account of their chart, once: handed over as a card, or sent to `email`.

    The secret and the code are made from the id and the key ring (`secrets_of`); only their hashes are kept.
    """

    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="activation_confidentiality"),
        CheckConstraint("channel in ('card', 'mail')", name="activation_channel"),
        CheckConstraint("(channel = 'mail') = (email is not null)", name="activation_email"),
        Index("activation_patient", "patient_id", text("created_at desc")),
        Index(
            "activation_open", "patient_id", unique=True,
            postgresql_where=text("used_at is null and revoked_at is null"),
        ),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    link_hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    code_hash: str | None = Field(default=None, sa_column=Column(Text, nullable=True, unique=True))
    email: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    locale: str = Field(default="en", sa_column=Column(Text, nullable=False, server_default="en"))
    request_key: UUID = Field(unique=True)
    created_by: UUID = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())
    opened_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    revoked_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class ActivationTry(SQLModel, table=True):
    """How often something was typed: an activation's id, or the hash of a code that is nobody's."""

    __tablename__ = "activation_try"

    subject: str = Field(sa_column=Column(Text, primary_key=True))
    tries: int = Field(sa_column=Column(SmallInteger, nullable=False))
    seen_at: datetime = Field(sa_column=_moment())


class ActivationClaim(SQLModel, table=True):
    """A browser that has said whose chart it is, and has yet to prove an e-mail address."""

    __tablename__ = "activation_claim"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    activation_id: UUID = Field(foreign_key="activation.id", ondelete="CASCADE")
    browser_hash: str = Field(sa_column=Column(Text, nullable=False))
    is_by_link: bool = Field(sa_column=Column(Boolean, nullable=False))
    email: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    code_hash: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    code_tries: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    codes_sent: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    code_expires_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    created_at: datetime = Field(sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))

    __table_args__ = (
        Index("activation_claim_browser", "browser_hash"),
        Index("activation_claim_activation", "activation_id"),
    )


class Onboarding(SQLModel, table=True):
    """How far somebody has come since they opened their account; who had one before has no such row."""

    __table_args__ = (Index("onboarding_patient", "patient_id"),)

    person_id: UUID = Field(foreign_key="person.id", primary_key=True, ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    done: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    created_at: datetime = Field(sa_column=_moment())
    finished_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class ActivationBatch(SQLModel, table=True):
    """Many people invited together."""

    __tablename__ = "activation_batch"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    request_key: UUID = Field(unique=True)
    created_by: UUID = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_column=_moment())


class ActivationBatchItem(SQLModel, table=True):
    """One of them; `outcome` says what the job did."""

    __tablename__ = "activation_batch_item"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="activation_batch_item_confidentiality"),
        CheckConstraint("outcome in ('card', 'mail', 'left_out')", name="activation_batch_item_outcome"),
    )

    batch_id: UUID = Field(foreign_key="activation_batch.id", primary_key=True, ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", primary_key=True, ondelete="CASCADE")
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    activation_id: UUID | None = Field(default=None, foreign_key="activation.id", ondelete="SET NULL")
    done_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    outcome: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
