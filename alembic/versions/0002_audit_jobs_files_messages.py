"""The audit trail and its seals, background jobs, files at rest, and messages to people."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PROCRASTINATE = Path(__file__).parent.parent / "sql" / "procrastinate-3.10.sql"

# Backups, rotations and restores must see every row, and forced row-level security hides them even from the owner.
# The owner may say `set portal.maintenance` and then sees all; nobody else gains by saying it. This is no more than
# the owner could do with ALTER TABLE, but needs no lock and cannot happen by accident.
MAINTENANCE = """
create function is_maintained() returns boolean language sql stable parallel safe
  return nullif(current_setting('portal.maintenance', true), '') is not null;

create procedure allow_maintenance() language plpgsql as $$
declare
  t record;
begin
  for t in
    select c.oid::regclass as name, c.relowner::regrole as owner from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
      and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'maintenance')
  loop
    execute format(
      'create policy maintenance on %s to %s using (is_maintained()) with check (is_maintained())', t.name, t.owner);
  end loop;
end $$;
"""

AUDIT = """
create table audit_event (
  id bigint generated always as identity primary key,
  cluster bigint not null, tx bigint not null, at timestamptz not null,
  person_id uuid not null, session_id uuid, address text not null, task text not null,
  patient_id uuid, action text not null, entity text not null, entity_id uuid, detail jsonb not null default '{}'
);
create index audit_event_unsealed on audit_event (cluster, tx);
create index audit_event_patient on audit_event (patient_id, at);
create index audit_event_person on audit_event (person_id, at);

-- Immutable in name, so that a session asks once: a cluster never changes while it is connected to.
create function this_cluster() returns bigint language plpgsql immutable parallel safe as $$
begin
  return (pg_catalog.pg_control_system()).system_identifier;
end $$;

-- Who, when, from where and in which transaction come from the transaction itself; whatever the statement says.
create function stamp_audit_event() returns trigger language plpgsql as $$
begin
  new.person_id := actor_person();
  if new.person_id is null then
    raise exception 'an audit event needs an actor' using errcode = 'insufficient_privilege';
  end if;
  new.session_id := nullif(current_setting('portal.session_id', true), '')::uuid;
  new.address := coalesce(current_setting('portal.address', true), '');
  new.task := coalesce(current_setting('portal.task', true), '');
  new.tx := pg_current_xact_id()::text::bigint;
  new.cluster := this_cluster();
  new.at := clock_timestamp();
  return new;
end $$;
create trigger stamp before insert on audit_event for each row execute function stamp_audit_event();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% only grows', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger only_grows before update or delete or truncate on audit_event
  for each statement execute function refuse_change();

create table audit_seal (
  number bigint primary key, cluster bigint not null, from_tx bigint not null, to_tx bigint not null,
  row_count integer not null, entries bytea not null, key_id text not null,
  previous_mac bytea not null, mac bytea not null, sealed_at timestamptz not null,
  constraint audit_seal_range check (from_tx < to_tx)
);
create trigger only_grows before update or delete or truncate on audit_seal
  for each statement execute function refuse_change();

alter table audit_event enable row level security;
alter table audit_event force row level security;
create policy audit_event_add on audit_event for insert with check (person_id = actor_person());
create policy audit_event_view on audit_event for select using (
  actor_has('manager') or actor_has('system')
  or (patient_id = actor_patient() and may('view', 'profile', patient_id, 'N')));
alter table audit_seal enable row level security;
alter table audit_seal force row level security;
create policy audit_seal_add on audit_seal for insert with check (actor_has('system'));
create policy audit_seal_view on audit_seal for select using (actor_has('manager') or actor_has('system'));
grant select, insert on audit_event, audit_seal to portal_app;
"""

FILES = """
create table stored_file (
  id uuid primary key, name text not null unique,
  owner_id uuid not null references person, patient_id uuid references patient on delete cascade,
  section text not null,
  confidentiality text not null default 'N'
    constraint stored_file_confidentiality check (confidentiality in ('N', 'R', 'V')),
  media_type text not null, size_bytes bigint not null, filename text not null, content_key text not null,
  created_at timestamptz not null default now()
);
create index stored_file_patient on stored_file (patient_id);

