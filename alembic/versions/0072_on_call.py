"""Who of the care team is on call, from when until when, and whom of them an alert has called.

Why: docs/decisions/0118-on-call.md.
"""

from alembic import op

revision = "0072"
down_revision = "0074"
branch_labels = None
depends_on = None

# One first and one second at each moment, and nobody both at once.
TURNS = """
create function sees_roster() returns boolean language sql stable parallel safe
  return public.actor_has('system') or (public.actor_patient() is null
    and (public.actor_has('nurse') or public.actor_has('clinician') or public.actor_has('manager')));

create table on_call_turn (
  id uuid primary key, person_id uuid not null references person,
  rank smallint not null constraint on_call_turn_rank check (rank in (1, 2)),
  starts_at timestamptz not null, ends_at timestamptz not null, phone text,
  added_by uuid not null references person, added_at timestamptz not null,
  constraint on_call_turn_order check (starts_at < ends_at),
  constraint on_call_turn_once exclude using gist (
    int4range(rank, rank, '[]') with &&, tstzrange(starts_at, ends_at) with &&),
  constraint on_call_turn_one_rank exclude using spgist (span_of(person_id, starts_at, ends_at) with &&)
);
create index on_call_turn_until on on_call_turn (ends_at);
alter table on_call_turn enable row level security;
alter table on_call_turn force row level security;
create policy on_call_turn_view on on_call_turn for select using (public.sees_roster());
create policy on_call_turn_add on on_call_turn for insert with check (
  public.actor_patient() is null and public.actor_has('manager') and added_by = public.actor_person());
create policy on_call_turn_end on on_call_turn for update using (
  public.actor_patient() is null and public.actor_has('manager'));
create policy on_call_turn_remove on on_call_turn for delete using (
  public.actor_patient() is null and public.actor_has('manager'));
grant select, insert, delete, update (ends_at) on on_call_turn to portal_app;

create function announce_roster() returns trigger language plpgsql as $$
begin
  perform public.note_change('alerts:roster');
  return null;
end $$;
create trigger on_call_turn_announced after insert or update or delete on on_call_turn
  for each statement execute function announce_roster();
"""

# Colleagues do not see each other's accounts: of whoever is on call they learn the name, whether a text message would
# reach them, and whether they still work here. The number itself is for whoever sends, and for who keeps the roster.
ROSTER = """
create function on_call_roster(p_since timestamptz)
returns table (id uuid, person_id uuid, name text, rank smallint, starts_at timestamptz, ends_at timestamptz,
  phone text, has_phone boolean, is_fit boolean)
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if not sees_roster() then
    return;
  end if;
  perform set_config('portal.maintenance', 'names', true);
  return query select t.id, t.person_id, p.display_name, t.rank, t.starts_at, t.ends_at,
      case when actor_has('system') or actor_has('manager') then coalesce(t.phone, p.phone) end,
      coalesce(t.phone, p.phone) is not null,
      p.disabled_at is null and exists (
        select from person_role r where r.person_id = p.id and r.role in ('nurse', 'clinician'))
    from on_call_turn t join person p on p.id = t.person_id
    where t.ends_at > p_since order by t.starts_at, t.rank;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function on_call_roster(timestamptz) from public;
grant execute on function on_call_roster(timestamptz) to portal_app;
"""

# Once for each time that an alert comes to a level. Without a person: nobody was on call then.
CALLS = """
create table alert_call (
  alert_id uuid not null references alert, level smallint not null, due_at timestamptz not null,
  rank smallint not null, person_id uuid references person, person_name text not null default '',
  ways text[] not null default '{}', at timestamptz not null,
  primary key (alert_id, level, due_at, rank)
);
alter table alert_call enable row level security;
alter table alert_call force row level security;
create policy alert_call_view on alert_call for select using (public.reads_alerts());
create policy alert_call_add on alert_call for insert with check (public.actor_has('system'));
grant select, insert on alert_call to portal_app;

create function announce_call() returns trigger language plpgsql as $$
begin
  perform public.note_change('alerts:all');
  return null;
end $$;
create trigger alert_call_announced after insert on alert_call for each row execute function announce_call();
"""


def upgrade() -> None:
    """Keep the roster, and whom an alert has called."""
    for script in (TURNS, ROSTER, CALLS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget them."""
    op.execute("""
    drop table alert_call, on_call_turn cascade;
    drop function announce_call(), announce_roster(), on_call_roster(timestamptz), sees_roster();
    """)
