"""Tables of visits. Their policies, guards and triggers are in migrations 0029, 0033 and 0041."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = True) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _words(default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


def _said() -> "Column[str]":
    return Column(EncryptedText, nullable=True)


def _flag() -> "Column[bool]":
    return Column(Boolean, nullable=False, server_default=text("false"))


def _confidentiality(table: str) -> CheckConstraint:
    return CheckConstraint("confidentiality in ('N', 'R', 'V')", name=f"{table}_confidentiality")


class Visit(SQLModel, table=True):
    """What becomes of an appointment when its time comes (FHIR Encounter); one each, whatever the modality.

    `host_id` is the person who sees the patient; handing over changes them. `is_through_hub` says that media always
    goes through the hub, `is_alone` that the clinician asked for time alone with the patient. `address`, `region` (ISO
    3166-2), `call_back_number` and `company` are where the patient says they are now, how to reach them and who is with
    them. `wants_call_at` is when they left the page to be called when it is their turn, `wants_call_by` who did, and
    `called_back_at` when the clinician asked them back to it.
    """

    __table_args__ = (
        _confidentiality("visit"),
        CheckConstraint(
            "status in ('planned', 'waiting', 'in_progress', 'finished', 'cancelled')", name="visit_status"
        ),
        CheckConstraint("modality in ('video', 'audio', 'phone', 'in_person')", name="visit_modality"),
        CheckConstraint("(status = 'finished') = (ended_at is not null)", name="visit_ended"),
        CheckConstraint("status not in ('in_progress') or started_at is not null", name="visit_began"),
        Index("visit_of_practitioner", "practitioner_id", "opened_at"),
        Index(
            "visit_open",
            "practitioner_id",
            postgresql_where=literal_column("status in ('planned', 'waiting', 'in_progress')"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id", ondelete="CASCADE", unique=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    host_id: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    status: str = Field(default="planned", sa_column=_words("planned"))
    modality: str = Field(sa_column=_words())
    is_locked: bool = Field(default=False, sa_column=_flag())
    is_through_hub: bool = Field(default=False, sa_column=_flag())
    is_alone: bool = Field(default=False, sa_column=_flag())
    address: str | None = Field(default=None, sa_column=_said())
    region: str | None = Field(default=None, sa_column=_said())
    call_back_number: str | None = Field(default=None, sa_column=_said())
    company: str | None = Field(default=None, sa_column=_said())
    said_at: datetime | None = Field(default=None, sa_column=_moment())
    consented_at: datetime | None = Field(default=None, sa_column=_moment())
    consented_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    wants_call_at: datetime | None = Field(default=None, sa_column=_moment())
    wants_call_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    called_back_at: datetime | None = Field(default=None, sa_column=_moment())
    opened_at: datetime = Field(sa_column=_moment(nullable=False))
    waiting_since: datetime | None = Field(default=None, sa_column=_moment())
    started_at: datetime | None = Field(default=None, sa_column=_moment())
    ended_at: datetime | None = Field(default=None, sa_column=_moment())
    ended_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")


class VisitParticipant(SQLModel, table=True):
    """Somebody of a visit: a person, or a guest who comes by a link and is nobody's person.

    `connection_id` is that of the newest tab. Secrets of links and rooms are kept as hashes. `outside_since` is when
    they were asked to wait outside, because the clinician wanted time alone with the patient.
    """

    __tablename__ = "visit_participant"
    __table_args__ = (
        _confidentiality("visit_participant"),
        CheckConstraint(
            "role in ('patient', 'caregiver', 'clinician', 'interpreter', 'family', 'other_clinician')",
            name="visit_participant_role",
        ),
        CheckConstraint(
            "state in ('invited', 'waiting', 'admitted', 'in', 'left', 'removed')", name="visit_participant_state"
        ),
        UniqueConstraint("visit_id", "person_id", name="visit_participant_once"),
        CheckConstraint("(person_id is null) = (link_hash is not null)", name="visit_participant_guest"),
        Index("visit_participant_present", "person_id", postgresql_where=literal_column("state = 'in'")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    visit_id: UUID = Field(foreign_key="visit.id", ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    person_id: UUID | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE")
    role: str = Field(sa_column=_words())
    name: str = Field(sa_column=_words())
    language: str = Field(default="", sa_column=_words(""))
    state: str = Field(sa_column=_words())
    connection_id: UUID | None = None
    waiting_since: datetime | None = Field(default=None, sa_column=_moment())
    admitted_at: datetime | None = Field(default=None, sa_column=_moment())
    seen_at: datetime | None = Field(default=None, sa_column=_moment())
    left_at: datetime | None = Field(default=None, sa_column=_moment())
    outside_since: datetime | None = Field(default=None, sa_column=_moment())
    invited_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    invited_at: datetime | None = Field(default=None, sa_column=_moment())
    agreed_by_patient_at: datetime | None = Field(default=None, sa_column=_moment())
    agreed_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    link_hash: str | None = Field(default=None, sa_column=Column(Text, nullable=True, unique=True))
    link_expires_at: datetime | None = Field(default=None, sa_column=_moment())
    redeemed_at: datetime | None = Field(default=None, sa_column=_moment())
    secret_hash: str | None = Field(default=None, sa_column=Column(Text, nullable=True, unique=True))
    secret_expires_at: datetime | None = Field(default=None, sa_column=_moment())


class VisitDeviceCheck(SQLModel, table=True):
    """What somebody's device check for a visit said last; rates in kbit/s, loss in percent."""

    __tablename__ = "visit_device_check"
    __table_args__ = (
        _confidentiality("visit_device_check"),
        CheckConstraint(
            "camera in ('works', 'refused', 'missing', 'busy', 'skipped')", name="visit_device_check_camera"
        ),
        CheckConstraint(
            "microphone in ('works', 'silent', 'refused', 'missing', 'skipped')", name="visit_device_check_microphone"
        ),
        CheckConstraint("speaker in ('works', 'silent', 'not_heard', 'skipped')", name="visit_device_check_speaker"),
        UniqueConstraint("visit_id", "checked_by", name="visit_device_check_once"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    visit_id: UUID = Field(foreign_key="visit.id", ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    checked_by: UUID
    checked_at: datetime = Field(sa_column=_moment(nullable=False))
    camera: str = Field(sa_column=_words())
    microphone: str = Field(sa_column=_words())
    speaker: str = Field(sa_column=_words())
    round_trip_ms: int | None = None
    loss_percent: int | None = Field(default=None, sa_column=Column(SmallInteger, nullable=True))
    down_kbit: int | None = None
    up_kbit: int | None = None


class VisitMessage(SQLModel, table=True):
    """Something written in the room, for those in it; encrypted. `is_alone`: whoever waited outside never reads it."""

    __tablename__ = "visit_message"
    __table_args__ = (
        _confidentiality("visit_message"),
        UniqueConstraint("participant_id", "request_key", name="visit_message_request"),
        Index("visit_message_in_order", "visit_id", "sent_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    visit_id: UUID = Field(foreign_key="visit.id", ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=_words("N"))
    participant_id: UUID = Field(foreign_key="visit_participant.id", ondelete="CASCADE")
    words: str = Field(sa_column=Column(EncryptedText, nullable=False))
    sent_at: datetime = Field(sa_column=_moment(nullable=False))
    is_alone: bool = Field(default=False, sa_column=_flag())
    request_key: UUID


class WaitingRoomNote(SQLModel, table=True):
    """What a clinician tells everybody who waits for them, until a moment; encrypted, names nobody."""

    __tablename__ = "waiting_room_note"
    __table_args__ = (Index("waiting_room_note_current", "practitioner_id", "until_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", ondelete="CASCADE")
    words: str = Field(sa_column=Column(EncryptedText, nullable=False))
    sent_by: UUID = Field(foreign_key="person.id")
    sent_at: datetime = Field(sa_column=_moment(nullable=False))
    until_at: datetime = Field(sa_column=_moment(nullable=False))
    request_key: UUID = Field(unique=True)


class VisitPreparation(SQLModel, table=True):
    """What patients have ready for a kind of visit by video: a list of things for each language."""

    __tablename__ = "visit_preparation"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(words) = 'object' and words <> '{}'", name="visit_preparation_words"),
    )

    visit_type_id: UUID = Field(primary_key=True, foreign_key="visit_type.id", ondelete="CASCADE")
    words: dict[str, list[str]] = Field(sa_column=Column(JSONB, nullable=False))
    set_by: UUID | None = Field(default=None, foreign_key="person.id")
    set_at: datetime = Field(sa_column=_moment(nullable=False))


class PractitionerLicence(SQLModel, table=True):
    """A state (ISO 3166-2) in which a practitioner may treat by video, from its first through its last day."""

    __tablename__ = "practitioner_licence"
    __table_args__ = (
        CheckConstraint("region ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'", name="practitioner_licence_region"),
        CheckConstraint("valid_until >= valid_from", name="practitioner_licence_days"),
        UniqueConstraint("practitioner_id", "region", name="practitioner_licence_once"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", ondelete="CASCADE")
    region: str = Field(sa_column=_words())
    valid_until: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    valid_from: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    set_by: UUID | None = Field(default=None, foreign_key="person.id")
    set_at: datetime | None = Field(default=None, sa_column=_moment())
