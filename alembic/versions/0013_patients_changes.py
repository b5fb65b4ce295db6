"""What patients change about their visits, in full: freed times kept for whoever waits."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# A freed time is kept as a tentative slot without an appointment, until it has been offered in turn. It lapses by
# itself, as every tentative slot does. Staff may take it for somebody; who gave it up may take that back.
KEPT = """
alter table slot add column is_kept boolean not null default false,
  add constraint slot_kept check (not is_kept or status = 'busy-tentative');
create index slot_kept_for_line on slot (practitioner_id, starts_at) where is_kept;

create policy slot_keep on slot as restrictive for insert
  with check (not is_kept or (select public.actor_has('system')));
create policy slot_release_kept on slot for delete using (is_kept and (
  (select public.actor_has('system') or public.actor_has('front_desk') or public.actor_has('nurse')
    or public.actor_has('clinician') or public.actor_has('manager'))
  or exists (select from public.appointment a where a.practitioner_id = slot.practitioner_id
    and a.starts_at = slot.starts_at and a.ends_at = slot.ends_at and a.status = 'cancelled'
    and public.may('act', 'booking', a.patient_id, a.confidentiality))));

-- Keeps what has become free if somebody in line could take a time in it; true if it is kept. Whoever frees a time sees
-- nobody else's wish: this runs as the owner and, as the jobs do, as the system, which is recognised once for a whole
-- line and not once for a row (among 10 000 waiting 30 ms, where maintenance took seven seconds). It tells no more than
-- a search for free times does.
create function keep_for_line(
  p_slot uuid, p_practitioner uuid, p_location uuid, p_from timestamptz, p_until timestamptz, p_earliest timestamptz,
  p_now timestamptz, p_horizon timestamptz, p_kept_until timestamptz
) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.roles', true), '');
  is_kept_now boolean := false;
begin
  perform set_config('portal.roles', '{system}', true);
  if exists (select from waitlist_entry e where e.practitioner_id = p_practitioner and e.status = 'active'
      and e.offer_id is null)
    or exists (select from waitlist_entry e where e.practitioner_id is null and e.status = 'active'
      and e.offer_id is null)
  then
    if exists (
      select from beginnings_in(p_practitioner, p_location, greatest(p_from, p_earliest), p_until) b
      cross join lateral next_in_line(p_practitioner, p_location, b.starts_at, p_now, p_horizon) n)
    then
      insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status, held_until, is_kept)
        values (p_slot, p_practitioner, p_location, p_from, p_until, 'busy-tentative', p_kept_until, true)
        on conflict do nothing;
      is_kept_now := found;
    end if;
  end if;
  perform set_config('portal.roles', before, true);
  return is_kept_now;
end $$;
revoke execute on function
  keep_for_line(uuid, uuid, uuid, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz)
  from public;
grant execute on function
  keep_for_line(uuid, uuid, uuid, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz)
  to portal_app;
"""

# Whoever cannot be written to is called; the front desk answers for them.
CALLED = """
alter table waitlist_entry drop constraint waitlist_entry_channel,
  add constraint waitlist_entry_channel check (channel in ('mail', 'phone'));
alter table time_offer drop constraint time_offer_channel,
  add constraint time_offer_channel check (channel in ('mail', 'phone'));
select set_config('portal.maintenance', '0013', true);
insert into task_kind (code, roles, is_open_to_patient) values ('offer_call', '{front_desk,nurse,clinician}', true);
select set_config('portal.maintenance', '', true);
"""

CALLED_BEFORE = """
select set_config('portal.maintenance', '0013', true);
delete from task where code = 'offer_call';
delete from task_kind where code = 'offer_call';
select set_config('portal.maintenance', '', true);
alter table waitlist_entry drop constraint waitlist_entry_channel,
  add constraint waitlist_entry_channel check (channel in ('mail')) not valid;
alter table time_offer drop constraint time_offer_channel,
  add constraint time_offer_channel check (channel in ('mail')) not valid;
"""

# The way to a place in each language that staff write it in; `directions` is what stands where none of them is read.
WAYS = """
alter table location add column ways jsonb not null default '{}';
grant update (ways) on location to portal_app;
select set_config('portal.maintenance', '0013', true);
update location set ways = jsonb_build_object('en', directions) where directions <> '';
select set_config('portal.maintenance', '', true);
"""

KEPT_BEFORE = """
drop function
  keep_for_line(uuid, uuid, uuid, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz);
drop policy slot_release_kept on slot;
drop policy slot_keep on slot;
drop index slot_kept_for_line;
select set_config('portal.maintenance', '0013', true);
delete from slot where is_kept;
select set_config('portal.maintenance', '', true);
alter table slot drop constraint slot_kept, drop column is_kept;
"""


def upgrade() -> None:
    """Let freed times be kept, people be called, and the way be told in each language."""
    op.execute(KEPT)
    op.execute(CALLED)
    op.execute(WAYS)


def downgrade() -> None:
    """Let everybody have them at once, and write to everybody."""
    op.execute("alter table location drop column ways")
    op.execute(CALLED_BEFORE)
    op.execute(KEPT_BEFORE)
