"""Somebody in the demo who acts for two patients, more for one than for the other, and for her daughter of 14."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from portal_app.core import crypto
from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.features.access.charts import SELF_SECTIONS
from portal_app.features.access.service import demo_people, email_index
from portal_app.operations.demo_practice import demo_id

CAREGIVER: Final = 0x21
"""The last byte of the id of whoever cares for the others."""
TEEN: Final = 0x22
_EVERYTHING: Final = ["bills", "booking", "forms", "messages", "notes", "results", "visits", "vitals"]
_ALL_BUT_READING: Final = ["bills", "booking", "forms", "messages", "visits", "vitals"]
_SHARED: Final[tuple[tuple[str, list[str], list[str]], ...]] = (
    ("friend", ["booking", "forms", "visits", "bills"], ["booking", "forms", "visits"]),
    ("child", ["booking"], []),
)
_INVITE: Final = """
insert into related_person (id, patient_id, person_id, name, email, email_index, relationship, view_sections,
  act_sections, answer_by, invited_by, invited_at)
values (:id, :patient_id, :person_id, :name, :email, :index, :relationship, :view, :act, :answer_by, :system, :now)
"""


_TEEN: Final = (
    "insert into person (id, display_name, email, email_index) values (:id, :name, :email, :index)",
    "insert into person_role (id, person_id, role) values (gen_random_uuid(), :id, 'patient')",
    "insert into patient (id, given_name, family_name, birth_date) values (:chart, :given, :family, :born)",
)
_OWN: Final = (
    "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis)"
    " values (:id, :chart, :sections, '{view,act}', 'V', :level, 'self')"
)


async def make_caregiver(tx: Transaction, now: datetime) -> None:
    """Write who it is, have two of the demo's patients ask, and let the answer be yes."""
    carer = next(one for one in demo_people() if one.person_id.int & 0xFF == CAREGIVER)
    email = "caregiver@example.test"
    who = {"id": carer.person_id, "name": carer.name, "email": crypto.encrypt(email), "index": email_index(email)}
    await tx.execute(
        "insert into person (id, display_name, email, email_index) values (:id, :name, :email, :index)", who
    )
    patients = [one.person_id for one in demo_people() if one.person_id.int & 0xFF < 0x10]
    for owner, (relationship, view, act) in zip(patients, _SHARED, strict=False):
        chart = demo_id("patient", owner)
        await tx.execute(
            _INVITE,
            {"id": demo_id("caregiver", chart), "patient_id": chart, "person_id": carer.person_id,
             "name": crypto.encrypt(carer.name), "email": who["email"], "index": who["index"],
             "relationship": relationship, "view": view, "act": act, "answer_by": now + timedelta(days=7),
             "system": SYSTEM_PERSON_ID, "now": now - timedelta(days=40)},
        )  # fmt: skip
    teen = await _make_teen(tx, now)
    await tx.execute(
        _INVITE,
        {"id": demo_id("caregiver", teen), "patient_id": teen, "person_id": carer.person_id,
         "name": crypto.encrypt(carer.name), "email": who["email"], "index": who["index"], "relationship": "parent",
         "view": _EVERYTHING, "act": _ALL_BUT_READING, "answer_by": now + timedelta(days=7),
         "system": SYSTEM_PERSON_ID, "now": now - timedelta(days=40)},
    )  # fmt: skip
    await _accept(tx, carer.person_id, now)


async def _make_teen(tx: Transaction, now: datetime) -> UUID:
    """Write a patient of 14 who signs in herself, and return her chart's id."""
    teen = next(one for one in demo_people() if one.person_id.int & 0xFF == TEEN)
    given, family = teen.name.split(" ")
    chart, email = demo_id("patient", teen.person_id), "patient-teen@example.test"
    who = {"id": teen.person_id, "name": teen.name, "email": crypto.encrypt(email), "index": email_index(email),
           "chart": chart, "given": given, "family": family, "born": date(now.year - 14, 1, 2)}  # fmt: skip
    for statement in _TEEN:
        await tx.execute(statement, who)
    for assurance, sections in SELF_SECTIONS.items():
        await tx.execute(_OWN, {"id": teen.person_id, "chart": chart, "level": assurance, "sections": sections})
    return chart


async def _accept(tx: Transaction, person_id: UUID, now: datetime) -> None:
    """Answer as the person who was asked: nobody else can, not even the system."""
    acts_as = "select set_config('portal.person_id', :id, true)"
    await tx.execute(acts_as, {"id": str(person_id)})
    await tx.execute(
        "update related_person set status = 'active', accepted_at = cast(:now as timestamptz) - interval '39 days'"
        " where person_id = :me and status = 'invited'",
        {"me": person_id, "now": now},
    )
    await tx.execute(acts_as, {"id": str(SYSTEM_PERSON_ID)})
