"""Tables of who waits, what is offered, and requests. Policies, triggers and the line are in migration 0009."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _words(*, nullable: bool = False, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=nullable, server_default=default)


def _small(default: int) -> "Column[int]":
    return Column(SmallInteger, nullable=False, server_default=text(str(default)))


class WaitlistEntry(SQLModel, table=True):
    """A wish for an earlier time: with whom, where, on which days, at which part of them, how soon.

    `weekdays` and `parts` are sets of bits. `appointment_id` is what is given up for an earlier time. `offer_id` is the
    offer in hand, while there is one. `priority` is set by clinical staff; 1 goes first.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="waitlist_entry_confidentiality"),
        CheckConstraint("status in ('active', 'served', 'withdrawn', 'expired')", name="waitlist_entry_status"),
        CheckConstraint("modality in ('in_person', 'video')", name="waitlist_entry_modality"),
        CheckConstraint("weekdays between 1 and 127", name="waitlist_entry_weekdays"),
        CheckConstraint("parts between 1 and 7", name="waitlist_entry_parts"),
        CheckConstraint("notice_min between 60 and 20160", name="waitlist_entry_notice"),
        CheckConstraint("channel in ('mail', 'phone')", name="waitlist_entry_channel"),
        CheckConstraint("priority between 1 and 3", name="waitlist_entry_priority"),
        UniqueConstraint("patient_id", "request_key", name="waitlist_entry_request"),
        Index(
            "waitlist_in_turn", "practitioner_id", "priority", "waiting_since", "id",
            postgresql_where=literal_column("status = 'active' and offer_id is null"),
        ),
        Index("ix_waitlist_entry_patient_id", "patient_id"),
        Index("ix_waitlist_entry_appointment_id", "appointment_id"),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    status: str = Field(default="active", sa_column=_words(default="active"))
    visit_type_id: UUID = Field(foreign_key="visit_type.id")
    modality: str = Field(sa_column=_words())
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id")
    location_id: UUID | None = Field(default=None, foreign_key="location.id")
    weekdays: int = Field(default=127, sa_column=_small(127))
    parts: int = Field(default=7, sa_column=_small(7))
    notice_min: int = Field(sa_column=Column(Integer, nullable=False))
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", ondelete="SET NULL")
    until_at: datetime = Field(sa_column=_moment())
    zone: str = Field(sa_column=_words())
    language: str = Field(sa_column=_words())
    channel: str = Field(default="mail", sa_column=_words(default="mail"))
    priority: int = Field(default=3, sa_column=_small(3))
    waiting_since: datetime = Field(sa_column=_moment())
    request_key: UUID
    created_by: UUID = Field(foreign_key="person.id")
    changed_at: datetime = Field(sa_column=_moment())
    offer_id: UUID | None = None


class TimeRequest(SQLModel, table=True):
    """A wish in words, answered by staff against a clock (FHIR Appointment of status proposed, in spirit)."""

    __tablename__ = "time_request"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="time_request_confidentiality"),
        CheckConstraint("status in ('open', 'answered', 'booked', 'withdrawn', 'closed')", name="time_request_status"),
        CheckConstraint("modality in ('in_person', 'video')", name="time_request_modality"),
        UniqueConstraint("patient_id", "request_key", name="time_request_once"),
        Index("ix_time_request_patient_id", "patient_id", "asked_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    status: str = Field(default="open", sa_column=_words(default="open"))
    visit_type_id: UUID | None = Field(default=None, foreign_key="visit_type.id")
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id")
    modality: str | None = Field(default=None, sa_column=_words(nullable=True))
    words: str = Field(sa_column=Column(EncryptedText, nullable=False))
    answer: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    answer_phone: str = Field(default="", sa_column=_words(default=""))
    asked_at: datetime = Field(sa_column=_moment())
    answer_by: datetime = Field(sa_column=_moment())
    answered_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", ondelete="SET NULL")
    language: str = Field(sa_column=_words())
    request_key: UUID
    created_by: UUID = Field(foreign_key="person.id")


class TimeOffer(SQLModel, table=True):
    """A time kept for one patient until they answer: because they wait, or because they asked.

    While it is open, `slot_id` names the slot that keeps the time.
    """

    __tablename__ = "time_offer"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="time_offer_confidentiality"),
        CheckConstraint("status in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="time_offer_status"),
        CheckConstraint("modality in ('in_person', 'video')", name="time_offer_modality"),
        CheckConstraint("channel in ('mail', 'phone')", name="time_offer_channel"),
        CheckConstraint("num_nonnulls(entry_id, request_id) = 1", name="time_offer_for_one"),
        CheckConstraint("(status = 'open') = (slot_id is not null)", name="time_offer_kept"),
        UniqueConstraint("entry_id", "practitioner_id", "starts_at", name="time_offer_once"),
        Index("time_offer_open_once", "entry_id", unique=True, postgresql_where=literal_column("status = 'open'")),
        Index("time_offer_open", "answer_by", postgresql_where=literal_column("status = 'open'")),
        Index("ix_time_offer_patient_id", "patient_id"),
        Index("ix_time_offer_request_id", "request_id"),
        Index("ix_time_offer_offered_at", "offered_at", postgresql_where=literal_column("entry_id is not null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    entry_id: UUID | None = Field(default=None, foreign_key="waitlist_entry.id")
    request_id: UUID | None = Field(default=None, foreign_key="time_request.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    status: str = Field(default="open", sa_column=_words(default="open"))
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    location_id: UUID = Field(foreign_key="location.id")
    visit_type_id: UUID = Field(foreign_key="visit_type.id")
    modality: str = Field(sa_column=_words())
    starts_at: datetime = Field(sa_column=_moment())
    ends_at: datetime = Field(sa_column=_moment())
    slot_id: UUID | None = Field(default=None, unique=True)
    answer_by: datetime = Field(sa_column=_moment())
    offered_at: datetime = Field(sa_column=_moment())
    answered_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    waiting_since: datetime = Field(sa_column=_moment())
    language: str = Field(sa_column=_words())
    channel: str = Field(sa_column=_words())
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", ondelete="SET NULL")
