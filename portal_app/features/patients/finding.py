"""Find charts by name, birth date or telephone number, and look at one."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.patients import policies, rules, telecom
from portal_app.features.patients.views import FoundPatient, FoundPatients, PatientView
from portal_app.features.practice import service as practice

# A chart is found when each word of the query is the beginning of one of its words (or sounds like it, across
# scripts), and the date and the number are its own. Whole words come first.
FIND: Final = text("""
with wanted as materialized (
  select token, low, high from wanted_words(:names)
  union all select 1000, d, d || chr(1) from unnest(cast(:dates as text[])) d
  union all select 1001, k, k || chr(1) from unnest(cast(:phones as text[])) k
), hits as (
  select w.patient_id, count(distinct t.token) as answered,
    count(distinct t.token) filter (where w.word = t.low) as whole
  from wanted t cross join lateral (
    -- The offset keeps this a look at the index for each of a few ranges; the planner expects thousands.
    select x.patient_id, x.word from patient_word x where x.word >= t.low and x.word < t.high offset 0
  ) w
  group by w.patient_id
)
select c.id, said_name(c.given_name, c.called) as given_name, c.family_name, c.birth_date, c.language, c.phone,
  coalesce((select country from practice), 'US') as country
from hits h join patient c on c.id = h.patient_id
where h.answered = (select count(distinct token) from wanted)
order by h.whole desc, c.family_name, c.given_name, c.birth_date, c.id
limit :most
""").columns(phone=EncryptedText)

_NUMBER: Final = text(
    "select c.phone, coalesce((select country from practice), 'US') as country from patient c where c.id = :id"
).columns(phone=EncryptedText)

_ONE: Final = text("""
select c.id, c.given_name, c.family_name, c.called, c.pronouns, coalesce(c.reached_by, 'either') as reached_by,
  c.birth_date, c.language, c.zone, c.phone,
  (select p.email from person p join access_grant g on g.grantee = p.id
   where g.patient_id = c.id and g.basis = 'self' limit 1) as email,
  c.general_practitioner_id, coalesce(concat_ws(' ', nullif(d.title, ''), d.name), '') as general_practitioner,
  coalesce((select country from practice), 'US') as country
from patient c left join practitioner d on d.id = c.general_practitioner_id
where c.id = :id
""").columns(phone=EncryptedText, email=EncryptedText)


def asked_for(query: str) -> tuple[str, Sequence[date]]:
    """Return the names and the birth dates in a query; no names if there is too little to look for."""
    wanted = rules.asked(query, clock.now().date())
    return (wanted.names if wanted.is_enough else "", wanted.birth_dates)


async def find_patients(tx: Transaction, query: str, *, seen: Collection[UUID] = ()) -> FoundPatients:
    """Return the charts that a query fits, at most `rules.FOUND_MAX`; none if there is too little to look for.

    Each chart shown is recorded, once: `seen` are those this page has shown before.
    """
    policy.require(tx.actor, policies.FIND.name)
    wanted = rules.asked(query, clock.now().date())
    phones = telecom.wanted_keys(wanted.phone, await practice.country(tx)) if wanted.phone else []
    if not wanted.is_enough or (wanted.phone and not phones):
        return FoundPatients((), is_more=False)
    params = {
        "names": wanted.names, "dates": [f"@{day:%Y%m%d}" for day in wanted.birth_dates],
        "phones": [f"#{key}" for key in phones], "most": rules.FOUND_MAX + 1,
    }  # fmt: skip
    rows: Sequence[Any] = await tx.all(FIND, params)
    found = tuple(_found(row) for row in rows[: rules.FOUND_MAX])
    await audit.record_each(tx, "patients.find", [one.id for one in found if one.id not in seen], entity="Patient")
    return FoundPatients(found, is_more=len(rows) > rules.FOUND_MAX)


def _found(row: Any) -> FoundPatient:
    columns = row._asdict()
    country = columns.pop("country")
    return FoundPatient(**columns | {"phone": _number(row.phone, country)})


async def patient(tx: Transaction, patient_id: UUID, *, is_repeated: bool = False) -> PatientView:
    """Return who somebody is and how to reach them; recorded, unless an open page keeps itself up to date.

    Raises:
        NotFound: if the actor may not see the chart.
    """
    policy.require(tx.actor, policies.VIEW.name)
    row = await tx.first(_ONE, {"id": patient_id})
    if row is None:
        raise NotFound
    if not is_repeated:
        await audit.record(tx, "patients.view", patient_id=patient_id, entity="Patient", entity_id=patient_id)
    columns = row._asdict()
    country = columns.pop("country")
    return PatientView(**columns | {"phone": _number(row.phone, country), "email": row.email or ""})


async def telephone(tx: Transaction, patient_id: UUID, *, is_repeated: bool = False) -> str:
    """Return the number somebody is called under, "" if none is known; that it was looked at is recorded.

    Raises:
        NotFound: if the actor may not see the chart.
    """
    policy.require(tx.actor, policies.VIEW.name)
    row = await tx.first(_NUMBER, {"id": patient_id})
    if row is None:
        raise NotFound
    if not is_repeated:
        await audit.record(tx, "patients.view_contact", patient_id=patient_id, entity="Patient", entity_id=patient_id)
    return _number(row.phone, row.country)


def _number(phone: str | None, country: str) -> str:
    return telecom.written(phone, country) if phone else ""
