"""Notes of visits, what patients are told afterwards, charges that wait for billing, and what visits were like."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# Clinical staff reach charts by their places and care teams. The patient's side reads what is signed, with a strong
# sign-in, because the section `notes` is granted to no weaker one.
WHO = """
create function reads_notes(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system') or (public.actor_patient() is null
    and (public.actor_has('clinician') or public.actor_has('nurse'))
    and (public.may('view', 'visits', p_patient, p_confidentiality)
      or public.may('view', 'notes', p_patient, p_confidentiality)));

create function writes_notes(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system') or (public.actor_patient() is null and public.actor_has('clinician')
    and (public.may('act', 'visits', p_patient, p_confidentiality)
      or public.may('act', 'notes', p_patient, p_confidentiality)));

create function reads_own_notes(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_patient() = p_patient and public.may('view', 'notes', p_patient, p_confidentiality);
"""

# `content` and `ending` are encrypted: what is written, and what was picked so far for the ending.
NOTES = """
create table clinical_note (
  id uuid primary key, appointment_id uuid not null unique references appointment,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint clinical_note_confidentiality check (confidentiality in ('N', 'R', 'V')),
  practitioner_id uuid not null references practitioner,
  content text not null, ending text, version integer not null default 1,
  written_by uuid not null references person, written_at timestamptz not null,
  withheld_because text
    constraint clinical_note_withheld check (withheld_because in ('harm', 'asked', 'about_others')),
  signed_by uuid references person, signed_at timestamptz, text_hash text,
  created_at timestamptz not null default now(),
  constraint clinical_note_signed check (
    (signed_by is null) = (signed_at is null) and (signed_by is null) = (text_hash is null)
    and (signed_by is null or ending is null))
);
create index ix_clinical_note_patient_id on clinical_note (patient_id);
create index clinical_note_unsigned on clinical_note (practitioner_id) where signed_at is null;

create table clinical_note_version (
  id uuid primary key, note_id uuid not null references clinical_note,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint clinical_note_version_confidentiality check (confidentiality in ('N', 'R', 'V')),
  version integer not null, content text not null, written_by uuid not null references person,
  written_at timestamptz not null,
  constraint clinical_note_version_once unique (note_id, version)
);

create table note_addendum (
  id uuid primary key, note_id uuid not null references clinical_note,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint note_addendum_confidentiality check (confidentiality in ('N', 'R', 'V')),
  words text not null, written_by uuid not null references person, written_at timestamptz not null,
  request_key uuid not null,
  constraint note_addendum_once unique (note_id, request_key)
);

create table encounter (
  appointment_id uuid primary key references appointment, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint encounter_confidentiality check (confidentiality in ('N', 'R', 'V')),
  practitioner_id uuid not null references practitioner, location_id uuid not null references location,
  modality text not null constraint encounter_modality check (modality in ('in_person', 'video', 'audio')),
  patient_place text not null constraint encounter_place check (patient_place in ('clinic', 'home', 'elsewhere')),
  started_at timestamptz not null, ended_at timestamptz not null, participants text not null,
  constraint encounter_order check (ended_at >= started_at),
  constraint encounter_where check ((modality = 'in_person') = (patient_place = 'clinic'))
);
create index ix_encounter_patient_id on encounter (patient_id);

create table encounter_diagnosis (
  id uuid primary key, appointment_id uuid not null references encounter,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint encounter_diagnosis_confidentiality check (confidentiality in ('N', 'R', 'V')),
  rank smallint not null constraint encounter_diagnosis_rank check (rank between 1 and 12),
  code text not null, words text not null,
  constraint encounter_diagnosis_once unique (appointment_id, rank)
);
create index ix_encounter_diagnosis_patient_id on encounter_diagnosis (patient_id);

create table visit_summary (
  appointment_id uuid primary key references encounter, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint visit_summary_confidentiality check (confidentiality in ('N', 'R', 'V')),
  content text not null, written_in text not null, locale text not null, sent_at timestamptz not null
);
create index ix_visit_summary_patient_id on visit_summary (patient_id, sent_at);

create table visit_rating (
  appointment_id uuid primary key references encounter, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint visit_rating_confidentiality check (confidentiality in ('N', 'R', 'V')),
  stars smallint not null constraint visit_rating_stars check (stars between 1 and 5),
  rated_by uuid not null references person, rated_at timestamptz not null, changed_at timestamptz not null
);
create index ix_visit_rating_rated_at on visit_rating (rated_at);
"""

# A signed note never changes, whoever asks and whatever right they hold: the trigger says so below every policy. What
# is written at the signing can be written then only, since it wants a note signed by the same person in the same
# transaction, and none of it can be changed or removed.
NOTE_RULES = """
create function guard_clinical_note() returns trigger language plpgsql as $$
begin
  if old.signed_at is not null and to_jsonb(new) - 'confidentiality' <> to_jsonb(old) - 'confidentiality' then
    raise insufficient_privilege using message = 'a signed note does not change';
  end if;
  if new.signed_at is not null and old.signed_at is null
    and (new.signed_by is distinct from public.actor_person() or new.signed_at <> now()) then
    raise insufficient_privilege using message = 'whoever signs, signs as themself and now';
  end if;
  return new;
end $$;
create trigger clinical_note_guard before update on clinical_note
  for each row execute function guard_clinical_note();

create function announce_note() returns trigger language plpgsql as $$
begin
  if new.signed_at is not null then
    perform public.note_change('note:' || new.appointment_id, 'patient:' || new.patient_id,
      'notes:' || new.practitioner_id);
  else
    perform public.note_change('note:' || new.appointment_id);
  end if;
  return null;
end $$;
create trigger clinical_note_announced after insert or update of version, signed_at on clinical_note
  for each row execute function announce_note();

create function announce_addendum() returns trigger language plpgsql as $$
begin
  perform public.note_change('patient:' || new.patient_id,
    'note:' || (select n.appointment_id from public.clinical_note n where n.id = new.note_id));
  return null;
end $$;
create trigger note_addendum_announced after insert on note_addendum
  for each row execute function announce_addendum();

create function is_signed_now(p_appointment uuid) returns boolean language sql stable
  return exists (select from public.clinical_note n where n.appointment_id = p_appointment
    and n.signed_by = public.actor_person() and n.signed_at = now());

alter table clinical_note enable row level security;
alter table clinical_note force row level security;
create policy clinical_note_view on clinical_note for select using (
  public.reads_notes(patient_id, confidentiality)
  or (signed_at is not null and withheld_because is null and public.reads_own_notes(patient_id, confidentiality)));
create policy clinical_note_add on clinical_note for insert with check (
  public.writes_notes(patient_id, confidentiality) and written_by = public.actor_person() and signed_at is null);
create policy clinical_note_change on clinical_note for update using (
  public.writes_notes(patient_id, confidentiality)) with check (
  public.writes_notes(patient_id, confidentiality)
  and (written_by = public.actor_person() or signed_by = public.actor_person()));
grant select, insert,
  update (content, ending, version, written_by, written_at, withheld_because, signed_by, signed_at, text_hash)
  on clinical_note to portal_app;

alter table clinical_note_version enable row level security;
alter table clinical_note_version force row level security;
create policy clinical_note_version_view on clinical_note_version for select using (
  public.reads_notes(patient_id, confidentiality));
create policy clinical_note_version_add on clinical_note_version for insert with check (
  public.writes_notes(patient_id, confidentiality) and exists (
    select from public.clinical_note n where n.id = note_id and n.patient_id = clinical_note_version.patient_id
      and (n.version, n.content, n.written_by, n.written_at) = (clinical_note_version.version,
        clinical_note_version.content, clinical_note_version.written_by, clinical_note_version.written_at)
      and n.signed_at is null));
grant select, insert on clinical_note_version to portal_app;

alter table note_addendum enable row level security;
alter table note_addendum force row level security;
create policy note_addendum_view on note_addendum for select using (
  public.reads_notes(patient_id, confidentiality) or (public.reads_own_notes(patient_id, confidentiality)
    and exists (select from public.clinical_note n where n.id = note_id)));
create policy note_addendum_add on note_addendum for insert with check (
  public.writes_notes(patient_id, confidentiality) and written_by = public.actor_person()
  and exists (select from public.clinical_note n where n.id = note_id and n.signed_at is not null
    and n.patient_id = note_addendum.patient_id and n.confidentiality = note_addendum.confidentiality));
grant select, insert on note_addendum to portal_app;
"""
ENDING_RULES = """
create function follow_visit_confidentiality() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update clinical_note_version v set confidentiality = new.confidentiality
    from clinical_note n where n.id = v.note_id and n.appointment_id = new.id;
  update note_addendum v set confidentiality = new.confidentiality
    from clinical_note n where n.id = v.note_id and n.appointment_id = new.id;
  update clinical_note set confidentiality = new.confidentiality where appointment_id = new.id;
  update encounter set confidentiality = new.confidentiality where appointment_id = new.id;
  update encounter_diagnosis set confidentiality = new.confidentiality where appointment_id = new.id;
  update visit_summary set confidentiality = new.confidentiality where appointment_id = new.id;
  update visit_rating set confidentiality = new.confidentiality where appointment_id = new.id;
  update charge_item set confidentiality = new.confidentiality where appointment_id = new.id;
  update charge_item_change h set confidentiality = new.confidentiality
    from charge_item c where c.id = h.charge_item_id and c.appointment_id = new.id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function follow_visit_confidentiality() from public;
create trigger appointment_confidentiality_of_visit after update of confidentiality on appointment
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function follow_visit_confidentiality();

alter table encounter enable row level security;
alter table encounter force row level security;
create policy encounter_view on encounter for select using (
  public.reads_notes(patient_id, confidentiality) or public.may('view', 'visits', patient_id, confidentiality));
create policy encounter_add on encounter for insert with check (
  public.writes_notes(patient_id, confidentiality) and public.is_signed_now(appointment_id));
grant select, insert on encounter to portal_app;

alter table encounter_diagnosis enable row level security;
alter table encounter_diagnosis force row level security;
create policy encounter_diagnosis_view on encounter_diagnosis for select using (
  public.reads_notes(patient_id, confidentiality) or public.reads_own_notes(patient_id, confidentiality));
create policy encounter_diagnosis_add on encounter_diagnosis for insert with check (
  public.writes_notes(patient_id, confidentiality) and public.is_signed_now(appointment_id));
grant select, insert on encounter_diagnosis to portal_app;

alter table visit_summary enable row level security;
alter table visit_summary force row level security;
create policy visit_summary_view on visit_summary for select using (
  public.reads_notes(patient_id, confidentiality) or public.reads_own_notes(patient_id, confidentiality));
create policy visit_summary_add on visit_summary for insert with check (
  public.writes_notes(patient_id, confidentiality) and public.is_signed_now(appointment_id));
grant select, insert on visit_summary to portal_app;
"""

# What one patient thought of one visit is theirs alone; managers get sums. Changeable for a day.
RATINGS = """
alter table visit_rating enable row level security;
alter table visit_rating force row level security;
create policy visit_rating_view on visit_rating for select using (
  public.actor_patient() = patient_id and rated_by = public.actor_person()
  and public.may('view', 'visits', patient_id, confidentiality));
create policy visit_rating_add on visit_rating for insert with check (
  public.actor_patient() = patient_id and rated_by = public.actor_person()
  and public.may('act', 'visits', patient_id, confidentiality)
  and exists (select from public.encounter e where e.appointment_id = visit_rating.appointment_id
    and e.patient_id = visit_rating.patient_id and e.confidentiality = visit_rating.confidentiality));
create policy visit_rating_change on visit_rating for update using (
  public.actor_patient() = patient_id and rated_by = public.actor_person()
  and public.may('act', 'visits', patient_id, confidentiality) and rated_at > now() - interval '1 day');
grant select, insert, update (stars, changed_at) on visit_rating to portal_app;

create function visit_rating_sums(p_since timestamptz) returns table (stars smallint, visits bigint)
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'ratings', true);
  return query select r.stars, count(*) from visit_rating r
    where r.rated_at >= p_since and actor_has('manager') group by r.stars order by r.stars desc;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function visit_rating_sums(timestamptz) from public;
