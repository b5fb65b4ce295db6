"""Tables of the practice: places, people to see, what can be booked, and weekly hours. Policies are in 0003."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


def _words(default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


def _modalities() -> "Column[Any]":
    return Column(ARRAY(Text), nullable=False)


def _modalities_check(table: str) -> CheckConstraint:
    return CheckConstraint("modalities <@ '{in_person,video}' and modalities <> '{}'", name=f"{table}_modalities")


def _by_language() -> "Column[Any]":
    return Column(JSONB, nullable=False, server_default=text("'{}'"))


def _checked_at(*, nullable: bool) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


class Practice(SQLModel, table=True):
    """The one practice of this installation. `accent` is a CSS colour, `country` an ISO 3166 code.

    `state` is whose rules by age count, two letters, "" where nobody has said.
    `video_path` is whether two browsers of a visit may reach each other directly, or always go through our server.
    `staff_idle_min` is after how many minutes without anybody at the screen a session of the staff's is locked.
    """

    __table_args__ = (
        CheckConstraint("only_one", name="practice_only_one"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="practice_country"),
        CheckConstraint("state ~ '^([A-Z]{2})?$'", name="practice_state"),
        CheckConstraint("video_path in ('direct', 'hub')", name="practice_video_path"),
        CheckConstraint("staff_idle_min between 5 and 60", name="practice_staff_idle_min"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(sa_column=_words())
    initial: str = Field(sa_column=_words())
    accent: str = Field(sa_column=_words())
    phone: str = Field(sa_column=_words())
    emergency_phone: str = Field(sa_column=_words())
    country: str = Field(default="US", sa_column=_words("US"))
    state: str = Field(default="", sa_column=_words(""))
    staff_idle_min: int = Field(default=15, sa_column=Column(SmallInteger, nullable=False, server_default="15"))
    video_path: str = Field(default="direct", sa_column=_words("direct"))
    only_one: bool = Field(
        default=True, sa_column=Column(Boolean, nullable=False, unique=True, server_default=text("true"))
    )


class Location(SQLModel, table=True):
    """A place (FHIR Location). `zone` is an IANA name; `address` may have several lines.

    `phone` is the place's line for bookings; a trigger keeps it so. `parking` and `ways`, how to get there, are keyed
    by locale; `directions` is the first of `ways`, for whoever reads none of their languages. From `closed_from` on
    nobody is offered it.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(sa_column=_words())
    address: str = Field(sa_column=_words())
    zone: str = Field(sa_column=_words())
    phone: str = Field(sa_column=_words())
    directions: str = Field(default="", sa_column=_words(""))
    directions_url: str = Field(default="", sa_column=_words(""))
    parking: dict[str, str] = Field(default_factory=dict, sa_column=_by_language())
    ways: dict[str, str] = Field(default_factory=dict, sa_column=_by_language())
    closed_from: date | None = Field(default=None, sa_column=Column(Date, nullable=True))


class PhoneLine(SQLModel, table=True):
    """A number to call for one purpose, of a place or (without one) of the whole practice.

    `is_answered` says whether a person answered the test call of the last check.
    """

    __tablename__ = "phone_line"
    __table_args__ = (
        CheckConstraint("purpose in ('bookings', 'billing', 'nurse')", name="phone_line_purpose"),
        CheckConstraint("(checked_at is null) = (is_answered is null)", name="phone_line_checked"),
        UniqueConstraint("location_id", "purpose", name="phone_line_once", postgresql_nulls_not_distinct=True),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    location_id: UUID | None = Field(default=None, foreign_key="location.id", ondelete="CASCADE")
    purpose: str = Field(sa_column=_words())
    number: str = Field(sa_column=_words())
    checked_at: datetime | None = Field(default=None, sa_column=_checked_at(nullable=True))
    checked_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    is_answered: bool | None = None


class OpeningHours(SQLModel, table=True):
    """When somebody is at a place's desk and phone (FHIR Location.hoursOfOperation); nobody is booked by it."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday between 1 and 7", name="opening_hours_weekday"),
        CheckConstraint("closes > opens", name="opening_hours_order"),
        Index("ix_opening_hours_location_id", "location_id", "weekday"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    location_id: UUID = Field(foreign_key="location.id", ondelete="CASCADE")
    weekday: int = Field(sa_column=Column(SmallInteger, nullable=False))
    opens: time = Field(sa_column=Column(Time, nullable=False))
    closes: time = Field(sa_column=Column(Time, nullable=False))


class FactCheck(SQLModel, table=True):
    """Who has last checked a place's opening hours ("hours"), or its directions and parking ("way")."""

    __tablename__ = "fact_check"
    __table_args__ = (CheckConstraint("subject in ('hours', 'way')", name="fact_check_subject"),)

    location_id: UUID = Field(foreign_key="location.id", ondelete="CASCADE", primary_key=True)
    subject: str = Field(sa_column=Column(Text, primary_key=True))
    checked_at: datetime = Field(sa_column=_checked_at(nullable=False))
    checked_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")


class Practitioner(SQLModel, table=True):
    """Somebody to see (FHIR Practitioner); `person_id` is who signs in, if they do.

    `specialty` and the profile's words are in the portal's languages, keyed by locale; `languages` are BCP 47 codes,
    `specialty_codes` those of `reasons`. Ages are in whole years, both included. Who is not `accepts_new` sees their
    own patients and those they have seen.
    """

    __table_args__ = (
        CheckConstraint(
            "coalesce(age_from, 0) >= 0 and coalesce(age_until, 150) <= 150"
            " and coalesce(age_from, 0) <= coalesce(age_until, 150)",
            name="practitioner_ages",
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL", unique=True)
    name: str = Field(sa_column=_words())
    title: str = Field(sa_column=_words())
    initials: str = Field(sa_column=_words())
    specialty: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    languages: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    is_active: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=text("true")))
    specialty_codes: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    biography: dict[str, str] = Field(default_factory=dict, sa_column=_by_language())
    treats: dict[str, str] = Field(default_factory=dict, sa_column=_by_language())
    treats_not: dict[str, str] = Field(default_factory=dict, sa_column=_by_language())
    age_from: int | None = Field(default=None, sa_column=Column(SmallInteger, nullable=True))
    age_until: int | None = Field(default=None, sa_column=Column(SmallInteger, nullable=True))
    accepts_new: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=text("true")))
    photo_id: UUID | None = Field(default=None, foreign_key="stored_file.id", ondelete="SET NULL")


