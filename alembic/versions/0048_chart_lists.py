"""Medicines and allergies, what patients say about them, and what becomes of that.

Why they are built so: docs/decisions/0082-medicines-and-allergies.md.
"""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

# Nurses and clinicians reach lists where they reach the patient's visits, as they do notes. The patient's side needs
# the section `results`, which their own grants give after two proofs only; whoever answers for them needs the section
# `forms` as well, since to say what is true of a list is a form like others.
WHO = """
create function reads_chart(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system') or (public.actor_patient() is null
    and (public.actor_has('clinician') or public.actor_has('nurse'))
    and public.may('view', 'visits', p_patient, p_confidentiality));

create function writes_chart(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system') or (public.actor_patient() is null
    and (public.actor_has('clinician') or public.actor_has('nurse'))
    and public.may('act', 'visits', p_patient, p_confidentiality));

create function reads_own_chart(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_patient() = p_patient and public.may('view', 'results', p_patient, p_confidentiality);

create function tells_own_chart(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_patient() = p_patient and public.may('view', 'results', p_patient, p_confidentiality)
    and public.may('act', 'forms', p_patient, p_confidentiality);
"""

# That somebody has no allergies is an entry like any other: said, dated, and ended when it is no longer true.
ENTRIES = """
create table chart_entry (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint chart_entry_confidentiality check (confidentiality in ('N', 'R', 'V')),
  kind text not null constraint chart_entry_kind check (kind in ('medication', 'allergy', 'no_allergies')),
  content text not null, since_on date,
  status text not null default 'active'
    constraint chart_entry_status check (status in ('active', 'stopped', 'entered-in-error')),
  version integer not null default 1, change_id uuid, told_name text not null default '', told_at timestamptz,
  written_by uuid not null references person, written_name text not null, written_at timestamptz not null,
  constraint chart_entry_told check ((change_id is null) = (told_at is null))
);
create index chart_entry_of_patient on chart_entry (patient_id, kind, status);
create unique index chart_entry_no_allergies_once on chart_entry (patient_id)
  where kind = 'no_allergies' and status = 'active';

create table chart_entry_version (
  entry_id uuid not null references chart_entry, version integer not null,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint chart_entry_version_confidentiality check (confidentiality in ('N', 'R', 'V')),
  content text not null, since_on date, status text not null, told_name text not null default '',
  told_at timestamptz, written_by uuid not null references person, written_name text not null,
  written_at timestamptz not null,
  primary key (entry_id, version)
);

create table chart_review (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint chart_review_confidentiality check (confidentiality in ('N', 'R', 'V')),
  appointment_id uuid references appointment,
  begun_by uuid not null references person, begun_at timestamptz not null,
  done_by uuid references person, done_name text not null default '', done_at timestamptz,
  constraint chart_review_done check ((done_by is null) = (done_at is null))
);
create unique index chart_review_open_once on chart_review (patient_id, appointment_id) nulls not distinct
  where done_at is null;
create index chart_review_of_visit on chart_review (appointment_id);

create table chart_change (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint chart_change_confidentiality check (confidentiality in ('N', 'R', 'V')),
  review_id uuid references chart_review,
  kind text not null constraint chart_change_kind check (kind in ('medication', 'allergy')),
  entry_id uuid references chart_entry, entry_version integer,
  verb text not null
    constraint chart_change_verb check (verb in ('same', 'differs', 'stopped', 'unknown', 'new', 'none')),
  content text not null, locale text not null,
  told_by uuid not null references person, told_name text not null, is_own boolean not null,
  told_at timestamptz not null, request_key uuid not null,
  status text not null
    constraint chart_change_status check (status in ('noted', 'proposed', 'taken', 'declined', 'withdrawn')),
  decided_by uuid references person, decided_name text not null default '', decided_at timestamptz, reason text,
  constraint chart_change_once unique (request_key),
  constraint chart_change_answer_once unique (review_id, entry_id),
  constraint chart_change_about check ((entry_id is null) = (entry_version is null)),
  constraint chart_change_decided check ((status in ('taken', 'declined')) = (decided_at is not null)
    and (decided_at is null) = (decided_by is null))
);
create index chart_change_of_patient on chart_change (patient_id, status);
create index ix_chart_change_review_id on chart_change (review_id);
"""