grant execute on function visit_rating_sums(timestamptz) to portal_app;
"""

# Lists of codes are the practice's, not a patient's: everybody who works here reads them.
CODES = """
create table diagnosis_code (
  code text primary key, words text not null, release text not null, search tsvector not null
);
create index diagnosis_code_search on diagnosis_code using gin (search);
alter table diagnosis_code enable row level security;
alter table diagnosis_code force row level security;
create policy diagnosis_code_view on diagnosis_code for select using (
  public.actor_patient() is null and public.actor_person() is not null);
create policy diagnosis_code_fill on diagnosis_code for insert with check (public.actor_has('system'));
create policy diagnosis_code_empty on diagnosis_code for delete using (public.actor_has('system'));
grant select, insert, delete on diagnosis_code to portal_app;

create table service_code (
  code text primary key constraint service_code_form check (code ~ '^[A-Z0-9]{5}$'),
  words text not null, source text not null, added_at timestamptz not null
);
alter table service_code enable row level security;
alter table service_code force row level security;
create policy service_code_view on service_code for select using (
  public.actor_patient() is null and public.actor_person() is not null);
create policy service_code_fill on service_code for insert with check (
  public.actor_has('system') or public.actor_has('manager'));
create policy service_code_change on service_code for update using (
  public.actor_has('system') or public.actor_has('manager'));
