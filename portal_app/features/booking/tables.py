"""Tables of taken times and appointments. Policies, triggers and the search for free times are in 0003."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Function,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _span(party: str, begin: str = "starts_at", end: str = "ends_at") -> "Function[Any]":
    return func.span_of(literal_column(party), literal_column(begin), literal_column(end))


def _works_at() -> ForeignKeyConstraint:
    columns = ["practitioner_id", "location_id"]
    return ForeignKeyConstraint(columns, [f"practitioner_location.{column}" for column in columns])


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _words(*, nullable: bool = False, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=nullable, server_default=default)


class Slot(SQLModel, table=True):
    """A time that is not free (FHIR Slot: busy, busy-tentative, busy-unavailable). Names no patient.

    No two slots of a practitioner overlap, except what staff put beside others (`is_overbooked`). `held_until` is set
    while a patient is confirming. From `busy_from` to `busy_until` the practitioner is kept free for it; unset where
    that is no more than the time itself. What kind of visit takes it is written down so that limits can be counted.
    `is_kept` says that it has just become free and is about to be offered to whoever waits.
    """

    __table_args__ = (
        CheckConstraint("status in ('busy', 'busy-tentative', 'busy-unavailable')", name="slot_status"),
        CheckConstraint("ends_at > starts_at and starts_at >= '2000-01-01 00:00+00'", name="slot_order"),
        CheckConstraint("ends_at <= starts_at + interval '1 day'", name="slot_length"),
        CheckConstraint("(status = 'busy-tentative') = (held_until is not null)", name="slot_held"),
        _works_at(),
        CheckConstraint("modality in ('in_person', 'video')", name="slot_modality"),
        CheckConstraint(
            "(busy_from is null) = (busy_until is null)"
            " and coalesce(busy_from <= starts_at and busy_until >= ends_at, true)",
            name="slot_busy",
        ),
        CheckConstraint("not is_kept or status = 'busy-tentative'", name="slot_kept"),
        UniqueConstraint("practitioner_id", "starts_at", "ends_at", "id", name="slot_time"),
        ExcludeConstraint(
            (_span("practitioner_id", "coalesce(busy_from, starts_at)", "coalesce(busy_until, ends_at)"), "&&"),
            name="slot_held_once",
            using="spgist",
            where=literal_column("not is_overbooked"),
        ),
        Index(
            "slot_buffered", "practitioner_id", "starts_at", postgresql_where=literal_column("busy_from is not null")
        ),
        Index("slot_overbooked", "practitioner_id", "starts_at", postgresql_where=literal_column("is_overbooked")),
        Index("slot_kept_for_line", "practitioner_id", "starts_at", postgresql_where=literal_column("is_kept")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    practitioner_id: UUID
    location_id: UUID
    starts_at: datetime = Field(sa_column=_moment())
    ends_at: datetime = Field(sa_column=_moment())
    status: str = Field(sa_column=_words())
    held_until: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    visit_type_id: UUID | None = Field(default=None, foreign_key="visit_type.id")
    modality: str | None = Field(default=None, sa_column=_words(nullable=True))
    busy_from: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    busy_until: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    is_overbooked: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    is_kept: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))


class Appointment(SQLModel, table=True):
    """A visit promised (FHIR Appointment), or held while confirming (`pending`).

    It occupies its time through its slot, and no two such appointments of a patient overlap. `request_key` comes
    with the form: one key, one appointment. `sequence` counts changes for calendars (RFC 5545 section 3.8.7.4).
    `moved_from` is when it was before its last move, `move_key` came with that move, `confirmed_at` is when the patient
    last said that they will come. Those with one `series_id` were booked together.
    """

    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="appointment_confidentiality"),
        CheckConstraint(
            "status in ('pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow')", name="appointment_status"
        ),
        CheckConstraint("modality in ('in_person', 'video')", name="appointment_modality"),
        CheckConstraint("cancel_reason in ('patient', 'practice')", name="appointment_cancel_reason"),
        CheckConstraint(
            "cancel_code in ('time', 'better', 'elsewhere', 'travel', 'other')", name="appointment_cancel_code"
        ),
        CheckConstraint("(moved_at is null) = (moved_from is null)", name="appointment_moved"),
        CheckConstraint(
            "case status when 'pending' then true when 'cancelled' then slot_id is null else slot_id is not null end",
            name="appointment_keeps_slot",
        ),
        CheckConstraint("ends_at > starts_at and starts_at >= '2000-01-01 00:00+00'", name="appointment_order"),
        CheckConstraint(
            "(status = 'cancelled') ="
            " (cancelled_at is not null and cancelled_by is not null and cancel_reason is not null)",
            name="appointment_cancelled",
        ),
        _works_at(),
        UniqueConstraint("patient_id", "request_key", name="appointment_request"),
        ForeignKeyConstraint(
            ["slot_id", "practitioner_id", "starts_at", "ends_at"],
            ["slot.id", "slot.practitioner_id", "slot.starts_at", "slot.ends_at"],
            name="appointment_slot",
            ondelete="SET NULL (slot_id)",
        ),
        ExcludeConstraint(
            (_span("patient_id"), "&&"),
            name="appointment_patient_once",
            using="spgist",
            where=literal_column("slot_id is not null"),
        ),
        ForeignKeyConstraint(
            ["room_id", "location_id"],
            ["room.id", "room.location_id"],
            name="appointment_room",
            ondelete="SET NULL (room_id)",
        ),
        ExcludeConstraint(
            (_span("room_id"), "&&"),
            name="appointment_room_once",
            using="spgist",
            where=literal_column("room_id is not null and slot_id is not null"),
        ),
        Index("ix_appointment_patient_id", "patient_id", "starts_at"),
        Index("ix_appointment_practitioner_id", "practitioner_id", "starts_at"),
        Index("ix_appointment_location_id", "location_id", "starts_at"),
        Index("appointment_pending", "patient_id", postgresql_where=literal_column("status = 'pending'")),
        Index("appointment_series", "series_id", postgresql_where=literal_column("series_id is not null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    status: str = Field(sa_column=_words())
    practitioner_id: UUID
    location_id: UUID
    visit_type_id: UUID = Field(foreign_key="visit_type.id")
    modality: str = Field(sa_column=_words())
    starts_at: datetime = Field(sa_column=_moment())
    ends_at: datetime = Field(sa_column=_moment())
    patient_zone: str = Field(sa_column=_words())
    reason: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    slot_id: UUID | None = Field(default=None, unique=True)
    room_id: UUID | None = None
    request_key: UUID
    created_by: UUID = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_column=_moment())
    changed_at: datetime = Field(sa_column=_moment())
    sequence: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    arrived_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    cancelled_by: UUID | None = Field(default=None, foreign_key="person.id")
    cancelled_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    cancel_reason: str | None = Field(default=None, sa_column=_words(nullable=True))
    cancel_code: str | None = Field(default=None, sa_column=_words(nullable=True))
    cancel_words: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    moved_from: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    moved_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    move_key: UUID | None = None
    confirmed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    series_id: UUID | None = None


class Reminder(SQLModel, table=True):
    """A reminder that was written to a person about one time of an appointment, and what its link was used for.

    The link's secret is kept as its hash. `starts_at` is the time it was about: after a move the link is void.
    """

    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="reminder_confidentiality"),
        CheckConstraint("answer in ('confirmed', 'cancelled')", name="reminder_answer"),
        CheckConstraint("(answer is null) = (answered_at is null)", name="reminder_answered"),
        UniqueConstraint("appointment_id", "person_id", "starts_at", "before_min", name="reminder_once"),
        Index("reminder_expired", "expires_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    appointment_id: UUID = Field(foreign_key="appointment.id", ondelete="CASCADE")
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    starts_at: datetime = Field(sa_column=_moment())
    before_min: int
    secret_hash: str = Field(sa_type=Text, unique=True)
    expires_at: datetime = Field(sa_column=_moment())
    created_at: datetime = Field(sa_column=_moment())
    answered_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    answer: str | None = Field(default=None, sa_column=_words(nullable=True))


class BlockedTime(SQLModel, table=True):
    """Why a time is blocked (its slot is `busy-unavailable`): for staff alone."""

    __tablename__ = "blocked_time"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slot_id: UUID = Field(foreign_key="slot.id", ondelete="CASCADE", unique=True)
    reason: str = Field(default="", sa_column=_words(default=""))
    created_by: UUID = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_column=_moment())


class Delay(SQLModel, table=True):
    """How late a practitioner runs on a day; `step` counts what was said, and the last counts."""

    __table_args__ = (
        CheckConstraint("minutes between 0 and 240", name="delay_minutes"),
        UniqueConstraint("practitioner_id", "day", "step", name="delay_once"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", ondelete="CASCADE")
    day: date = Field(sa_column=Column(Date, nullable=False))
    minutes: int = Field(sa_column=Column(SmallInteger, nullable=False))
    step: int = Field(sa_column=Column(Integer, nullable=False))
    created_by: UUID = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_column=_moment())
