"""Tables of charges and of the practice's own list of services. Policies and triggers are in migrations 0030, 0034."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, Text, UniqueConstraint, literal_column, text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText
from portal_app.features.billing import (  # noqa: F401 - their tables join the metadata
    books_tables,
    desk_tables,
    statement_tables,
)


def _moment() -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=False)


def _words(*, nullable: bool = False, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=nullable, server_default=default)


class ServiceCode(SQLModel, table=True):
    """A service that the practice charges for: what it has imported under its own licence, or HCPCS level II."""

    __tablename__ = "service_code"
    __table_args__ = (CheckConstraint("code ~ '^[A-Z0-9]{5}$'", name="service_code_form"),)

    code: str = Field(sa_type=Text, primary_key=True)
    words: str = Field(sa_column=_words())
    source: str = Field(sa_column=_words())
    added_at: datetime = Field(sa_column=_moment())


class ChargeItem(SQLModel, table=True):
    """What one visit is charged as (FHIR ChargeItem), in codes alone; `billable` waits for billing.

    Without `service_code` billing chooses one. `diagnoses` are codes, the main one first. `sequence` counts
    corrections; what it was before is in `charge_item_change`, and why it was changed is in `reason`. `review` is where
    billing is with it: what is ready can be billed, and a correction opens it again.
    """

    __tablename__ = "charge_item"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="charge_item_confidentiality"),
        CheckConstraint("status in ('billable', 'billed', 'aborted')", name="charge_item_status"),
        CheckConstraint("modifier in ('93', '95')", name="charge_item_modifier"),
        CheckConstraint("place_of_service ~ '^[0-9]{2}$'", name="charge_item_place"),
        CheckConstraint("review in ('open', 'ready', 'held')", name="charge_item_review"),
        CheckConstraint(
            "(review = 'held') = (held_because is not null) and (review = 'open' or reviewed_by is not null)",
            name="charge_item_reviewed",
        ),
        Index("charge_item_by_review", "review", "served_at", postgresql_where=literal_column("status = 'billable'")),
        Index("charge_item_waiting", "served_at", postgresql_where=literal_column("status = 'billable'")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    appointment_id: UUID = Field(foreign_key="encounter.appointment_id", unique=True)
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    status: str = Field(sa_column=_words())
    service_code: str | None = Field(default=None, sa_column=_words(nullable=True))
    modifier: str | None = Field(default=None, sa_column=_words(nullable=True))
    place_of_service: str = Field(sa_column=_words())
    diagnoses: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    location_id: UUID = Field(foreign_key="location.id")
    served_at: datetime = Field(sa_column=_moment())
    sequence: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    entered_by: UUID = Field(foreign_key="person.id")
    entered_at: datetime = Field(sa_column=_moment())
    reason: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    review: str = Field(default="open", sa_column=_words(default="open"))
    held_because: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    reviewed_by: UUID | None = Field(default=None, foreign_key="person.id")
    reviewed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


class ChargeItemChange(SQLModel, table=True):
    """What a charge was before a correction; written by a trigger."""

    __tablename__ = "charge_item_change"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="charge_item_change_confidentiality"),
        UniqueConstraint("charge_item_id", "sequence", name="charge_item_change_once"),
    )

    id: UUID = Field(
        default_factory=uuid4, primary_key=True, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    charge_item_id: UUID = Field(foreign_key="charge_item.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    sequence: int
    service_code: str | None = Field(default=None, sa_column=_words(nullable=True))
    modifier: str | None = Field(default=None, sa_column=_words(nullable=True))
    place_of_service: str = Field(sa_column=_words())
    diagnoses: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    entered_by: UUID = Field(foreign_key="person.id")
    entered_at: datetime = Field(sa_column=_moment())
    reason: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
