"""The SQL of tasks. Which rows anyone sees or changes is row-level security's business."""

from typing import Final

from sqlalchemy import text

from portal_app.core.crypto import EncryptedText

# A chart the actor may not see counts as restricted.
OPEN: Final = """
insert into task (id, code, status, focus_id, patient_id, confidentiality, practitioner_id, location_id, note,
  author_id, authored_at, changed_at, due_at)
values (:id, :code, 'requested', :focus_id, :patient_id,
  case when cast(:patient_id as uuid) is null then 'N'
    else coalesce((select c.confidentiality from patient c where c.id = cast(:patient_id as uuid)), 'R') end,
  :practitioner_id, :location_id, :note, :person_id, :now, :now, :due_at)
on conflict do nothing
"""

OPEN_ONE: Final = "select id from task where code = :code and focus_id = :focus_id and closed_at is null"

OPEN_ABOUT: Final = """
select focus_id from task
where code = :code and focus_id = any (cast(:focus_ids as uuid[])) and closed_at is null
"""

CLOSE: Final = """
update task set status = 'completed', outcome = :outcome, closed_at = :now, changed_at = :now, closed_by = :person_id
where code = :code and focus_id = :focus_id and closed_at is null returning id, patient_id
"""

LIST: Final = text("""
select t.id, t.code, t.status, t.focus_id, t.patient_id, coalesce(said_name(c.given_name, c.called), '') as given_name,
  coalesce(c.family_name, '') as family_name, c.birth_date, coalesce(c.language, '') as language,
  coalesce(l.name, '') as location_name, coalesce(p.name, '') as practitioner_name, coalesce(l.zone, '') as zone,
  t.note, t.outcome, t.owner_id, t.owner_name, t.authored_at, t.due_at, t.closed_at
from task t left join patient c on c.id = t.patient_id left join location l on l.id = t.location_id
  left join practitioner p on p.id = t.practitioner_id
where (cast(:codes as text[]) is null or t.code = any (cast(:codes as text[])))
  and (t.closed_at is null or t.closed_at > :since)
order by t.closed_at desc nulls first, t.due_at nulls last, t.authored_at, t.id
""").columns(note=EncryptedText)

LOCK: Final = """
select id, code, status, focus_id, patient_id, owner_id, closed_at from task where id = :id for update
"""

OWN: Final = """
update task set status = :status, owner_id = :owner_id, owner_name = :owner_name, changed_at = :now where id = :id
"""

COLLEAGUES: Final = "select person_id, display_name from task_colleagues(:id)"

FINISH: Final = """
update task set status = 'completed', outcome = :outcome, closed_at = :now, changed_at = :now, closed_by = :by
where id = :id
"""

REOPEN: Final = """
update task set status = case when owner_id is null then 'requested' else 'accepted' end, outcome = '',
  closed_at = null, closed_by = null, changed_at = :now
where id = :id
"""
