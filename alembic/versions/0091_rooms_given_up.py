"""A visit gives its room up to any other that is in it then, whoever may see that one, and when it comes back too.

A patient saw no visit of others, so theirs kept the room, and the constraint on rooms refused the time as if it were
taken. A cancellation that was taken back met the same once the room had been given to somebody else.
"""

from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

GIVE_UP = """
create or replace function give_up_room() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  is_used boolean;
begin
  perform set_config('portal.maintenance', 'rooms', true);
  select exists (
    select from appointment a where a.room_id = new.room_id and a.id <> new.id and a.slot_id is not null
      and a.starts_at < new.ends_at and a.ends_at > new.starts_at) into is_used;
  perform set_config('portal.maintenance', before, true);
  if new.location_id <> old.location_id or is_used then
    new.room_id := null;
  end if;
  return new;
end $$;
revoke execute on function give_up_room() from public;
drop trigger appointment_room_kept on appointment;
create trigger appointment_room_kept before update of starts_at, location_id, slot_id on appointment
  for each row when (old.room_id is not null and new.room_id = old.room_id and new.slot_id is not null)
  execute function give_up_room();
"""
KEEP = """
create or replace function give_up_room() returns trigger language plpgsql security invoker as $$
begin
  if new.location_id <> old.location_id or exists (
    select from appointment a where a.room_id = new.room_id and a.id <> new.id and a.slot_id is not null
      and a.starts_at < new.ends_at and a.ends_at > new.starts_at)
  then
    new.room_id := null;
  end if;
  return new;
end $$;
alter function give_up_room() reset all;
grant execute on function give_up_room() to public;
drop trigger appointment_room_kept on appointment;
create trigger appointment_room_kept before update of starts_at, location_id on appointment
  for each row when (old.room_id is not null and new.room_id = old.room_id) execute function give_up_room();
"""


def upgrade() -> None:
    """Look at every visit in the room."""
    op.execute(GIVE_UP)


def downgrade() -> None:
    """Look at those that whoever moves may see."""
    op.execute(KEEP)
