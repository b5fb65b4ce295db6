"""The SQL of readings. Which rows anyone sees or changes is row-level security's business."""

from typing import Final

from sqlalchemy import Executable, text

from portal_app.core.crypto import EncryptedText
from portal_app.features.vitals.parts import OF_PART

COLUMNS: Final = (
    "r.id, r.measure, r.unit, r.value, r.pair, r.pulse, r.context, r.arm, r.posture, r.has_symptom, r.note,"
    " r.taken_at, r.zone, r.finding, r.protocol, r.is_again, r.severity, r.status"
)
_FILLED: Final = COLUMNS.replace("r.note", "coalesce(r.note, '')")
_CHART: Final = "c.patient_id, c.zone, c.birth_date, c.confidentiality, c.conditions"
CHART: Final = f"select {_CHART} from vitals_chart() c"  # noqa: S608
BEFORE: Final = f"""
select {_CHART}, (
    select count(*) from reading x
    where x.patient_id = %(patient_id)s and x.measure = %(measure)s and x.entered_at > %(lately)s
      and substr(cast(x.request_key as text), 15, 1) <> '5') as lately,
  exists (
    select from reading_surplus s
    where s.patient_id = %(patient_id)s and s.measure = %(measure)s and %(key)s = any (s.last_keys)) as is_counted,
  p.id as plan_id, p.begins_on, {_FILLED}
from vitals_chart() c
  left join care_plan p on p.patient_id = %(patient_id)s and p.measure = %(measure)s and p.ended_at is null
  left join reading r on r.request_key = %(key)s and r.patient_id = %(patient_id)s
"""  # noqa: S608
"""The chart, how many readings came lately, whether the key was counted, its plan, and the reading that the same key
has made, if it has made one.

Lately is without the lines of files: their keys are made of what stands in them (listed.py), version 5 of a UUID.
"""
ADD: Final = f"""
insert into reading as r (id, patient_id, confidentiality, measure, unit, value, pair, pulse, context, arm, posture,
  has_symptom, note, taken_at, zone, entered_by, entered_at, request_key, is_confirmed, finding, protocol, is_again,
  severity, rule_id, rule_version, range_id, instead_of)
values (%(id)s, %(patient_id)s, %(confidentiality)s, %(measure)s, %(unit)s, %(value)s, %(pair)s, %(pulse)s, %(context)s,
  %(arm)s, %(posture)s, %(has_symptom)s, %(note)s, %(taken_at)s, %(zone)s, %(person_id)s, %(now)s, %(request_key)s,
  %(is_confirmed)s, %(finding)s, %(protocol)s, %(is_again)s, %(severity)s, %(rule_id)s, %(rule_version)s, %(range_id)s,
  %(instead)s)
on conflict (request_key) do nothing
returning {_FILLED}
"""  # noqa: S608
HOLD: Final = """
select true from reading where id = :id and patient_id = :patient_id and measure = :measure
  and status <> 'entered-in-error' for update
"""
"""Two who put the same reading right at once wait for each other here."""
TAKE_BACK: Final = """
update reading set status = 'entered-in-error' where id = :id and patient_id = :patient_id
  and status <> 'entered-in-error'
returning measure
"""
RULES: Final = """
select v.measure, v.unit, v.part, v.finding, v.protocol, v.severity, v.severity_again, v.condition, v.age_from,
  v.age_until, v.above, v.at_least, v.below, v.at_most, v.days, v.reviewed_at is not null as is_reviewed, v.id,
  v.version, o.id as own_id, o.unit as own_unit, o.low, o.high, o.pair_high, o.severity as own_severity
from (values (1)) always (one)
  left join vital_rule v on v.measure = %(measure)s and v.retired_at is null
  left join care_range o on o.patient_id = %(patient_id)s and o.measure = %(measure)s and o.ended_at is null
order by v.id
"""
"""The fields of a rule in their order, then those of the person's own range; one row without a rule where none is."""
LAST_UNIT: Final = """
select unit from reading where patient_id = :patient_id and measure = :measure and status <> 'entered-in-error'
order by taken_at desc limit 1
"""
RECENT: Final = """
select measure, unit, value, pair, pulse, severity, taken_at from reading
where patient_id = :patient_id and status <> 'entered-in-error' and taken_at > :since
order by taken_at desc limit :most
"""
KEPT: Final = """
select measure, unit, value, pair, taken_at, request_key, status <> 'entered-in-error' as stands
from reading where patient_id = :patient_id order by taken_at
"""
ADD_MANY: Final = """
insert into reading (id, patient_id, confidentiality, measure, unit, value, pair, pulse, context, arm, posture,
  has_symptom, note, taken_at, zone, entered_by, entered_at, request_key, is_confirmed, finding, protocol, is_again,
  severity, rule_id, rule_version, range_id)
select r.id, :patient_id, c.confidentiality, r.measure, r.unit, r.value, r.pair, r.pulse, r.context, r.arm, r.posture,
  r.has_symptom, r.note, r.taken_at,
  case when r.zone <> '' and r.zone in (select name from pg_timezone_names) then r.zone else :zone end,
  :person_id, :now, r.request_key, :is_confirmed, r.finding, r.protocol, r.is_again, r.severity, r.rule_id,
  r.rule_version, r.range_id
from vitals_chart() c cross join jsonb_to_recordset(cast(:rows as jsonb)) r (id uuid, measure text, unit text,
  value numeric, pair numeric, pulse numeric, context text, arm text, posture text, has_symptom boolean, note text,
  taken_at timestamptz, zone text, request_key uuid, finding text, protocol text, is_again boolean, severity text,
  rule_id integer, rule_version integer, range_id uuid)
on conflict (request_key) do nothing
"""
CHART_NAME: Final = """
select said_name(given_name, called) || ' ' || family_name from patient where id = :patient_id
"""