RULES = """
alter table chart_entry enable row level security;
alter table chart_entry force row level security;
create policy chart_entry_view on chart_entry for select using (
  public.reads_chart(patient_id, confidentiality) or public.reads_own_chart(patient_id, confidentiality));
create policy chart_entry_add on chart_entry for insert with check (
  public.writes_chart(patient_id, confidentiality) and written_by = public.actor_person() and version = 1);
create policy chart_entry_change on chart_entry for update using (public.writes_chart(patient_id, confidentiality))
  with check (public.writes_chart(patient_id, confidentiality) and written_by = public.actor_person());
grant select, insert, update (content, since_on, status, version, confidentiality, change_id, told_name, told_at,
  written_by, written_name, written_at) on chart_entry to portal_app;

alter table chart_entry_version enable row level security;
alter table chart_entry_version force row level security;
create policy chart_entry_version_view on chart_entry_version for select using (
  public.reads_chart(patient_id, confidentiality));
grant select on chart_entry_version to portal_app;

-- How far a review has come is seen as far as forms are: check-in shows it to whoever signed in by a code.
alter table chart_review enable row level security;
alter table chart_review force row level security;
create policy chart_review_view on chart_review for select using (
  public.reads_chart(patient_id, confidentiality) or (public.actor_patient() = patient_id
    and (public.may('view', 'forms', patient_id, confidentiality)
      or public.may('view', 'results', patient_id, confidentiality))));
create policy chart_review_begin on chart_review for insert with check (
  public.tells_own_chart(patient_id, confidentiality) and begun_by = public.actor_person() and done_at is null
  and (appointment_id is null or exists (select from public.appointment a where a.id = appointment_id
    and a.patient_id = chart_review.patient_id and a.confidentiality = chart_review.confidentiality)));
create policy chart_review_end on chart_review for update using (
  public.tells_own_chart(patient_id, confidentiality) and done_at is null)
  with check (public.tells_own_chart(patient_id, confidentiality) and done_by = public.actor_person());
grant select, insert, update (done_by, done_name, done_at) on chart_review to portal_app;

alter table chart_change enable row level security;
alter table chart_change force row level security;
create policy chart_change_view on chart_change for select using (
  public.reads_chart(patient_id, confidentiality) or public.reads_own_chart(patient_id, confidentiality));
create policy chart_change_tell on chart_change for insert with check (
  public.tells_own_chart(patient_id, confidentiality) and told_by = public.actor_person()
  and status in ('noted', 'proposed')
  and (entry_id is null or exists (select from public.chart_entry e where e.id = entry_id
    and e.patient_id = chart_change.patient_id))
  and (review_id is null or exists (select from public.chart_review r where r.id = review_id
    and r.patient_id = chart_change.patient_id and r.done_at is null)));
create policy chart_change_tell_again on chart_change for update using (
  public.tells_own_chart(patient_id, confidentiality) and status in ('noted', 'proposed'))
  with check (public.tells_own_chart(patient_id, confidentiality) and told_by = public.actor_person()
    and decided_by is null);
create policy chart_change_decide on chart_change for update using (
  public.writes_chart(patient_id, confidentiality))
  with check (public.writes_chart(patient_id, confidentiality) and decided_by = public.actor_person());
grant select, insert, update (verb, content, entry_version, locale, told_by, told_name, is_own, told_at, status,
  decided_by, decided_name, decided_at, reason) on chart_change to portal_app;
"""

# What an entry was before stays; what was decided stays decided, and staff change no word of what was told.
KEPT = """
create function keep_chart_entry() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'chart', true);
  if (new.content, new.since_on, new.status, new.version) is distinct from
      (old.content, old.since_on, old.status, old.version) then
    if new.version <> old.version + 1 then
      raise insufficient_privilege using message = 'a change of an entry is its next version';
    end if;
    insert into chart_entry_version (entry_id, version, patient_id, confidentiality, content, since_on, status,
        told_name, told_at, written_by, written_name, written_at)
      values (old.id, old.version, old.patient_id, old.confidentiality, old.content, old.since_on, old.status,
        old.told_name, old.told_at, old.written_by, old.written_name, old.written_at);
  end if;
  if new.confidentiality <> old.confidentiality then
    update chart_entry_version v set confidentiality = new.confidentiality where v.entry_id = new.id;
    update chart_change c set confidentiality = new.confidentiality where (c.entry_id = new.id or c.id = new.change_id)
      and position(c.confidentiality in 'NRV') < position(new.confidentiality in 'NRV');
  end if;
  perform set_config('portal.maintenance', before, true);
  return new;
end $$;
revoke execute on function keep_chart_entry() from public;
create trigger chart_entry_kept before update on chart_entry for each row execute function keep_chart_entry();

create function guard_chart_change() returns trigger language plpgsql as $$
begin
  if old.status in ('taken', 'declined', 'withdrawn')
    and to_jsonb(new) - 'confidentiality' <> to_jsonb(old) - 'confidentiality' then
    raise insufficient_privilege using message = 'what was decided stays decided';
  end if;
  if new.status in ('taken', 'declined') and (new.verb, new.content, new.locale, new.told_by, new.told_name,
      new.told_at) is distinct from (old.verb, old.content, old.locale, old.told_by, old.told_name, old.told_at) then
    raise insufficient_privilege using message = 'what was told is kept as it was told';
  end if;
  return new;
end $$;
create trigger chart_change_guard before update on chart_change for each row execute function guard_chart_change();

create function announce_chart() returns trigger language plpgsql as $$
begin
  perform public.note_change('chart:' || new.patient_id);
  return null;
end $$;
create trigger chart_entry_announced after insert or update on chart_entry
  for each row execute function announce_chart();
create trigger chart_change_announced after insert or update on chart_change
  for each row execute function announce_chart();
create trigger chart_review_announced after insert or update on chart_review
  for each row execute function announce_chart();

create function follow_visit_with_chart() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update chart_change c set confidentiality = new.confidentiality
    from chart_review r where r.id = c.review_id and r.appointment_id = new.id
      and position(c.confidentiality in 'NRV') < position(new.confidentiality in 'NRV');
  update chart_review set confidentiality = new.confidentiality where appointment_id = new.id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function follow_visit_with_chart() from public;
create trigger appointment_confidentiality_of_chart after update of confidentiality on appointment
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function follow_visit_with_chart();
"""


def upgrade() -> None:
    """Make room for lists, reviews and proposed changes."""
    for script in (WHO, ENTRIES, RULES, KEPT):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget it all."""
    op.execute("""
    drop trigger appointment_confidentiality_of_chart on appointment;
    drop table chart_change, chart_review, chart_entry_version, chart_entry cascade;
    drop function follow_visit_with_chart(), announce_chart(), guard_chart_change(), keep_chart_entry(),
      tells_own_chart(uuid, text), reads_own_chart(uuid, text), writes_chart(uuid, text), reads_chart(uuid, text);
    """)
