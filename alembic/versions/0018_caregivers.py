"""People who act for a patient: invited, accepted, ended, and what they may do."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = """
create table related_person (
  id uuid primary key, patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint related_person_confidentiality check (confidentiality in ('N', 'R', 'V')),
  person_id uuid references person on delete cascade,
  name text not null, email text not null, email_index text not null,
  relationship text not null constraint related_person_relationship
    check (relationship in ('parent', 'guardian', 'partner', 'child', 'sibling', 'friend', 'carer', 'other')),
  view_sections text[] not null, act_sections text[] not null,
  status text not null default 'invited'
    constraint related_person_status check (status in ('invited', 'active', 'declined', 'ended')),
  secret_hash text unique, answer_by timestamptz not null, valid_until timestamptz,
  invited_by uuid not null references person, invited_at timestamptz not null, accepted_at timestamptz,
  declined_at timestamptz, ended_at timestamptz, ended_by uuid references person, used_at timestamptz,
  document_id uuid references stored_file on delete set null, document_kind text
    constraint related_person_document_kind check (document_kind in ('court_order', 'power_of_attorney', 'consent')),
  note text,
  constraint related_person_shares check (act_sections <@ view_sections and cardinality(view_sections) > 0)
);
create index ix_related_person_patient_id on related_person (patient_id);
create index ix_related_person_person_id on related_person (person_id);
create unique index related_person_asked_once on related_person (patient_id, email_index)
  where status in ('invited', 'active');
create unique index related_person_acts_once on related_person (patient_id, person_id) where status = 'active';
alter table session add ended_because text
  constraint session_ended_because check (ended_because in ('switched', 'revoked'));

-- One relation may view some sections and act in others: two grants that differ in their verbs alone.
alter table access_grant drop constraint access_grant_once,
  add constraint access_grant_once unique nulls not distinct (grantee, patient_id, basis, min_assurance, verbs);
"""

# Who decides who else may: the patient, and staff who may change the chart; never a caregiver, whatever is shared.
POLICIES = """
create function decides_on_proxies(p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.may('act', 'profile', p_patient, p_confidentiality) and (
    public.actor_patient() is null
    or exists (select from public.access_grant g
               where g.grantee = public.actor_person() and g.patient_id = p_patient and g.basis = 'self'));

alter table related_person enable row level security;
alter table related_person force row level security;
create policy related_person_view on related_person for select using (
  person_id = actor_person() or secret_hash = nullif(current_setting('portal.invitation', true), '')
  or decides_on_proxies(patient_id, confidentiality));
create policy related_person_add on related_person for insert with check (
  decides_on_proxies(patient_id, confidentiality) and status = 'invited' and invited_by = actor_person()
  and secret_hash is null and (actor_patient() is not null or document_id is not null or actor_has('system')));
create policy related_person_change on related_person for update using (
  person_id = actor_person() or secret_hash = nullif(current_setting('portal.invitation', true), '')
  or decides_on_proxies(patient_id, confidentiality))
  with check (person_id = actor_person() or decides_on_proxies(patient_id, confidentiality));
grant select, insert, update (person_id, view_sections, act_sections, status, secret_hash, answer_by, valid_until,
  accepted_at, declined_at, ended_at, ended_by, used_at) on related_person to portal_app;

create function guard_related_person() returns trigger language plpgsql as $$
begin
  if new.status is distinct from old.status and (old.status, new.status) not in (
    ('invited', 'active'), ('invited', 'declined'), ('invited', 'ended'), ('active', 'ended')) then
    raise insufficient_privilege using message = 'an ended relation stays ended';
  end if;
  if new.status = 'active' and old.status = 'invited'
    and (new.person_id is distinct from public.actor_person() or old.answer_by <= now()) then
    raise insufficient_privilege using message = 'only who was invited accepts, and in time';
  end if;
  if public.decides_on_proxies(old.patient_id, old.confidentiality) then
    return new;
  end if;
  if (new.view_sections, new.act_sections, new.valid_until, new.answer_by)
      is distinct from (old.view_sections, old.act_sections, old.valid_until, old.answer_by) then
    raise insufficient_privilege using message = 'nobody widens what was shared with them';
  end if;
  return new;
end $$;
create trigger related_person_guard before update on related_person
  for each row execute function guard_related_person();
"""

# The grants are these rows' shadow, written in the same transaction and by nobody else. Runs as the owner, which sees
# all rows under maintenance: whoever ends a relation may neither see nor end the other's sessions.
GRANTS = """
create function grant_by_relation() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  by_code constant text[] := '{booking,forms,visits,profile}';
begin
  if new.person_id is null or (new.status <> 'active' and (tg_op = 'INSERT' or old.status <> 'active')) then
    return null;
  end if;
  perform set_config('portal.maintenance', 'caregivers', true);
  delete from access_grant g
    where g.grantee = new.person_id and g.patient_id = new.patient_id and g.basis = 'caregiver';
  if new.status = 'active' then
    insert into person_role (id, person_id, role) values (gen_random_uuid(), new.person_id, 'caregiver')
      on conflict do nothing;
    insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until)
      select new.person_id, new.patient_id, array_agg(s.section order by s.section), s.verbs, 'N', s.assurance,
             'caregiver', new.valid_until
      from (select v.section,
                   case when v.section = any (new.act_sections) then '{view,act}' else '{view}' end::text[] as verbs,
                   case when v.section = any (by_code) then 1 else 2 end as assurance
            from unnest(new.view_sections) v (section)) s
      group by s.verbs, s.assurance;
  else
    update session s set ended_at = now(), ended_because = 'revoked'
      where s.person_id = new.person_id and s.patient_id = new.patient_id and s.ended_at is null
        and not exists (select from access_grant g where g.grantee = new.person_id
                          and g.patient_id = new.patient_id and g.basis = 'self');
  end if;
  perform set_config('portal.maintenance', before, true);
  perform note_change('patient:' || new.patient_id);
  return null;