class Room(SQLModel, table=True):
    """A room of a location (FHIR Location of physical type `ro`). A visit may have one, and it one visit at a time."""

    __table_args__ = (UniqueConstraint("id", "location_id", name="room_place"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    location_id: UUID = Field(foreign_key="location.id", ondelete="CASCADE", index=True)
    name: str = Field(sa_column=_words())
    is_active: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=text("true")))


class PractitionerLocation(SQLModel, table=True):
    """Where a practitioner works."""

    __tablename__ = "practitioner_location"

    practitioner_id: UUID = Field(foreign_key="practitioner.id", ondelete="CASCADE", primary_key=True)
    location_id: UUID = Field(foreign_key="location.id", ondelete="CASCADE", primary_key=True)


class VisitType(SQLModel, table=True):
    """Something to book: how long, how, how late it may be cancelled and booked. `names` are keyed by locale.

    The practitioner is kept free for the buffers around it, and has at most `daily_max` of them on a day.
    `remind_before_min` is how many minutes before it people are reminded, up to five times.
    """

    __tablename__ = "visit_type"
    __table_args__ = (
        CheckConstraint("names ? 'en'", name="visit_type_names"),
        _modalities_check("visit_type"),
        CheckConstraint("duration_min between 5 and 480", name="visit_type_duration"),
        CheckConstraint("notice_h >= 0 and lead_min >= 0", name="visit_type_notice"),
        CheckConstraint(
            "buffer_before_min between 0 and 120 and buffer_after_min between 0 and 120", name="visit_type_buffers"
        ),
        CheckConstraint("daily_max >= 1", name="visit_type_daily_max"),
        CheckConstraint(
            "cardinality(remind_before_min) <= 5 and 15 <= all (remind_before_min)"
            " and 43200 >= all (remind_before_min)",
            name="visit_type_reminders",
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    code: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    names: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    modalities: list[str] = Field(sa_column=_modalities())
    duration_min: int = Field(sa_column=Column(SmallInteger, nullable=False))
    notice_h: int = Field(sa_column=Column(SmallInteger, nullable=False))
    lead_min: int = Field(sa_column=Column(SmallInteger, nullable=False))
    is_active: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=text("true")))
    buffer_before_min: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    buffer_after_min: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    daily_max: int | None = Field(default=None, sa_column=Column(SmallInteger, nullable=True))
    remind_before_min: list[int] = Field(
        default_factory=lambda: [10080, 1440, 120],
        sa_column=Column(ARRAY(Integer), nullable=False, server_default="{10080,1440,120}"),
    )


class Schedule(SQLModel, table=True):
    """A weekly rule (FHIR Schedule): open on this ISO weekday between two wall times of the location.

    Times are offered every `grid_min` minutes from opening. Valid from and until include both days. With a release,
    nobody may have the times of a day before `release_at`, so many days earlier (0: the same day).
    """

    __table_args__ = (
        ForeignKeyConstraint(
            ["practitioner_id", "location_id"],
            ["practitioner_location.practitioner_id", "practitioner_location.location_id"],
            ondelete="CASCADE",
        ),
        CheckConstraint("weekday between 1 and 7", name="schedule_weekday"),
        CheckConstraint("closes > opens", name="schedule_hours"),
        CheckConstraint("grid_min between 5 and 480", name="schedule_grid"),
        _modalities_check("schedule"),
        CheckConstraint(
            "(release_days is null) = (release_at is null) and coalesce(release_days, 0) between 0 and 60",
            name="schedule_release",
        ),
        Index("ix_schedule_practitioner_id", "practitioner_id", "weekday"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    practitioner_id: UUID
    location_id: UUID
    weekday: int = Field(sa_column=Column(SmallInteger, nullable=False))
    opens: time = Field(sa_column=Column(Time, nullable=False))
    closes: time = Field(sa_column=Column(Time, nullable=False))
    grid_min: int = Field(sa_column=Column(SmallInteger, nullable=False))
    modalities: list[str] = Field(sa_column=_modalities())
    valid_from: date = Field(sa_column=Column(Date, nullable=False))
    valid_until: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    release_days: int | None = Field(default=None, sa_column=Column(SmallInteger, nullable=True))
    release_at: time | None = Field(default=None, sa_column=Column(Time, nullable=True))