create policy service_code_empty on service_code for delete using (
  public.actor_has('system') or public.actor_has('manager'));
grant select, insert, update (words, source, added_at), delete on service_code to portal_app;
"""

# A charge holds codes and no words of the note. It is corrected until it is billed; what it was before is kept by the
# trigger, which runs as the owner so that nobody needs a right to write history.
CHARGES = """
create table charge_item (
  id uuid primary key, appointment_id uuid not null unique references encounter,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint charge_item_confidentiality check (confidentiality in ('N', 'R', 'V')),
  status text not null constraint charge_item_status check (status in ('billable', 'billed', 'aborted')),
  service_code text, modifier text constraint charge_item_modifier check (modifier in ('93', '95')),
  place_of_service text not null constraint charge_item_place check (place_of_service ~ '^[0-9]{2}$'),
  diagnoses text[] not null,
  practitioner_id uuid not null references practitioner, location_id uuid not null references location,
  served_at timestamptz not null, sequence integer not null default 0,
  entered_by uuid not null references person, entered_at timestamptz not null
);
create index ix_charge_item_patient_id on charge_item (patient_id);
create index charge_item_waiting on charge_item (served_at) where status = 'billable';

create table charge_item_change (
  id uuid primary key default gen_random_uuid(), charge_item_id uuid not null references charge_item,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint charge_item_change_confidentiality check (confidentiality in ('N', 'R', 'V')),
  sequence integer not null, service_code text, modifier text, place_of_service text not null,
  diagnoses text[] not null, entered_by uuid not null references person, entered_at timestamptz not null,
  constraint charge_item_change_once unique (charge_item_id, sequence)
);