end $$;
create trigger related_person_grants after insert or update of
  status, person_id, view_sections, act_sections, valid_until on related_person
  for each row execute function grant_by_relation();

create function announce_related_person() returns trigger language plpgsql as $$
begin
  perform public.note_change('caregivers:' || new.patient_id);
  return null;
end $$;
create trigger related_person_announced after insert or update on related_person
  for each row execute function announce_related_person();
"""

# What needs names or sessions that whoever asks may not see by themself; each function says no more than it must.
ACTING = """
create function charts_acted_for(p_invitation text) returns table (
  id uuid, patient_id uuid, given_name text, family_name text, relationship text, status text,
  view_sections text[], act_sections text[], valid_until timestamptz, answer_by timestamptz
) language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'caregivers', true);
  return query
    select r.id, r.patient_id, p.given_name, p.family_name, r.relationship, r.status, r.view_sections,
           r.act_sections, r.valid_until, r.answer_by
    from related_person r join patient p on p.id = r.patient_id
    where actor_person() is not null and case when p_invitation is null
      then r.person_id = actor_person() and r.status = 'active' and (r.valid_until is null or r.valid_until > now())
      else r.secret_hash = p_invitation end
    order by p.given_name, p.family_name, r.id;
  perform set_config('portal.maintenance', before, true);
end $$;

create function switch_chart(p_id uuid, p_secret_hash text, p_patient uuid) returns timestamptz
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  old session;
begin
  perform set_config('portal.maintenance', 'caregivers', true);
  select * into old from session s
    where s.id = nullif(current_setting('portal.session_id', true), '')::uuid and s.person_id = actor_person()
      and s.ended_at is null and s.expires_at > now() for update;
  if found and (exists (select from access_grant g
                        where g.grantee = old.person_id and g.patient_id = p_patient
                          and g.basis in ('self', 'caregiver') and (g.valid_until is null or g.valid_until > now()))
      or (p_patient is null and exists (select from person_role r where r.person_id = old.person_id
                                          and r.role not in ('patient', 'caregiver', 'system')))) then
    -- As strong, as fresh and as long as the session it replaces, whatever columns a session has.
    insert into session select (jsonb_populate_record(null::session, to_jsonb(old)
      || jsonb_build_object('id', p_id, 'secret_hash', p_secret_hash, 'patient_id', p_patient))).*;
    update session set ended_at = now(), ended_because = 'switched' where id = old.id;
    update related_person r set used_at = now()
      where r.person_id = old.person_id and r.patient_id = p_patient and r.status = 'active';
  else
    old.expires_at := null;
  end if;
  perform set_config('portal.maintenance', before, true);
  return old.expires_at;
end $$;

create function why_session_ended(p_secret_hash text) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  found_reason text;
begin
  perform set_config('portal.maintenance', 'caregivers', true);
  select s.ended_because into found_reason from session s
    where s.secret_hash = p_secret_hash and s.ended_at is not null;
  perform set_config('portal.maintenance', before, true);
  return found_reason;
end $$;
revoke execute on function charts_acted_for(text), switch_chart(uuid, text, uuid), why_session_ended(text),
  grant_by_relation() from public;
grant execute on function charts_acted_for(text), switch_chart(uuid, text, uuid), why_session_ended(text)
  to portal_app;
"""


def upgrade() -> None:
    """Write down who may act for whom, and let the grants follow from it."""
    for script in (TABLES, POLICIES, GRANTS, ACTING):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Let patients act for themselves alone again."""
    op.execute("""
    drop table related_person;
    drop function charts_acted_for(text), switch_chart(uuid, text, uuid), why_session_ended(text),
      grant_by_relation(), announce_related_person(), guard_related_person(), decides_on_proxies(uuid, text);
    alter table session drop ended_because;
    set local portal.maintenance = 'caregivers';
    delete from access_grant where basis = 'caregiver';
    alter table access_grant drop constraint access_grant_once,
      add constraint access_grant_once unique nulls not distinct (grantee, patient_id, basis, min_assurance);
    set local portal.maintenance = '';
    """)
