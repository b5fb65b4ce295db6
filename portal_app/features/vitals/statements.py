"""The SQL of readings. Which rows anyone sees or changes is row-level security's business."""

from typing import Final

from sqlalchemy import Executable, text

from portal_app.core.crypto import EncryptedText

COLUMNS: Final = (
    "r.id, r.measure, r.unit, r.value, r.pair, r.pulse, r.context, r.arm, r.posture, r.has_symptom, r.note,"
    " r.taken_at, r.zone, r.finding, r.protocol, r.is_again, r.severity, r.status"
)
CHART: Final = """
select c.patient_id, c.zone, c.birth_date, c.confidentiality, c.conditions from vitals_chart() c
"""
ADD: Final = """
insert into reading (id, patient_id, confidentiality, measure, unit, value, pair, pulse, context, arm, posture,
  has_symptom, note, taken_at, zone, entered_by, entered_at, request_key, is_confirmed, finding, protocol, is_again,
  severity, rule_id, rule_version, range_id)
values (:id, :patient_id, :confidentiality, :measure, :unit, :value, :pair, :pulse, :context, :arm, :posture,
  :has_symptom, :note, :taken_at, :zone, :person_id, :now, :request_key, :is_confirmed, :finding, :protocol, :is_again,
  :severity, :rule_id, :rule_version, :range_id)
on conflict (request_key) do nothing
"""
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
select measure, unit, value, severity, taken_at from reading
where patient_id = :patient_id and status <> 'entered-in-error' and taken_at > :since
order by taken_at desc limit :most
"""
KEPT: Final = """
select measure, unit, value, pair, taken_at, request_key from reading where patient_id = :patient_id
"""
ADD_MANY: Final = """
insert into reading (id, patient_id, confidentiality, measure, unit, value, pair, pulse, context, note, taken_at, zone,
  entered_by, entered_at, request_key, is_confirmed, finding, protocol, is_again, severity,
  rule_id, rule_version, range_id)
select r.id, :patient_id, c.confidentiality, r.measure, r.unit, r.value, r.pair, r.pulse, r.context, r.note, r.taken_at,
  :zone, :person_id, :now, r.request_key, :is_confirmed, r.finding, r.protocol, r.is_again, r.severity,
  r.rule_id, r.rule_version, r.range_id
from vitals_chart() c cross join jsonb_to_recordset(cast(:rows as jsonb)) r (id uuid, measure text, unit text,
  value numeric, pair numeric, pulse numeric, context text, note text, taken_at timestamptz, request_key uuid,
  finding text, protocol text, is_again boolean, severity text, rule_id integer, rule_version integer, range_id uuid)
on conflict (request_key) do nothing
"""
CHART_NAME: Final = """
select said_name(given_name, called) || ' ' || family_name from patient where id = :patient_id
"""
LATELY: Final = """
select count(*) from reading where patient_id = :patient_id and measure = :measure and entered_at > :since
  and substr(cast(request_key as text), 15, 1) <> '5'
"""
"""Without the lines of files: their keys are made of what stands in them (listed.py), which is version 5 of a UUID."""


def _readable(sql: str) -> Executable:
    return text(sql).columns(note=EncryptedText)


BY_KEY: Final = _readable(f"select {COLUMNS} from reading r where r.request_key = :key and r.patient_id = :patient_id")  # noqa: S608
ONE: Final = _readable(f"select {COLUMNS} from reading r where r.id = :id and r.patient_id = :patient_id")  # noqa: S608
SINCE: Final = f"""
select {COLUMNS.replace("r.note", "coalesce(r.note, '')")} from reading r
where r.patient_id = %(patient_id)s and r.measure = %(measure)s and r.status <> 'entered-in-error'
  and r.taken_at >= %(since)s
order by r.taken_at desc, r.id limit %(most)s
"""  # noqa: S608
"""For the driver itself, as the two that begin a page: `CHART` and `RULES`."""
AT_PLACE: Final = _readable(f"""
select {COLUMNS} from reading r
where r.patient_id = :patient_id and r.measure = :measure and r.status <> 'entered-in-error' and r.taken_at >= :since
order by r.taken_at desc, r.id offset :place limit 1
""")  # noqa: S608
LAST: Final = _readable(f"""
select {COLUMNS} from unnest(cast(:measures as text[])) m (measure) cross join lateral (
  select * from reading r
  where r.patient_id = :patient_id and r.measure = m.measure and r.status <> 'entered-in-error'
  order by r.taken_at desc, r.id limit 1) r
""")  # noqa: S608
"""Measure by measure, because the newest of each is found at once and the rest of them are years."""
