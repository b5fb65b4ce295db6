"""A reading says which one it corrects, and who entered it and took it back.

Why: docs/decisions/0127-a-reading-put-right.md.
"""

from alembic import op

revision = "0082"
down_revision = "0086"
branch_labels = None
depends_on = None

SCRIPT = """
alter table reading add column instead_of uuid references reading;
create unique index reading_instead_once on reading (instead_of) where instead_of is not null;
create function guard_instead() returns trigger language plpgsql as $$
begin
  if not exists (
      select from public.reading r
      where r.id = new.instead_of and r.patient_id = new.patient_id and r.measure = new.measure) then
    raise insufficient_privilege using message = 'a reading is put right by one of the same chart and measure';
  end if;
  return new;
end $$;
create trigger reading_instead_guard before insert on reading
  for each row when (new.instead_of is not null) execute function guard_instead();

-- Accounts are nobody else's to see. Whoever may see a reading learns who entered it and who took it back; of others
-- who act for the patient, a caregiver does not learn the names.
create function reading_people(p_patient uuid, p_ids uuid[])
returns table (id uuid, entered_at timestamptz, entered_name text, entered_mine boolean, ended_at timestamptz,
  ended_name text, ended_mine boolean, successor uuid)
language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  me uuid := actor_person();
  owner uuid;
begin
  perform set_config('portal.maintenance', 'names', true);
  select g.grantee into owner from access_grant g where g.patient_id = p_patient and g.basis = 'self' limit 1;
  return query
    select r.id, r.entered_at,
      case when actor_patient() is null or owner = me or r.entered_by in (me, owner) then e.display_name else '' end,
      r.entered_by = me, c.changed_at,
      case when actor_patient() is null or owner = me or c.changed_by in (me, owner) then x.display_name else '' end,
      c.changed_by = me, n.id
    from reading r
      join person e on e.id = r.entered_by
      left join lateral (
        select h.changed_at, h.changed_by from reading_change h where h.reading_id = r.id
        order by h.sequence desc limit 1) c on r.status = 'entered-in-error'
      left join person x on x.id = c.changed_by
      left join reading n on n.instead_of = r.id
    where r.id = any (p_ids) and r.patient_id = p_patient
      and (actor_has('system') or may('view', 'vitals', r.patient_id, r.confidentiality));
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function reading_people(uuid, uuid[]) from public;
grant execute on function reading_people(uuid, uuid[]) to portal_app;
"""


def upgrade() -> None:
    """Keep which reading was corrected by which."""
    op.execute(SCRIPT)


def downgrade() -> None:
    """Forget it."""
    op.execute("""
    drop function reading_people(uuid, uuid[]);
    drop trigger reading_instead_guard on reading;
    drop function guard_instead();
    drop index reading_instead_once;
    alter table reading drop column instead_of;
    """)
