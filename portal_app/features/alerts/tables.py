"""Tables of alerts and of who is on call. Policies and functions are in migrations 0043 and 0072."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field, SmallInteger, SQLModel

from portal_app.core.crypto import EncryptedText

_CONFIDENTIALITY = "confidentiality in ('N', 'R', 'V')"


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _words(*, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


class AlertClock(SQLModel, table=True):
    """In how many minutes an alert is to be taken, and then closed, by how bad it is."""

    __tablename__ = "alert_clock"
    __table_args__ = (
        CheckConstraint("severity in ('routine', 'urgent', 'critical')", name="alert_clock_severity"),
        CheckConstraint("take_min > 0 and close_min > 0", name="alert_clock_minutes"),
    )

    severity: str = Field(sa_column=Column(Text, primary_key=True))
    take_min: int
    close_min: int


class Alert(SQLModel, table=True):
    """One problem of one patient that a person has to look at; at most one of a problem is open.

    `level` says how often it was escalated, `times` how much was added to it, `due_at` when the clock escalates it
    next. `owner_name` says to colleagues who has it, who may not see each other's accounts.
    """

    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="alert_confidentiality"),
        CheckConstraint("section in ('forms', 'vitals')", name="alert_section"),
        CheckConstraint("problem ~ '^[a-z]+[.][a-z0-9_]+$'", name="alert_problem"),
        CheckConstraint("severity in ('routine', 'urgent', 'critical')", name="alert_severity"),
        CheckConstraint("status in ('open', 'acknowledged', 'closed')", name="alert_status"),
        CheckConstraint("(status = 'closed') = (closed_at is not null)", name="alert_closed"),
        CheckConstraint("(status = 'closed') = (due_at is null)", name="alert_timed"),
        CheckConstraint(
            "(status = 'acknowledged') <= (owner_id is not null and acknowledged_at is not null)", name="alert_taken"
        ),
        Index(
            "alert_open_once", "patient_id", "problem", unique=True,
            postgresql_where=literal_column("closed_at is null"),
        ),
        Index("alert_waiting", "due_at", postgresql_where=literal_column("closed_at is null")),
        Index("alert_closed_lately", "closed_at", postgresql_where=literal_column("closed_at is not null")),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    section: str = Field(sa_column=_words())
    problem: str = Field(sa_column=_words())
    severity: str = Field(sa_column=_words())
    status: str = Field(sa_column=_words())
    level: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    times: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    opened_at: datetime = Field(sa_column=_moment())
    changed_at: datetime = Field(sa_column=_moment())
    due_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    owner_id: UUID | None = Field(default=None, foreign_key="person.id")
    owner_name: str = Field(default="", sa_column=_words(default=""))
    acknowledged_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    closed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")
    outcome: str = Field(default="", sa_column=_words(default=""))


class AlertEvent(SQLModel, table=True):
    """What happened to an alert. `source_id` is the reading or answer it came from, which counts once.

    `facts` says what was measured or answered, as encrypted JSON of codes and numbers. `withdrawn_at` says when the
    reading was taken back.
    """

    __tablename__ = "alert_event"
    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="alert_event_confidentiality"),
        CheckConstraint(
            "kind in ('raised', 'added', 'taken', 'given_back', 'escalated', 'closed', 'withdrawn')",
            name="alert_event_kind",
        ),
        UniqueConstraint("source_id", name="alert_event_once"),
        Index("ix_alert_event_alert_id", "alert_id", "at"),
    )

    id: UUID = Field(
        default_factory=uuid4, primary_key=True, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    alert_id: UUID = Field(foreign_key="alert.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    kind: str = Field(sa_column=_words())
    severity: str = Field(sa_column=_words())
    source_id: UUID | None = None
    facts: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    at: datetime = Field(sa_column=_moment())
    person_id: UUID = Field(foreign_key="person.id")
    person_name: str = Field(default="", sa_column=_words(default=""))
    withdrawn_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class OnCallTurn(SQLModel, table=True):
    """Somebody of the care team is on call, `rank` 1 first, 2 second, who is called when the first does not take it.

    `phone` (E.164, encrypted) takes urgent text messages in this turn, in place of the person's own.
    """

    __tablename__ = "on_call_turn"
    __table_args__ = (
        CheckConstraint("rank in (1, 2)", name="on_call_turn_rank"),
        CheckConstraint("starts_at < ends_at", name="on_call_turn_order"),
        ExcludeConstraint(
            (literal_column("int4range(rank, rank, '[]')"), "&&"),
            (literal_column("tstzrange(starts_at, ends_at)"), "&&"),
            name="on_call_turn_once", using="gist",
        ),
        ExcludeConstraint(
            (literal_column("span_of(person_id, starts_at, ends_at)"), "&&"),
            name="on_call_turn_one_rank", using="spgist",
        ),
        Index("on_call_turn_until", "ends_at"),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    rank: int = Field(sa_column=Column(SmallInteger, nullable=False))
    starts_at: datetime = Field(sa_column=_moment())
    ends_at: datetime = Field(sa_column=_moment())
    phone: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    added_by: UUID = Field(foreign_key="person.id")
    added_at: datetime = Field(sa_column=_moment())


class AlertCall(SQLModel, table=True):
    """Who on call was told of an alert when it came to a level; without a person nobody was on call.

    `due_at` is the alert's own of that time, which tells one time at a level from the next. `ways` are those of notify.
    """

    __tablename__ = "alert_call"

    alert_id: UUID = Field(foreign_key="alert.id", primary_key=True)
    level: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    rank: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    person_name: str = Field(default="", sa_column=_words(default=""))
    ways: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    at: datetime = Field(sa_column=_moment())
