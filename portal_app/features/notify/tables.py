"""The outbox. Row-level security is in the migrations: anybody at work may add, only the system reads."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, DateTime, Index, SmallInteger, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedJSON


class OutboxMessage(SQLModel, table=True):
    """A message to a person. `content` (parameters, attachment) is encrypted, and gone once the message is out.

    It goes to the person's own address of that channel, or to the one that `content` names.

    `patient_id` is the chart it is about, if any: staff hear when such a message cannot be delivered.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint("channel in ('mail', 'text', 'push')", name="outbox_message_channel"),
        CheckConstraint("status in ('queued', 'sending', 'sent', 'failed')", name="outbox_message_status"),
        Index("outbox_message_person", "person_id"),
        Index("outbox_message_waiting", "created_at", postgresql_where=text("status in ('queued', 'sending')")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", ondelete="CASCADE")
    channel: str = Field(default="mail", sa_column=Column(Text, nullable=False, server_default="mail"))
    template: str = Field(sa_column=Column(Text, nullable=False))
    locale: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    content: dict[str, Any] | None = Field(default=None, sa_column=Column(EncryptedJSON, nullable=True))
    dedupe_key: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    status: str = Field(default="queued", sa_column=Column(Text, nullable=False, server_default="queued"))
    attempts: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    last_error: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
    claimed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    sent_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


class PushSubscription(SQLModel, table=True):
    """A browser that somebody is signed in on and that shows them notifications.

    `target` is what the browser gave: `endpoint`, `p256dh` and `auth`, encrypted. It counts as long as the session does
    and the portal's key is the one named by `key_id`.
    """

    __tablename__ = "push_subscription"
    __table_args__ = (UniqueConstraint("person_id", "target_index", name="push_subscription_once"),)

    id: UUID = Field(
        default_factory=uuid4, primary_key=True, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    session_id: UUID = Field(foreign_key="session.id", ondelete="CASCADE", index=True)
    target: dict[str, Any] = Field(sa_column=Column(EncryptedJSON, nullable=False))
    target_index: str = Field(sa_column=Column(Text, nullable=False))
    key_id: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
    taken_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    failed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


class PushDelivery(SQLModel, table=True):
    """A message that a browser's push service has taken, or refused for good: it is not offered there again."""

    __tablename__ = "push_delivery"

    message_id: UUID = Field(foreign_key="outbox_message.id", ondelete="CASCADE", primary_key=True)
    subscription_id: UUID = Field(foreign_key="push_subscription.id", ondelete="CASCADE", primary_key=True, index=True)
    is_taken: bool
    at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
