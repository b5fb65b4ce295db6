"""Readings beyond what is kept one by one: counted by the hour, with the lowest and the highest.

Why: docs/decisions/0120-more-readings-than-are-kept.md.
"""

from alembic import op

revision = "0074"
down_revision = "0068"
branch_labels = None
depends_on = None

# One row for a measure, a unit and an hour, however many come. Who sent them may add to it and change nothing else, so
# it is done as the owner, who asks first. The last keys are kept, so that what is sent again is counted once.
SURPLUS = """
create table reading_surplus (
  patient_id uuid not null references patient, measure text not null, unit text not null, hour timestamptz not null,
  confidentiality text not null default 'N'
    constraint reading_surplus_confidentiality check (confidentiality in ('N', 'R', 'V')),
  count integer not null constraint reading_surplus_count check (count > 0),
  least numeric not null, most numeric not null, pair_least numeric, pair_most numeric,
  first_at timestamptz not null, last_at timestamptz not null, last_keys uuid[] not null,
  primary key (patient_id, measure, unit, hour)
);
alter table reading_surplus enable row level security;
alter table reading_surplus force row level security;
create policy reading_surplus_view on reading_surplus for select using (
  case when patient_id = (select public.actor_patient())
       then position(confidentiality in 'NRV') <= (select public.reach_own('view', 'vitals'))
       else public.may('view', 'vitals', patient_id, confidentiality) end
  or public.actor_has('system'));
grant select on reading_surplus to portal_app;

create function add_reading_surplus(
  p_patient uuid, p_confidentiality text, p_measure text, p_unit text, p_value numeric, p_pair numeric,
  p_at timestamptz, p_key uuid, out is_new boolean)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if p_patient is distinct from actor_patient() or not may('act', 'vitals', p_patient, p_confidentiality) then
    raise insufficient_privilege using message = 'nobody counts readings of a chart that they may not enter any for';
  end if;
  perform set_config('portal.maintenance', 'vitals', true);
  insert into reading_surplus as s
    values (p_patient, p_measure, p_unit, date_trunc('hour', p_at, 'UTC'), p_confidentiality, 1, p_value, p_value,
      p_pair, p_pair, p_at, p_at, array[p_key])
    on conflict (patient_id, measure, unit, hour) do update set
      count = s.count + 1, least = least(s.least, excluded.least), most = greatest(s.most, excluded.most),
      pair_least = least(s.pair_least, excluded.pair_least), pair_most = greatest(s.pair_most, excluded.pair_most),
      first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at),
      last_keys = (p_key || s.last_keys)[1:32]
      where not (p_key = any (s.last_keys))
    returning s.count = 1 into is_new;
  is_new := coalesce(is_new, false);
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function
  add_reading_surplus(uuid, text, text, text, numeric, numeric, timestamptz, uuid) from public;
grant execute on function
  add_reading_surplus(uuid, text, text, text, numeric, numeric, timestamptz, uuid) to portal_app;

-- A device that sends ten a second has open pages look anew once a minute, not ten times a second.
create function announce_reading_surplus() returns trigger language plpgsql as $$
begin
  perform public.note_change('vitals:' || new.patient_id);
  return null;
end $$;
create trigger reading_surplus_begun after insert on reading_surplus
  for each row execute function announce_reading_surplus();
create trigger reading_surplus_grown after update on reading_surplus for each row
  when (date_trunc('minute', old.last_at, 'UTC') <> date_trunc('minute', new.last_at, 'UTC'))
  execute function announce_reading_surplus();
"""


def upgrade() -> None:
    """Count them from now on."""
    op.execute(SURPLUS)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Count them no more, and forget those that were."""
    op.execute("""
    drop function add_reading_surplus(uuid, text, text, text, numeric, numeric, timestamptz, uuid);
    drop table reading_surplus;
    drop function announce_reading_surplus();
    """)
