"""The SQL of lists. Which rows anyone sees is row-level security's business."""

from typing import Any, Final

from sqlalchemy import bindparam, text

from portal_app.core.crypto import EncryptedJSON, EncryptedText


def _read(sql: str, **types: Any) -> Any:
    return text(sql).columns(content=EncryptedJSON, **types)


def _write(sql: str) -> Any:
    return text(sql).bindparams(bindparam("content", type_=EncryptedJSON))


_ENTRY: Final = """
e.id, e.kind, e.content, e.since_on, e.status, e.version, e.confidentiality <> 'N' as is_private, e.told_name,
e.told_at, e.written_name, e.written_at
"""
ENTRIES: Final = _read(f"""
select {_ENTRY} from chart_entry e where e.patient_id = :patient_id and e.status <> 'entered-in-error'
order by e.status, e.kind, e.written_at, e.id
""")  # noqa: S608
LOCK_ENTRY: Final = _read(f"""
select {_ENTRY}, e.patient_id, e.confidentiality from chart_entry e where e.id = :id for update
""")  # noqa: S608
ONE_ENTRY: Final = _read(f"""
select {_ENTRY}, e.confidentiality from chart_entry e where e.id = :id and e.patient_id = :patient_id
""")  # noqa: S608
BEFORE: Final = _read("""
select v.entry_id, v.version, v.content, v.status, v.told_name, v.written_name, v.written_at
from chart_entry_version v where v.patient_id = :patient_id order by v.entry_id, v.version desc
""")
MEDICINE_VERSIONS: Final = _read("""
select e.id as entry_id, e.version, e.content, e.since_on, e.status, e.written_at from chart_entry e
where e.patient_id = :patient_id and e.kind = 'medication' and e.status <> 'entered-in-error'
union all
select v.entry_id, v.version, v.content, v.since_on, v.status, v.written_at
from chart_entry_version v join chart_entry e on e.id = v.entry_id
where v.patient_id = :patient_id and e.kind = 'medication' and e.status <> 'entered-in-error'
order by entry_id, version
""")
CHANGES: Final = _read(
    """
select c.id, c.kind, c.entry_id, c.entry_version, c.verb, c.content, c.locale, c.told_name, c.is_own, c.told_at,
  c.status, c.decided_name, c.decided_at, c.reason
from chart_change c where c.patient_id = :patient_id and c.status <> 'withdrawn'
  and (c.status = 'proposed' or c.told_at > :since)
order by c.told_at desc, c.id
""",
    reason=EncryptedText,
)
TOLD: Final = _read(
    """
select c.id, c.kind, c.entry_id, c.entry_version, c.verb, c.content, c.locale, c.told_name, c.is_own, c.told_at,
  c.status, c.decided_name, c.decided_at, c.reason
from chart_change c where c.review_id = any (:reviews) and c.status <> 'withdrawn' order by c.told_at, c.id
""",
    reason=EncryptedText,
)
LOCK_CHANGE: Final = _read("""
select c.id, c.patient_id, c.kind, c.entry_id, c.verb, c.content, c.status, c.confidentiality, c.told_name, c.told_at,
  c.decided_by from chart_change c where c.id = :id for update
""")
CHART: Final = """
select said_name(c.given_name, c.called) || ' ' || c.family_name as name, c.birth_date, c.language
from patient c where c.id = :id
"""
ADD_ENTRY: Final = _write("""
insert into chart_entry (id, patient_id, confidentiality, kind, content, since_on, change_id, told_name, told_at,
  written_by, written_name, written_at)
values (:id, :patient_id, :confidentiality, :kind, :content, :since_on, :change_id, :told_name, :told_at, :person_id,
  :name, :now)
on conflict do nothing
""")
CHANGE_ENTRY: Final = _write("""
update chart_entry set content = :content, since_on = :since_on, status = :status, version = version + 1,
  change_id = :change_id, told_name = :told_name, told_at = :told_at, written_by = :person_id, written_name = :name,
  written_at = :now
where id = :id and version = :version
""")
HIDE_ENTRY: Final = """
update chart_entry set confidentiality = :confidentiality, version = version + 1, written_by = :person_id,
  written_name = :name, written_at = :now
where id = :id
"""
COUNT: Final = """
select count(*) from chart_entry where patient_id = :patient_id and status = 'active'
"""
OPEN_REVIEW: Final = """
select r.id, r.confidentiality from chart_review r where r.patient_id = :patient_id and r.done_at is null
  and r.appointment_id is not distinct from cast(:appointment_id as uuid)
"""
REVIEW_STATE: Final = """
select
  coalesce(bool_or(r.done_at is null and r.appointment_id is not distinct from cast(:appointment_id as uuid)), false)
    as is_open,
  coalesce(bool_or(r.done_at > :since or (r.done_at is not null and r.appointment_id = :appointment_id)), false)
    as is_done
from chart_review r where r.patient_id = :patient_id
"""
SHOWN_REVIEWS: Final = """
select r.id from chart_review r where r.patient_id = :patient_id
  and (r.done_at > :since or r.appointment_id is not distinct from cast(:appointment_id as uuid)
    and (r.done_at is null or r.appointment_id is not null))
"""
BEGIN_REVIEW: Final = """
insert into chart_review (id, patient_id, confidentiality, appointment_id, begun_by, begun_at)
values (:id, :patient_id, :confidentiality, :appointment_id, :person_id, :now) on conflict do nothing
"""
LOCK_REVIEW: Final = "select r.id from chart_review r where r.id = :id and r.done_at is null for update"
END_REVIEW: Final = """
update chart_review set done_by = :person_id, done_name = :name, done_at = :now where id = :id and done_at is null
"""
VISIT: Final = """
select a.confidentiality from appointment a where a.id = :id and a.patient_id = :patient_id
"""
TELL: Final = _write("""
insert into chart_change as c (id, patient_id, confidentiality, review_id, kind, entry_id, entry_version, verb, content,
  locale, told_by, told_name, is_own, told_at, request_key, status)
values (:id, :patient_id, :confidentiality, :review_id, :kind, :entry_id, :entry_version, :verb, :content, :locale,
  :person_id, :name, :is_own, :now, :request_key, :status)
on conflict do nothing
""")
TELL_AGAIN: Final = _write("""
update chart_change set verb = :verb, content = :content, entry_version = :entry_version, locale = :locale,
  told_by = :person_id, told_name = :name, is_own = :is_own, told_at = :now, status = :status
where review_id = :review_id and entry_id = :entry_id and status in ('noted', 'proposed')
""")
WITHDRAW: Final = """
update chart_change set status = 'withdrawn', told_by = :person_id
where id = :id and patient_id = :patient_id and entry_id is null and status in ('noted', 'proposed')
"""
ADDED: Final = """
select count(*) from chart_change where review_id = :review_id and entry_id is null and status <> 'withdrawn'
"""
DECIDE: Final = text("""
update chart_change set status = :status, decided_by = :person_id, decided_name = :name, decided_at = :now,
  reason = :reason where id = :id and status = 'proposed'
""").bindparams(bindparam("reason", type_=EncryptedText))
