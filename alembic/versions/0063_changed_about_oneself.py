"""What patients changed about themselves, until the practice has taken it over, one by one.

Why: docs/decisions/0081-check-in.md; who reads which of them: docs/decisions/0107-who-reads-what-was-changed.md.
"""

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

# One row for each thing that nobody at the practice has accepted yet: what it was then, and what it is now.
# At work a change is read by whoever reads the thing itself: the name, the pronouns and the number in the chart with
# appointments, an address, an emergency contact and a pharmacy with the profile. Of these others learn only that they
# changed.
CHANGES = """
create function sees_profile_change(p_verb text, p_kind text, p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return case when public.actor_patient() is null
    then (public.actor_has('front_desk') and public.may(p_verb, 'profile', p_patient, p_confidentiality))
      or (p_kind in ('called', 'pronouns', 'phone')
        and (public.actor_has('nurse') or public.actor_has('clinician'))
        and public.may(p_verb, 'booking', p_patient, p_confidentiality))
    else p_patient = public.actor_patient() and (public.actor_has('patient') or public.actor_has('caregiver'))
      and public.may(p_verb, 'profile', p_patient, p_confidentiality)
      and (p_kind not in ('email', 'phone') or exists (select from public.access_grant g
        where g.grantee = public.actor_person() and g.patient_id = p_patient and g.basis = 'self')) end;

create table profile_change (
  id uuid primary key default gen_random_uuid(), patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint profile_change_confidentiality check (confidentiality in ('N', 'R', 'V')),
  kind text not null constraint profile_change_kind
    check (kind in ('called', 'pronouns', 'pharmacy', 'emergency', 'email', 'phone')),
  before text not null, after text not null,
  changed_by uuid not null references person, changed_name text not null, changed_at timestamptz not null,
  accepted_by uuid references person, accepted_name text not null default '', accepted_at timestamptz,
  constraint profile_change_accepted check ((accepted_by is null) = (accepted_at is null))
);
create unique index profile_change_open on profile_change (patient_id, kind) where accepted_at is null;
alter table profile_change enable row level security;
alter table profile_change force row level security;
create policy profile_change_view on profile_change for select using (
  sees_profile_change('view', kind, patient_id, confidentiality));
create policy profile_change_add on profile_change for insert with check (
  sees_profile_change('act', kind, patient_id, confidentiality) and patient_id = actor_patient()
  and changed_by = actor_person() and accepted_at is null);
create policy profile_change_change on profile_change for update
  using (accepted_at is null and sees_profile_change('act', kind, patient_id, confidentiality))
  with check (case when actor_patient() is null then accepted_by = actor_person()
    else accepted_at is null and changed_by = actor_person() end);
create policy profile_change_remove on profile_change for delete using (
  accepted_at is null and patient_id = actor_patient()
  and sees_profile_change('act', kind, patient_id, confidentiality));
grant select, insert, delete,
  update (after, changed_by, changed_name, changed_at, accepted_by, accepted_name, accepted_at)
  on profile_change to portal_app;

-- That something changed which the actor may not read, for whoever treats the patient: what it is called, and when.
create function unseen_profile_changes(p_patient uuid)
returns table (id uuid, kind text, changed_at timestamptz)
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if actor_patient() is not null or not (actor_has('nurse') or actor_has('clinician')) then
    return;
  end if;
  perform set_config('portal.maintenance', 'profile', true);
  return query select c.id, c.kind, c.changed_at from profile_change c
    where c.patient_id = p_patient and c.accepted_at is null
      and may('view', 'booking', c.patient_id, c.confidentiality)
      and not sees_profile_change('view', c.kind, c.patient_id, c.confidentiality)
    order by c.changed_at, c.id;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function unseen_profile_changes(uuid) from public;
grant execute on function unseen_profile_changes(uuid) to portal_app;

create function announce_profile_change() returns trigger language plpgsql as $$
begin
  perform note_change('patient:' || coalesce(new.patient_id, old.patient_id));
  return null;
end $$;
create trigger profile_change_announced after insert or update or delete on profile_change
  for each row execute function announce_profile_change();
"""


def upgrade() -> None:
    """Begin to keep them."""
    op.execute(CHANGES)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget them; what is said now stays."""
    op.execute("""
    drop table profile_change;
    drop function announce_profile_change(), unseen_profile_changes(uuid),
      sees_profile_change(text, text, uuid, text);
    """)
