"""Tables of rules by age and of limits. The database writes what they let through into grants (migration 0025)."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

from portal_app.core.crypto import EncryptedText


def _moment(*, nullable: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


def _age() -> "Column[int]":
    return Column(SmallInteger, nullable=False)


class AgeRule(SQLModel, table=True):
    """One dated version of a state's rule ("" for every state without one): what parents may see of a minor's chart.

    All that was shared until `full_until`; `sections` of it until `limited_until`; then nothing; from `majority` on
    the relation itself ends. From `own_from` on patients may sign in themselves. `replaces` is the version before.
    """

    __tablename__ = "age_rule"
    __table_args__ = (
        CheckConstraint("state ~ '^([A-Z]{2})?$'", name="age_rule_state"),
        CheckConstraint(
            "full_until between 0 and limited_until and limited_until <= majority and majority between 16 and 21"
            " and own_from between 10 and majority",
            name="age_rule_ages",
        ),
        CheckConstraint(
            "sections <@ '{booking,forms,vitals,messages,results,notes,bills,visits}'::text[]",
            name="age_rule_sections",
        ),
        Index("age_rule_dated", "state", "effective_from", unique=True, postgresql_where=text("withdrawn_at is null")),
        Index("age_rule_followed_once", "replaces", unique=True, postgresql_where=text("withdrawn_at is null")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    state: str = Field(sa_column=Column(Text, nullable=False))
    effective_from: date
    full_until: int = Field(sa_column=_age())
    limited_until: int = Field(sa_column=_age())
    majority: int = Field(sa_column=_age())
    own_from: int = Field(sa_column=_age())
    sections: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    source: str = Field(sa_column=Column(Text, nullable=False))
    is_example: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    replaces: UUID | None = Field(default=None, foreign_key="age_rule.id")
    made_by: UUID = Field(foreign_key="person.id")
    made_at: datetime = Field(sa_column=_moment())
    reviewed_by: UUID | None = Field(default=None, foreign_key="person.id")
    reviewed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    withdrawn_by: UUID | None = Field(default=None, foreign_key="person.id")
    withdrawn_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class RelationLimit(SQLModel, table=True):
    """What stays closed to somebody who acts for a patient, whatever was shared and whatever the age; until lifted.

    A court's limit closes `sections` on the strength of a document; suspected abuse ("abuse") closes everything.
    Both reasons are encrypted, and for staff alone.
    """

    __tablename__ = "relation_limit"
    __table_args__ = (
        CheckConstraint("confidentiality in ('N', 'R', 'V')", name="relation_limit_confidentiality"),
        CheckConstraint("kind in ('court', 'abuse')", name="relation_limit_kind"),
        CheckConstraint("(lifted_at is null) = (lift_reason is null)", name="relation_limit_lifted"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    relation_id: UUID = Field(foreign_key="related_person.id", ondelete="CASCADE", index=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    confidentiality: str = Field(default="R", sa_column=Column(Text, nullable=False, server_default="R"))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    sections: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    document_id: UUID | None = Field(default=None, foreign_key="stored_file.id", ondelete="SET NULL")
    reason: str = Field(sa_column=Column(EncryptedText, nullable=False))
    set_by: UUID = Field(foreign_key="person.id")
    set_at: datetime = Field(sa_column=_moment())
    lifted_by: UUID | None = Field(default=None, foreign_key="person.id")
    lifted_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    lift_reason: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
