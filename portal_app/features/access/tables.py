"""Tables of people, charts, sessions and grants. Row-level security is in the migrations."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = False, default_now: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text("now()") if default_now else None)


class Person(SQLModel, table=True):
    """Somebody who signs in. The e-mail address is encrypted; `email_index` is its blind index.

    `phone` is a telephone (E.164, encrypted) that they have proved is theirs. How they read the portal and are
    written to is theirs on every chart they act for; `quiet_from` and `quiet_until` are hours of their own day.
    """

    __table_args__ = (
        CheckConstraint("text_size in ('normal', 'large', 'largest')", name="person_text_size"),
        CheckConstraint("contrast in ('normal', 'more')", name="person_contrast"),
        CheckConstraint("units in ('', 'metric', 'us')", name="person_units"),
        CheckConstraint("reminders_by in ('mail', 'text', 'push')", name="person_reminders_by"),
        CheckConstraint("offers_by in ('mail', 'text', 'push')", name="person_offers_by"),
        CheckConstraint("quiet_from between 0 and 23", name="person_quiet_from"),
        CheckConstraint("quiet_until between 0 and 23", name="person_quiet_until"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    display_name: str = Field(sa_column=Column(Text, nullable=False))
    email: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    email_index: str | None = Field(default=None, sa_column=Column(Text, nullable=True, unique=True))
    phone: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    locale: str = Field(default="en", sa_column=Column(Text, nullable=False, server_default="en"))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    disabled_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    text_size: str = Field(default="normal", sa_column=Column(Text, nullable=False, server_default="normal"))
    contrast: str = Field(default="normal", sa_column=Column(Text, nullable=False, server_default="normal"))
    units: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    reminders_by: str = Field(default="mail", sa_column=Column(Text, nullable=False, server_default="mail"))
    offers_by: str = Field(default="mail", sa_column=Column(Text, nullable=False, server_default="mail"))
    quiet_from: int = Field(default=21, sa_column=Column(SmallInteger, nullable=False, server_default="21"))
    quiet_until: int = Field(default=8, sa_column=Column(SmallInteger, nullable=False, server_default="8"))


class PersonRole(SQLModel, table=True):
    """What a person is to the practice; a clinical role at a location opens the charts of that location."""

    __tablename__ = "person_role"
    __table_args__ = (
        UniqueConstraint(
            "person_id", "role", "location_id", name="person_role_once", postgresql_nulls_not_distinct=True
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    role: str = Field(sa_column=Column(Text, nullable=False))
    location_id: UUID | None = None


class Patient(SQLModel, table=True):
    """A chart (FHIR Patient). `zone` is where the patient lives, an IANA name.

    The telephone number is encrypted; `phone_keys` are its blind indexes (features/patients). `called` is the name they
    want to be called by and `pronouns` what they say theirs are, "" where they said nothing. `reached_by` is how to
    reach them when there is something to talk about, unset where either way will do. `state` is whose rules by age
    count for them, unset for the practice's.
    """

    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="patient_confidentiality"),
        CheckConstraint("state ~ '^[A-Z]{2}$'", name="patient_state"),
        CheckConstraint("reached_by in ('mail', 'phone')", name="patient_reached_by"),
        Index("patient_by_name", "family_name", "given_name", "id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    family_name: str = Field(sa_column=Column(Text, nullable=False))
    given_name: str = Field(sa_column=Column(Text, nullable=False))
    birth_date: date
    language: str = Field(default="en", sa_column=Column(Text, nullable=False, server_default="en"))
    zone: str = Field(default="UTC", sa_column=Column(Text, nullable=False, server_default="UTC"))
    general_practitioner_id: UUID | None = None
    phone: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    phone_keys: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    called: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    pronouns: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    reached_by: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    state: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))


class Session(SQLModel, table=True):
    """A browser that someone signed in on; only the hash of its secret is kept.

    `passkey_id` is the passkey that opened it, and `proved_at` when its owner last proved themself once more. After
    `idle_until` it is locked; `locked_at` is when its pages were told.
    One that `is_by_text` was made by a code on a telephone beside the one by mail.
    One that `owes_codes` opens nothing of the staff's until its owner has kept recovery codes.
    One with a `support_view_id` sees a chart as its patient does, and can only read (features/privacy).
    """

    __table_args__ = (
        Index("session_by_passkey", "passkey_id", postgresql_where=text("passkey_id is not null")),
        Index("session_idle", "idle_until", postgresql_where=text("ended_at is null and locked_at is null")),
        Index("session_seeing", "support_view_id", postgresql_where=text("support_view_id is not null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    secret_hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", ondelete="CASCADE")
    assurance: int = Field(sa_column=Column(SmallInteger, nullable=False))
    user_agent: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    expires_at: datetime = Field(sa_column=_moment())
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    address: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    seen_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    proved_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    passkey_id: UUID | None = None
    ended_because: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    idle_until: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    locked_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    owes_codes: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    support_view_id: UUID | None = None
    zone: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    is_by_text: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))


class SignInCode(SQLModel, table=True):
    """A request to sign in; a row is made whether or not the address is known.

    `known_hash` is what the browser says it is remembered by, and `is_known` whether it was true for this person.
    """

    __tablename__ = "sign_in_code"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    browser_hash: str = Field(sa_column=Column(Text, nullable=False, index=True))
    email_index: str = Field(sa_column=Column(Text, nullable=False, index=True))
    known_hash: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    is_known: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    person_id: UUID | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE")
    code_hash: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    locale: str = Field(default="en", sa_column=Column(Text, nullable=False, server_default="en"))
    tries: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    expires_at: datetime = Field(sa_column=_moment())
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class KnownBrowser(SQLModel, table=True):
    """A browser that a person signed in on before; its secret opens nothing, and only the hash of it is kept."""

    __tablename__ = "known_browser"
    __table_args__ = (UniqueConstraint("secret_hash", "person_id", name="known_browser_once"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    secret_hash: str = Field(sa_column=Column(Text, nullable=False))
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    seen_at: datetime = Field(sa_column=_moment())


class Passkey(SQLModel, table=True):
    """A key pair of a person's, of which we hold the public half (WebAuthn's credential record).

    `external_id` is the credential id in base64url. `flagged_at` is set once it may have been copied. Since
    `vouched_at` it makes sessions of assurance 2: more than a code by e-mail stands behind it. It came in `added_in`.
    """

    __table_args__ = (Index("passkey_added_in", "added_in", postgresql_where=text("added_in is not null")),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    external_id: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sign_count: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    name: str = Field(sa_column=Column(Text, nullable=False))
    transports: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    is_backed_up: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    last_used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    flagged_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    vouched_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    added_in: UUID | None = Field(default=None, foreign_key="session.id", ondelete="SET NULL")


class PasskeyChallenge(SQLModel, table=True):
    """A question a browser was given for its passkey to answer: once, soon, and by that browser alone."""

    __tablename__ = "passkey_challenge"
    __table_args__ = (CheckConstraint("purpose in ('sign_in', 'add')", name="passkey_challenge_purpose"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    browser_hash: str = Field(sa_column=Column(Text, nullable=False))
    challenge: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    purpose: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    expires_at: datetime = Field(sa_column=_moment())
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class AuthenticatorApp(SQLModel, table=True):
    """An app that shows six digits (RFC 6238); it counts once `confirmed_at`. `last_step` is the newest one used."""

    __tablename__ = "authenticator_app"
    __table_args__ = (
        Index("authenticator_app_one", "person_id", unique=True, postgresql_where=text("confirmed_at is not null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    secret: str = Field(sa_column=Column(EncryptedText, nullable=False))
    last_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    confirmed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class RecoveryCode(SQLModel, table=True):
    """A code on somebody's printed list, good once; only a slow hash of it is kept (`kept_codes`).

    `kept_at` is when one of the list was typed from the copy.
    """

    __tablename__ = "recovery_code"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    code_hash: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    kept_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class FactorInvitation(SQLModel, table=True):
    """Leave to set up a second factor: a code that another person gave, and the session it was typed in."""

    __tablename__ = "factor_invitation"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    code_hash: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    expires_at: datetime = Field(sa_column=_moment())
    opened_session_id: UUID | None = None
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class FactorTry(SQLModel, table=True):
    """A second factor that did not fit."""

    __tablename__ = "factor_try"
    __table_args__ = (Index("factor_try_recent", "person_id", "tried_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    tried_at: datetime = Field(sa_column=_moment())


class ContactCode(SQLModel, table=True):
    """A code on its way to a telephone or an e-mail address (`address`, encrypted), bound to the session that asked.

    `purpose` says what answering it does: prove the sign-in by a second channel, or make the address one's own.
    """

    __tablename__ = "contact_code"
    __table_args__ = (CheckConstraint("purpose in ('prove', 'email', 'phone')", name="contact_code_purpose"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    session_id: UUID = Field(foreign_key="session.id", ondelete="CASCADE", index=True)
    purpose: str = Field(sa_column=Column(Text, nullable=False))
    address: str = Field(sa_column=Column(EncryptedText, nullable=False))
    address_index: str = Field(sa_column=Column(Text, nullable=False, index=True))
    code_hash: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    tries: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    locale: str = Field(default="en", sa_column=Column(Text, nullable=False, server_default="en"))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    expires_at: datetime = Field(sa_column=_moment())
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class AccessGrant(SQLModel, table=True):
    """One line of who may: a grantee (person, role or location group) in sections of one chart or of all.

    `patient_id` unset means every chart. `basis` says why: self, caregiver, care_team, appointment, role, emergency.
    `part` tells grants of one relation apart that end at different times.
    """

    __tablename__ = "access_grant"
    __table_args__ = (
        CheckConstraint("up_to in ('N', 'R', 'V')", name="access_grant_up_to"),
        CheckConstraint(
            "basis in ('self', 'caregiver', 'care_team', 'appointment', 'role', 'emergency')", name="access_grant_basis"
        ),
        UniqueConstraint(
            "grantee",
            "patient_id",
            "basis",
            "min_assurance",
            "verbs",
            "part",
            name="access_grant_once",
            postgresql_nulls_not_distinct=True,
        ),
        Index("access_grant_patient", "patient_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    grantee: UUID
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", ondelete="CASCADE")
    sections: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    verbs: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    up_to: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    min_assurance: int = Field(default=1, sa_column=Column(SmallInteger, nullable=False, server_default="1"))
    basis: str = Field(sa_column=Column(Text, nullable=False))
    valid_until: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    part: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))


class RelatedPerson(SQLModel, table=True):
    """Somebody who acts for a patient, or was asked to (FHIR RelatedPerson); the grants follow from this row.

    `name`, `email` and `note` are encrypted. `secret_hash` is of the invitation's link, which counts until `answer_by`.
    A relation that staff set names the document that justifies it.
    """

    __tablename__ = "related_person"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="related_person_confidentiality"),
        CheckConstraint("act_sections <@ view_sections and cardinality(view_sections) > 0",
                        name="related_person_shares"),
        Index("related_person_asked_once", "patient_id", "email_index", unique=True,
              postgresql_where=text("status in ('invited', 'active')")),
        Index("related_person_acts_once", "patient_id", "person_id", unique=True,
              postgresql_where=text("status = 'active'")),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="N", sa_column=Column(Text, nullable=False, server_default="N"))
    person_id: UUID | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE", index=True)
    name: str = Field(sa_column=Column(EncryptedText, nullable=False))
    email: str = Field(sa_column=Column(EncryptedText, nullable=False))
    email_index: str = Field(sa_column=Column(Text, nullable=False))
    relationship: str = Field(sa_column=Column(Text, nullable=False))
    view_sections: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    act_sections: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    status: str = Field(default="invited", sa_column=Column(Text, nullable=False, server_default="invited"))
    secret_hash: str | None = Field(default=None, sa_column=Column(Text, nullable=True, unique=True))
    answer_by: datetime = Field(sa_column=_moment())
    valid_until: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    invited_by: UUID = Field(foreign_key="person.id")
    invited_at: datetime = Field(sa_column=_moment())
    accepted_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    declined_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    document_id: UUID | None = Field(default=None, foreign_key="stored_file.id", ondelete="SET NULL")
    document_kind: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    note: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))


class SignOnRequest(SQLModel, table=True):
    """What a browser was sent to the provider of single sign-on with: good once, soon, and for that browser alone."""

    __tablename__ = "sign_on_request"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    state_hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    browser_hash: str = Field(sa_column=Column(Text, nullable=False))
    nonce: str = Field(sa_column=Column(EncryptedText, nullable=False))
    verifier: str = Field(sa_column=Column(EncryptedText, nullable=False))
    next_path: str = Field(default="/", sa_column=Column(Text, nullable=False, server_default="/"))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    expires_at: datetime = Field(sa_column=_moment())
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class SignOnLink(SQLModel, table=True):
    """An account at the provider that was proved and is nobody's here yet; its secret is in the browser's cookie.

    `subject_index` is a blind index, `provider_session` an id made of one. `roles` is unset where the provider decides
    about none.
    """

    __tablename__ = "sign_on_link"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    secret_hash: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    issuer: str = Field(sa_column=Column(Text, nullable=False))
    subject_index: str = Field(sa_column=Column(Text, nullable=False))
    label: str = Field(sa_column=Column(EncryptedText, nullable=False))
    roles: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text), nullable=True))
    assurance: int = Field(sa_column=Column(SmallInteger, nullable=False))
    provider_session: UUID | None = None
    token: str = Field(sa_column=Column(EncryptedText, nullable=False))
    proved_there_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    expires_at: datetime = Field(sa_column=_moment())
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class SignOnIdentity(SQLModel, table=True):
    """An account at a provider of single sign-on that is a person's, with what the provider said last.

    `roles` is unset where the provider decides about none.
    """

    __tablename__ = "sign_on_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject_index", name="sign_on_identity_once"),
        UniqueConstraint("person_id", "issuer", name="sign_on_identity_one_each"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    issuer: str = Field(sa_column=Column(Text, nullable=False))
    subject_index: str = Field(sa_column=Column(Text, nullable=False))
    roles: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text), nullable=True))
    assurance: int = Field(default=1, sa_column=Column(SmallInteger, nullable=False, server_default="1"))
    created_at: datetime | None = Field(default=None, sa_column=_moment(default_now=True))
    last_used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class SignOnSession(SQLModel, table=True):
    """A session that was opened by single sign-on; the token shows the provider which of its own ends with it.

    `proved_there_at` is when somebody last proved themself there: coming in again without being asked proves nothing
    anew. Unset where the provider does not say.
    """

    __tablename__ = "sign_on_session"

    session_id: UUID = Field(foreign_key="session.id", ondelete="CASCADE", primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    identity_id: UUID = Field(foreign_key="sign_on_identity.id", ondelete="CASCADE", index=True)
    provider_session: UUID | None = None
    token: str = Field(sa_column=Column(EncryptedText, nullable=False))
    proved_there_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
