"""Where a browser may be told that there is something new, and by which browsers each message was taken."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

CHANNELS = """
alter table outbox_message drop constraint outbox_message_channel,
  add constraint outbox_message_channel check (channel in ('mail', 'text', 'push'));
alter table person drop constraint person_reminders_by, drop constraint person_offers_by,
  add constraint person_reminders_by check (reminders_by in ('mail', 'text', 'push')),
  add constraint person_offers_by check (offers_by in ('mail', 'text', 'push'));
"""
CHANNELS_BEFORE = """
delete from outbox_message where channel = 'push';
update person set reminders_by = 'mail' where reminders_by = 'push';
update person set offers_by = 'mail' where offers_by = 'push';
alter table outbox_message drop constraint outbox_message_channel,
  add constraint outbox_message_channel check (channel in ('mail', 'text'));
alter table person drop constraint person_reminders_by, drop constraint person_offers_by,
  add constraint person_reminders_by check (reminders_by in ('mail', 'text')),
  add constraint person_offers_by check (offers_by in ('mail', 'text'));
"""

# `target` is the address at the browser's push service and the browser's keys, encrypted; `key_id` names the portal's
# own key with which it was made. What was taken is noted for each browser, so that no try repeats it.
BROWSERS = """
create table push_subscription (
  id uuid primary key default gen_random_uuid(), person_id uuid not null references person on delete cascade,
  session_id uuid not null references session on delete cascade,
  target text not null, target_index text not null, key_id text not null,
  created_at timestamptz not null default now(), taken_at timestamptz, failed_at timestamptz,
  constraint push_subscription_once unique (person_id, target_index)
);
create index ix_push_subscription_session_id on push_subscription (session_id);
alter table push_subscription enable row level security;
alter table push_subscription force row level security;
create policy push_subscription_own on push_subscription
  using (person_id = actor_person() or actor_has('system'));
create policy push_subscription_here on push_subscription as restrictive for insert to portal_app
  with check (session_id = nullif(current_setting('portal.session_id', true), '')::uuid);
grant select, insert, update (session_id, target, key_id, taken_at, failed_at), delete on push_subscription
  to portal_app;

create table push_delivery (
  message_id uuid not null references outbox_message on delete cascade,
  subscription_id uuid not null references push_subscription on delete cascade,
  is_taken boolean not null, at timestamptz not null default now(),
  primary key (message_id, subscription_id)
);
create index ix_push_delivery_subscription_id on push_delivery (subscription_id);
alter table push_delivery enable row level security;
alter table push_delivery force row level security;
create policy push_delivery_system on push_delivery using (actor_has('system'));
grant select, insert, delete on push_delivery to portal_app;
"""

# A session that gives way to a stronger one, or to one for another chart, hands its browser on; one that ends takes it
# along. (What is sent looks at the session too: who ends somebody else's may not see this row.)
FOLLOWS = """
create function push_follows_session() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  update push_subscription set session_id = new.id
    where session_id = nullif(current_setting('portal.session_id', true), '')::uuid and person_id = new.person_id;
  return null;
end $$;
create trigger push_follows_session after insert on session for each row execute function push_follows_session();

create function push_ends_with_session() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  delete from push_subscription where session_id = new.id;
  return null;
end $$;
create trigger push_ends_with_session after update of ended_at on session
  for each row when (old.ended_at is null and new.ended_at is not null) execute function push_ends_with_session();
"""
BROWSERS_BEFORE = """
drop trigger push_ends_with_session on session;
drop trigger push_follows_session on session;
drop function push_ends_with_session(), push_follows_session();
drop table push_delivery, push_subscription;
"""


def upgrade() -> None:
    """Make room for notifications."""
    for script in (CHANNELS, BROWSERS, FOLLOWS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget them: whoever wished for notifications gets mail."""
    for script in (BROWSERS_BEFORE, CHANNELS_BEFORE):
        op.execute(script)