def _readable(sql: str) -> Executable:
    return text(sql).columns(note=EncryptedText)


BY_KEY: Final = _readable(f"select {COLUMNS} from reading r where r.request_key = :key and r.patient_id = :patient_id")  # noqa: S608
ONE: Final = _readable(f"select {COLUMNS} from reading r where r.id = :id and r.patient_id = :patient_id")  # noqa: S608
SINCE: Final = f"""
select {_FILLED} from reading r
where r.patient_id = %(patient_id)s and r.measure = %(measure)s and r.status <> 'entered-in-error'
  and r.taken_at >= %(since)s
order by r.taken_at desc, r.id limit %(most)s
"""  # noqa: S608
"""For the driver itself, as all whose parameters are written so."""
AT_PLACE: Final = _readable(f"""
select {COLUMNS} from reading r
where r.patient_id = :patient_id and r.measure = :measure and r.status <> 'entered-in-error' and r.taken_at >= :since
  and {OF_PART}
order by r.taken_at desc, r.id offset :place limit 1
""")  # noqa: S608
CHAIN: Final = _readable(f"""
with recursive chain (id, place) as (
  select r.id, 0 from reading r where r.id = :id and r.patient_id = :patient_id
  union all
  select r.instead_of, c.place + 1 from chain c join reading r on r.id = c.id
  where r.instead_of is not null and c.place < :most)
select {COLUMNS} from chain c join reading r on r.id = c.id and r.patient_id = :patient_id order by c.place
""")  # noqa: S608
"""A reading, and before it each that it was put in the place of."""
ENDED: Final = _readable(f"""
select {COLUMNS} from reading r
where r.patient_id = :patient_id and r.measure = any (:measures) and r.status = 'entered-in-error'
  and r.taken_at >= :since
order by r.taken_at desc, r.id limit :most
""")  # noqa: S608
PEOPLE: Final = """
select id, entered_at, entered_name, entered_mine, ended_at, ended_name, ended_mine, successor
from reading_people(:patient_id, :ids)
"""
MAY_LOG: Final = "select may('act', 'vitals', actor_patient(), 'N')"
COUNT: Final = """
select is_new from add_reading_surplus(%(patient_id)s, %(confidentiality)s, %(measure)s, %(unit)s, %(value)s, %(pair)s,
  %(taken_at)s, %(request_key)s)
"""
SURPLUS: Final = """
select measure, unit, count, least, most, pair_least, pair_most, first_at, last_at from reading_surplus
where patient_id = %(patient_id)s and measure = %(measure)s and last_at >= %(since)s
order by first_at desc, unit
"""
LAST: Final = f"""
select {_FILLED} from unnest(cast(%(measures)s as text[])) with ordinality m (measure, place) cross join lateral (
  select * from reading r
  where r.patient_id = %(patient_id)s and r.measure = m.measure and r.status <> 'entered-in-error'
  order by r.taken_at desc, r.id limit 1) r
order by m.place
"""  # noqa: S608
"""Measure by measure, because the newest of each is found at once and the rest of them are years."""
