"""Tables of readings and of what they mean. Policies and triggers: migrations 0043, 0050, 0058, 0074, 0078, 0082."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Identity, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy import Uuid as UuidType
from sqlalchemy import literal_column as literal
from sqlmodel import Field, Integer, SQLModel

from portal_app.core.crypto import EncryptedText
from portal_app.features.vitals.plan_tables import CarePlan, CarePlanReminder, CareRange

__all__ = [
    "CarePlan", "CarePlanReminder", "CareRange", "Reading", "ReadingChange", "ReadingSurplus", "VitalCondition",
    "VitalRule",
]  # fmt: skip

_CONFIDENTIALITY = "confidentiality in ('N', 'R', 'V')"


def _moment(*, nullable: bool = False, default_now: bool = False) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text("now()") if default_now else None)


def _words(*, default: str | None = None) -> "Column[str]":
    return Column(Text, nullable=False, server_default=default)


def _number(*, nullable: bool = True) -> "Column[Decimal]":
    return Column(Numeric, nullable=nullable)


class Reading(SQLModel, table=True):
    """A reading as it was entered (FHIR Observation): its own unit, its own decimals; `pair` is the diastolic.

    `finding`, `protocol` and `severity` are what it meant when it was entered, by the rules of that moment, of which
    it keeps the one that decided (`rule_id` in its version) or the person's own range (`range_id`). `instead_of` is
    the reading that it corrects, which was taken back for it.
    """

    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="reading_confidentiality"),
        CheckConstraint("value >= 0", name="reading_value"),
        CheckConstraint("severity in ('', 'routine', 'urgent', 'critical')", name="reading_severity"),
        CheckConstraint("status in ('final', 'amended', 'entered-in-error')", name="reading_status"),
        UniqueConstraint("request_key", name="reading_once"),
        Index(
            "reading_of_measure", "patient_id", "measure", literal("taken_at desc"),
            postgresql_where=literal("status <> 'entered-in-error'"),
        ),
        Index(
            "reading_lately", "patient_id", literal("taken_at desc"),
            postgresql_where=literal("status <> 'entered-in-error'"),
        ),
        Index("reading_entered", "patient_id", "measure", "entered_at"),
        Index("reading_instead_once", "instead_of", unique=True, postgresql_where=literal("instead_of is not null")),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    measure: str = Field(sa_column=_words())
    unit: str = Field(sa_column=_words())
    value: Decimal = Field(sa_column=_number(nullable=False))
    pair: Decimal | None = Field(default=None, sa_column=_number())
    pulse: Decimal | None = Field(default=None, sa_column=_number())
    context: str = Field(default="", sa_column=_words(default=""))
    arm: str = Field(default="", sa_column=_words(default=""))
    posture: str = Field(default="", sa_column=_words(default=""))
    has_symptom: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    note: str | None = Field(default=None, sa_column=Column(EncryptedText, nullable=True))
    taken_at: datetime = Field(sa_column=_moment())
    zone: str = Field(sa_column=_words())
    entered_by: UUID = Field(foreign_key="person.id")
    entered_at: datetime = Field(sa_column=_moment())
    request_key: UUID
    is_confirmed: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    finding: str = Field(sa_column=_words())
    protocol: str = Field(sa_column=_words())
    is_again: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    severity: str = Field(sa_column=_words())
    status: str = Field(default="final", sa_column=_words(default="final"))
    sequence: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    rule_id: int | None = Field(default=None, foreign_key="vital_rule.id")
    rule_version: int | None = None
    range_id: UUID | None = Field(default=None, foreign_key="care_range.id")
    instead_of: UUID | None = Field(default=None, foreign_key="reading.id")


class ReadingChange(SQLModel, table=True):
    """What a reading was before it was corrected or taken back; written by a trigger."""

    __tablename__ = "reading_change"
    __table_args__ = (CheckConstraint(_CONFIDENTIALITY, name="reading_change_confidentiality"),)

    reading_id: UUID = Field(foreign_key="reading.id", primary_key=True)
    sequence: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    patient_id: UUID = Field(foreign_key="patient.id")
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    value: Decimal = Field(sa_column=_number(nullable=False))
    pair: Decimal | None = Field(default=None, sa_column=_number())
    pulse: Decimal | None = Field(default=None, sa_column=_number())
    status: str = Field(sa_column=_words())
    changed_by: UUID = Field(foreign_key="person.id")
    changed_at: datetime = Field(sa_column=_moment(default_now=True))


class ReadingSurplus(SQLModel, table=True):
    """Readings of an hour beyond those that are kept one by one; written by a function that asks who may."""

    __tablename__ = "reading_surplus"
    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="reading_surplus_confidentiality"),
        CheckConstraint("count > 0", name="reading_surplus_count"),
    )

    patient_id: UUID = Field(foreign_key="patient.id", primary_key=True)
    measure: str = Field(sa_column=Column(Text, primary_key=True))
    unit: str = Field(sa_column=Column(Text, primary_key=True))
    hour: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    count: int
    least: Decimal = Field(sa_column=_number(nullable=False))
    most: Decimal = Field(sa_column=_number(nullable=False))
    pair_least: Decimal | None = Field(default=None, sa_column=_number())
    pair_most: Decimal | None = Field(default=None, sa_column=_number())
    first_at: datetime = Field(sa_column=_moment())
    last_at: datetime = Field(sa_column=_moment())
    last_keys: list[UUID] = Field(sa_column=Column(ARRAY(UuidType), nullable=False))


class VitalRule(SQLModel, table=True):
    """What a number means, for whom, and who says so; `reviewed_by` is who of the practice has approved it.

    A row never changes what it says: the next version is a row of its own, which `replaces` it; two of them, where
    another rule takes ages out of its middle.
    """

    __tablename__ = "vital_rule"
    __table_args__ = (
        CheckConstraint("part in ('', 'pair', 'gain', 'average', 'average_pair', 'trend')", name="vital_rule_part"),
        CheckConstraint("num_nonnulls(above, at_least, below, at_most) >= 1", name="vital_rule_bound"),
        CheckConstraint("(reviewed_by is null) = (reviewed_at is null)", name="vital_rule_reviewed"),
        CheckConstraint("age_from >= 0 and age_from < age_until", name="vital_rule_ages"),
        Index("vital_rule_replaced_once", "replaces", "age_from", unique=True),
    )

    id: int | None = Field(default=None, sa_column=Column(Integer, Identity(always=True), primary_key=True))
    measure: str = Field(sa_column=_words())
    unit: str = Field(sa_column=_words())
    part: str = Field(sa_column=_words())
    above: Decimal | None = Field(default=None, sa_column=_number())
    at_least: Decimal | None = Field(default=None, sa_column=_number())
    below: Decimal | None = Field(default=None, sa_column=_number())
    at_most: Decimal | None = Field(default=None, sa_column=_number())
    days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    finding: str = Field(sa_column=_words())
    protocol: str = Field(sa_column=_words())
    severity: str = Field(sa_column=_words())
    severity_again: str = Field(sa_column=_words())
    condition: str = Field(default="", sa_column=_words(default=""))
    age_from: int
    age_until: int = Field(default=2400, sa_column_kwargs={"server_default": "2400"})
    source: str = Field(sa_column=_words())
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    reviewed_by: UUID | None = Field(default=None, foreign_key="person.id")
    reviewed_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    reviewed_by_name: str = Field(default="", sa_column=_words(default=""))
    replaces: int | None = Field(default=None, foreign_key="vital_rule.id")
    retired_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    reason: str = Field(default="", sa_column=_words(default=""))


class VitalCondition(SQLModel, table=True):
    """What the care team has noted of a patient that chooses other ranges."""

    __tablename__ = "vital_condition"
    __table_args__ = (
        CheckConstraint(_CONFIDENTIALITY, name="vital_condition_confidentiality"),
        CheckConstraint(
            "condition in ('pregnant', 'copd', 'heart_failure', 'chemotherapy')", name="vital_condition_known"
        ),
    )

    patient_id: UUID = Field(foreign_key="patient.id", primary_key=True)
    confidentiality: str = Field(default="N", sa_column=_words(default="N"))
    condition: str = Field(sa_column=Column(Text, primary_key=True))
    noted_by: UUID = Field(foreign_key="person.id")
    noted_at: datetime = Field(sa_column=_moment(default_now=True))