alter table stored_file enable row level security;
alter table stored_file force row level security;
create policy stored_file_view on stored_file for select using (
  case when patient_id is null then owner_id = actor_person()
       else may('view', section, patient_id, confidentiality) end);
create policy stored_file_add on stored_file for insert with check (
  owner_id = actor_person() and (patient_id is null or may('act', section, patient_id, confidentiality)));
create policy stored_file_remove on stored_file for delete using (
  case when patient_id is null then owner_id = actor_person()
       else may('act', section, patient_id, confidentiality) end);
grant select, insert, delete on stored_file to portal_app;

-- The sweep of left-over files must know all names, whoever's they are, and must never mistake "hidden" for "gone".
create function stored_file_names(p_names text[]) returns setof text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'sweep', true);
  return query select f.name from stored_file f where f.name = any (p_names);
  perform set_config('portal.maintenance', before, true);
end $$;
"""

MESSAGES = """
create table outbox_message (
  id uuid primary key, person_id uuid not null references person on delete cascade,
  channel text not null default 'mail' constraint outbox_message_channel check (channel in ('mail')),
  template text not null, locale text, content text, dedupe_key text not null unique,
  status text not null default 'queued'
    constraint outbox_message_status check (status in ('queued', 'sending', 'sent', 'failed')),
  attempts smallint not null default 0, last_error text,
  created_at timestamptz not null default now(), claimed_at timestamptz, sent_at timestamptz
);
create index outbox_message_person on outbox_message (person_id);
create index outbox_message_waiting on outbox_message (created_at) where status in ('queued', 'sending');

alter table outbox_message enable row level security;
alter table outbox_message force row level security;
-- Anybody at work may leave a message, a browser that asks for a sign-in code too; only the system reads them.
create policy outbox_message_add on outbox_message for insert with check (
  status = 'queued' and attempts = 0
  and (actor_person() is not null or nullif(current_setting('portal.browser_hash', true), '') is not null));
create policy outbox_message_view on outbox_message for select using (actor_has('system'));
create policy outbox_message_change on outbox_message for update using (actor_has('system'));
create policy outbox_message_remove on outbox_message for delete using (actor_has('system'));
grant select, insert, update, delete on outbox_message to portal_app;
"""

# Jobs hold ids only, so their tables need no row-level security.
JOBS = """
grant select, insert, update, delete
  on procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers to portal_app;
grant usage on sequence procrastinate_jobs_id_seq, procrastinate_events_id_seq,
  procrastinate_periodic_defers_id_seq, procrastinate_workers_id_seq to portal_app;

-- A job notes here, in its own transaction, that it is done: the work of a killed worker is never repeated.
create table finished_job (job_id bigint primary key, finished_at timestamptz not null default now());
alter table finished_job enable row level security;
alter table finished_job force row level security;
create policy finished_job_all on finished_job using (actor_has('system'));
grant select, insert, delete on finished_job to portal_app;
"""


def upgrade() -> None:
    """Create the tables, their policies and the triggers that keep the audit trail growing only."""
    _run(PROCRASTINATE.read_text())
    for script in (JOBS, MAINTENANCE, AUDIT, FILES, MESSAGES):
        _run(script)
    _run("call allow_maintenance();")


def downgrade() -> None:
    """Drop all of it."""
    _run("""
    do $$ declare t regclass; begin
      for t in select polrelid::regclass from pg_policy where polname = 'maintenance' loop
        execute format('drop policy maintenance on %s', t);
      end loop;
    end $$;
    drop function stored_file_names(text[]);
    drop table outbox_message, stored_file, audit_seal, audit_event, finished_job;
    drop function stamp_audit_event(), this_cluster(), refuse_change();
    drop procedure allow_maintenance();
    drop function is_maintained();
    drop table procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers cascade;
    do $$ declare f regprocedure; begin
      for f in select oid::regprocedure from pg_proc
               where pronamespace = current_schema()::regnamespace and proname like 'procrastinate\\_%' loop
        execute format('drop function %s cascade', f);
      end loop;
    end $$;
    drop type procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type;
    """)


def _run(script: str) -> None:
    # Straight to the driver: the scripts hold percent signs and colons that mean nothing to SQLAlchemy.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # noqa: S101 - migrations run connected
    driver.execute(script)