create function sees_charges(p_verb text, p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_patient() is null and (
    (public.actor_has('billing') and public.may(p_verb, 'bills', p_patient, p_confidentiality))
    or public.writes_notes(p_patient, p_confidentiality));

alter table charge_item enable row level security;
alter table charge_item force row level security;
create policy charge_item_view on charge_item for select using (
  public.sees_charges('view', patient_id, confidentiality));
create policy charge_item_add on charge_item for insert with check (
  public.writes_notes(patient_id, confidentiality) and public.is_signed_now(appointment_id)
  and entered_by = public.actor_person());
create policy charge_item_correct on charge_item for update using (
  status = 'billable' and public.sees_charges('act', patient_id, confidentiality))
  with check (entered_by = public.actor_person());
grant select, insert, update (status, service_code, modifier, place_of_service, diagnoses, sequence, entered_by,
  entered_at) on charge_item to portal_app;

alter table charge_item_change enable row level security;
alter table charge_item_change force row level security;
create policy charge_item_change_view on charge_item_change for select using (
  public.sees_charges('view', patient_id, confidentiality));
create policy charge_item_change_keep on charge_item_change for insert to portal_owner with check (
  public.sees_charges('act', patient_id, confidentiality));
grant select on charge_item_change to portal_app;

create function keep_charge() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.sequence <> old.sequence + 1 then
    raise insufficient_privilege using message = 'a charge is corrected one step at a time';
  end if;
  insert into charge_item_change (charge_item_id, patient_id, confidentiality, sequence, service_code, modifier,
      place_of_service, diagnoses, entered_by, entered_at)
    values (old.id, old.patient_id, old.confidentiality, old.sequence, old.service_code, old.modifier,
      old.place_of_service, old.diagnoses, old.entered_by, old.entered_at);
  return new;
end $$;
revoke execute on function keep_charge() from public;
create trigger charge_item_kept before update of service_code, modifier, place_of_service, diagnoses on charge_item
  for each row execute function keep_charge();

create function announce_charge() returns trigger language plpgsql as $$
begin
  perform public.note_change('charges', 'note:' || new.appointment_id);
  return null;
end $$;
create trigger charge_item_announced after insert or update on charge_item
  for each row execute function announce_charge();
"""


def upgrade() -> None:
    """Make room for what remains of a visit."""
    for script in (WHO, NOTES, NOTE_RULES, CODES, CHARGES, ENDING_RULES, RATINGS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget it all."""
    op.execute("""
    drop trigger appointment_confidentiality_of_visit on appointment;
    drop table charge_item_change, charge_item, service_code, diagnosis_code, visit_rating, visit_summary,
      encounter_diagnosis, encounter, note_addendum, clinical_note_version, clinical_note cascade;
    drop function announce_charge(), keep_charge(), sees_charges(text, uuid, text), visit_rating_sums(timestamptz),
      follow_visit_confidentiality(), announce_addendum(), announce_note(),
      guard_clinical_note(), reads_own_notes(uuid, text), writes_notes(uuid, text), reads_notes(uuid, text);
    """)
