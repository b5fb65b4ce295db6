"""What is asked of the tables of insurance."""

from typing import Final

from sqlalchemy import text

from portal_app.core.crypto import EncryptedJSON, EncryptedText

_SECRETS: Final = ("payer_name", "plan_name", "member_id", "group_number", "subscriber_given", "subscriber_family",
                   "subscriber_born")  # fmt: skip
_COVERAGE: Final = """
select c.id, c.patient_id, c.confidentiality, c.kind, c.status, c.precedence, c.payer_id, c.payer_name, c.plan_name,
  c.member_id, c.group_number, c.relation, c.subscriber_given, c.subscriber_family, c.subscriber_born, c.valid_from,
  c.valid_until, c.front_file_id, c.back_file_id, c.sequence, c.entered_at, c.reviewed_at,
  coalesce((select p.zone from patient p where p.id = c.patient_id), 'UTC') as zone,
  e.id as check_id, e.status as check_status, e.outcome, e.asked_at, e.answered_at, e.answer,
  e.coverage_sequence = c.sequence as is_of_now
from coverage c
left join lateral (
  select * from eligibility_check k where k.coverage_id = c.id order by k.asked_at desc, k.id limit 1) e on true
"""
OF_PATIENT: Final = text(f"""{_COVERAGE}
where c.patient_id = :patient_id and (c.status = 'active' or :with_ended) order by c.status, c.precedence, c.entered_at
""").columns(**dict.fromkeys(_SECRETS, EncryptedText), answer=EncryptedJSON)
ONE: Final = text(f"{_COVERAGE} where c.id = :coverage_id").columns(
    **dict.fromkeys(_SECRETS, EncryptedText), answer=EncryptedJSON
)
HISTORY: Final = text("""
select h.payer_name, h.plan_name, h.member_id, h.status, h.precedence, h.valid_until, h.changed_at
from coverage_change h where h.coverage_id = :coverage_id order by h.sequence desc limit 20
""").columns(payer_name=EncryptedText, plan_name=EncryptedText, member_id=EncryptedText)
UNSEEN: Final = text("""
select c.patient_id, (w.person).name, (w.person).born, c.payer_name, c.kind, c.entered_at
from coverage c cross join lateral (
  select covered_person(c.patient_id, c.confidentiality) as person) w
where c.status = 'active' and c.reviewed_at is null order by c.entered_at limit :most
""").columns(payer_name=EncryptedText)
PERSON: Final = "select name, born from covered_person(:patient_id, :confidentiality)"
PAYERS: Final = "select id, name from payer order by name"
FILL: Final = """
insert into payer (id, name, code, added_at) values (:id, :name, :code, :now)
on conflict (name) do update set code = excluded.code
"""
# Who has which turn to pay is decided one by one.
LOCK: Final = "select pg_advisory_xact_lock(hashtextextended('coverage:' || cast(:patient_id as text), 0))"
TAKEN: Final = """
select id, precedence, kind from coverage where patient_id = :patient_id and status = 'active'
"""
END: Final = """
update coverage set status = 'cancelled', valid_until = case when kind = 'insurance'
  then greatest(coalesce(least(valid_until, :today), :today), valid_from) end
where id = :coverage_id and status = 'active' and (sequence = :sequence or :sequence < 0)
"""
REVIEW: Final = """
update coverage set reviewed_by = actor_person(), reviewed_at = :now
where id = :coverage_id and status = 'active' and sequence = :sequence and reviewed_at is null
"""
