"""The SQL of notes. Which rows anyone sees is row-level security's business."""

from typing import Any, Final

from sqlalchemy import text

from portal_app.core.crypto import EncryptedJSON, EncryptedText


def _typed(sql: str, **types: Any) -> Any:
    return text(sql).columns(**types)


_BY = "coalesce((select trim(w.title || ' ' || w.name) from practitioner w where w.person_id = {}), '')"

NOTE: Final = _typed(
    f"""
select n.id, n.appointment_id, n.patient_id, n.confidentiality, n.version, n.content, n.ending, n.written_by,
  {_BY.format("n.written_by")} as writer, n.written_at, coalesce(n.withheld_because, '') as withheld_because,
  n.signed_by, {_BY.format("n.signed_by")} as signer, n.signed_at, n.text_hash,
  (select max(v.written_at) from clinical_note_version v where v.note_id = n.id) as kept_at
from clinical_note n where n.appointment_id = :id
""",  # noqa: S608 - the part above
    content=EncryptedJSON,
    ending=EncryptedJSON,
)
LAST_SIGNED: Final = text("""
select n.appointment_id, a.starts_at, l.zone
from appointment own join clinical_note n on n.patient_id = own.patient_id and n.appointment_id <> own.id
  join appointment a on a.id = n.appointment_id join location l on l.id = a.location_id
where own.id = :id and n.signed_at is not null and a.starts_at < own.starts_at order by a.starts_at desc limit 1
""")
LOCK_NOTE: Final = text("select from clinical_note where appointment_id = :id for update")
ADDENDA: Final = _typed(
    f"""
select d.words, {_BY.format("d.written_by")} as writer, d.written_at
from note_addendum d join clinical_note n on n.id = d.note_id where n.appointment_id = :id order by d.written_at, d.id
""",  # noqa: S608 - the part above
    words=EncryptedText,
)
# Who sees the patient is said by the visit: after it was handed over that is somebody else than was booked.
VISIT: Final = _typed(
    """
select a.id, a.patient_id, c.given_name, c.family_name, c.birth_date, c.language, a.status, a.modality, a.starts_at,
  a.ends_at, l.zone, w.id as practitioner_id, trim(w.title || ' ' || w.name) as practitioner_name,
  a.reason, a.location_id, a.confidentiality, said_name(c.given_name, c.called) as said_given, c.pronouns
from appointment a join patient c on c.id = a.patient_id join location l on l.id = a.location_id
  left join visit v on v.appointment_id = a.id
  join practitioner w on w.id = coalesce(v.practitioner_id, a.practitioner_id)
where a.id = :id and a.status <> 'pending'
""",
    reason=EncryptedText,
)
ADD_NOTE: Final = text("""
insert into clinical_note (id, appointment_id, patient_id, confidentiality, practitioner_id, content, ending,
  written_by, written_at)
values (:id, :appointment_id, :patient_id, :confidentiality, :practitioner_id, :content, :ending, :person_id, :now)
on conflict do nothing
""")
WRITE_NOTE: Final = text("""
update clinical_note set content = :content, ending = :ending, version = version + 1, written_by = :person_id,
  written_at = :now
where appointment_id = :id and version = :version and signed_at is null
""")
KEEP_VERSION: Final = text("""
insert into clinical_note_version (id, note_id, patient_id, confidentiality, version, content, written_by, written_at)
select :key, n.id, n.patient_id, n.confidentiality, n.version, n.content, n.written_by, n.written_at
from clinical_note n where n.appointment_id = :id on conflict do nothing
""")
SIGN_NOTE: Final = text("""
update clinical_note set ending = null, practitioner_id = :practitioner_id,
  signed_by = :person_id, signed_at = now(), text_hash = :text_hash,
  withheld_because = :withheld_because
where appointment_id = :id and version = :version and signed_at is null
""")
ADD_ENCOUNTER: Final = text("""
insert into encounter (appointment_id, patient_id, confidentiality, practitioner_id, location_id, modality,
  patient_place, started_at, ended_at, participants)
values (:appointment_id, :patient_id, :confidentiality, :practitioner_id, :location_id, :modality, :patient_place,
  :started_at, :ended_at, :participants)
""")
ADD_DIAGNOSIS: Final = text("""
insert into encounter_diagnosis (id, appointment_id, patient_id, confidentiality, rank, code, words)
values (:id, :appointment_id, :patient_id, :confidentiality, :rank, :code, :words)
""")
ADD_SUMMARY: Final = text("""
insert into visit_summary (appointment_id, patient_id, confidentiality, content, written_in, locale, sent_at)
values (:appointment_id, :patient_id, :confidentiality, :content, :written_in, :locale, now())
""")
ADD_ADDENDUM: Final = text("""
insert into note_addendum (id, note_id, patient_id, confidentiality, words, written_by, written_at, request_key)
select :id, n.id, n.patient_id, n.confidentiality, :words, :person_id, :now, :request_key
from clinical_note n where n.appointment_id = :appointment_id
on conflict do nothing
""")
SUMMARY: Final = _typed(
    """
select s.patient_id, s.content, s.written_in, s.locale, s.sent_at, e.location_id, e.started_at, e.practitioner_id,
  trim(w.title || ' ' || w.name) as practitioner_name, l.zone, c.given_name, c.family_name,
  exists (select from clinical_note n where n.appointment_id = s.appointment_id) as has_note
from visit_summary s join encounter e on e.appointment_id = s.appointment_id
  join practitioner w on w.id = e.practitioner_id join location l on l.id = e.location_id
  join patient c on c.id = s.patient_id
where s.appointment_id = :id
""",
    content=EncryptedJSON,
)
DIAGNOSES: Final = text("select code, words from encounter_diagnosis where appointment_id = :id order by rank")
# Whether there is something to read, said to whoever may read it once they have signed in strongly enough.
ENDED: Final = text("""
select e.appointment_id, trim(w.title || ' ' || w.name) as practitioner_name
from encounter e join practitioner w on w.id = e.practitioner_id
where e.patient_id = :patient_id and (cast(:id as uuid) is null or e.appointment_id = :id) and exists (
  select from access_grant g where g.grantee = any (actor_grantees()) and g.patient_id = e.patient_id
    and 'notes' = any (g.sections) and 'view' = any (g.verbs)
    and position(e.confidentiality in 'NRV') <= position(g.up_to in 'NRV')
    and (g.valid_until is null or g.valid_until > :now))
""")
UNSIGNED: Final = text("""
select a.id, said_name(c.given_name, c.called) as given_name, c.family_name, a.starts_at, l.zone,
  n.id is not null as has_note
from practitioner w cross join lateral (
    select b.* from appointment b where b.practitioner_id = w.id and not exists (
      select from visit v where v.appointment_id = b.id and v.practitioner_id <> w.id)
    union all
    select b.* from visit v join appointment b on b.id = v.appointment_id
    where v.practitioner_id = w.id and b.practitioner_id <> w.id) a
  join patient c on c.id = a.patient_id join location l on l.id = a.location_id
  left join clinical_note n on n.appointment_id = a.id
where w.person_id = :person_id and n.signed_at is null and a.starts_at > :since and a.starts_at <= :now
  and a.status in ('booked', 'arrived', 'fulfilled') and (a.status <> 'booked' or n.id is not null)
order by a.starts_at desc limit 100
""")
RECIPIENTS: Final = text("""
select p.id, e.location_id, e.patient_id from person p, encounter e
where e.appointment_id = :id and p.disabled_at is null and p.email is not null and exists (
  select from access_grant g where g.grantee = p.id and g.patient_id = e.patient_id and g.basis in ('self', 'caregiver')
    and 'notes' = any (g.sections) and 'view' = any (g.verbs) and (g.valid_until is null or g.valid_until > now())
    and position(e.confidentiality in 'NRV') <= position(g.up_to in 'NRV'))
order by p.id
""")
