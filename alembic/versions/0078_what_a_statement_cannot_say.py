"""Payments, alerts, readings and plans say what whoever writes them may say, in their own name.

Why: docs/decisions/0121-what-a-statement-cannot-say.md.
"""

from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

# A payment settles as much of each bill as its shares say. Two statements at once wait for each other at the attempt.
MONEY = """
create function guard_payment_share() returns trigger language plpgsql as $$
begin
  if public.is_maintained() then
    return new;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('shares:' || new.attempt_id::text, 0));
  if not exists (
    select from public.payment_attempt a
    where a.id = new.attempt_id and (public.actor_has('system') or a.person_id = public.actor_person())
      and new.amount_minor + coalesce((
        select sum(s.amount_minor) from public.payment_share s where s.attempt_id = a.id), 0) <= a.amount_minor) then
    raise insufficient_privilege using message = 'no more is put on bills than is paid, by whoever pays it';
  end if;
  return new;
end $$;
create trigger payment_share_guard before insert on payment_share
  for each row execute function guard_payment_share();

create function guard_payment_attempt() returns trigger language plpgsql as $$
begin
  if not (public.actor_has('system') or public.is_maintained()) and num_nonnulls(new.session_id, new.session_url,
      new.intent_id, new.customer_id, new.settled_at, new.checked_at) > 0 then
    raise insufficient_privilege using message = 'what the processor says is not for whoever pays to write';
  end if;
  return new;
end $$;
create trigger payment_attempt_guard before insert on payment_attempt
  for each row execute function guard_payment_attempt();

create function guard_payment_plan() returns trigger language plpgsql as $$
declare
  theirs constant text[] := '{status,paused_because,changed_at}';
begin
  if public.actor_has('system') or public.is_maintained() then
    return new;
  end if;
  if old.person_id is distinct from public.actor_person()
    or to_jsonb(new) - theirs <> to_jsonb(old) - theirs
    or new.status = old.status and new.paused_because <> old.paused_because
    or new.status <> old.status and (old.status, new.status) not in (
      ('active', 'paused'), ('active', 'cancelled'), ('paused', 'cancelled'), ('paused', 'active')) then
    raise insufficient_privilege using message = 'whoever pays by a plan halts it, stops it or goes on';
  end if;
  return new;
end $$;
create trigger payment_plan_guard before update on payment_plan
  for each row execute function guard_payment_plan();
"""

# What somebody has they hand back or close themself; a colleague takes it over first. Levels are the clock's.
ALERTS = """
create function guard_alert() returns trigger language plpgsql as $$
declare
  me uuid := public.actor_person();
begin
  if public.actor_has('system') or public.is_maintained() then
    return new;
  end if;
  if old.closed_at is not null then
    raise insufficient_privilege using message = 'what is closed stays as it was';
  end if;
  if new.owner_id is distinct from old.owner_id and new.owner_id = me then
    new.owner_name := substr(current_setting('portal.named', true), 38);
  elsif new.owner_id is not distinct from old.owner_id and new.owner_name <> old.owner_name
    or new.owner_id is distinct from old.owner_id
    and (new.owner_id is not null or old.owner_id is distinct from me) then
    raise insufficient_privilege using message = 'an alert is taken and handed back in one''s own name';
  end if;
  if new.closed_by is not null and (new.closed_by <> me or old.status = 'acknowledged' and old.owner_id <> me)
    or (new.closed_at is null) <> (new.closed_by is null) then
    raise insufficient_privilege using message = 'an alert is closed by whoever has it, or takes it';
  end if;
  if new.level not in (0, old.level) then
    raise insufficient_privilege using message = 'nobody but the clock takes an alert further';
  end if;
  return new;
end $$;
create trigger alert_guard before update on alert for each row execute function guard_alert();
"""

READINGS = """
revoke update (value, pair, pulse, sequence) on reading from portal_app;
alter policy reading_change on reading with check (
  patient_id = public.actor_patient() and public.may('act', 'vitals', patient_id, confidentiality)
  and status = 'entered-in-error');

create function guard_care() returns trigger language plpgsql as $$
begin
  if public.actor_has('system') or public.is_maintained() then
    return new;
  end if;
  if tg_op = 'INSERT' then
    new.set_by_name := substr(current_setting('portal.named', true), 38);
  elsif old.ended_at is not null
    or new.ended_at is not null and new.ended_by is distinct from public.actor_person() then
    raise insufficient_privilege using message = 'a plan or a range is ended once, in one''s own name';
  end if;
  return new;
end $$;
create trigger care_plan_guard before insert or update on care_plan for each row execute function guard_care();
create trigger care_range_guard before insert or update on care_range for each row execute function guard_care();
"""


def upgrade() -> None:
    """Hold each against who writes it."""
    for script in (MONEY, ALERTS, READINGS):
        op.execute(script)


def downgrade() -> None:
    """Hold none."""
    op.execute("""
    drop trigger payment_share_guard on payment_share;
    drop trigger payment_attempt_guard on payment_attempt;
    drop trigger payment_plan_guard on payment_plan;
    drop trigger alert_guard on alert;
    drop trigger care_plan_guard on care_plan;
    drop trigger care_range_guard on care_range;
    drop function guard_payment_share(), guard_payment_attempt(), guard_payment_plan(), guard_alert(), guard_care();
    grant update (value, pair, pulse, sequence) on reading to portal_app;
    drop policy reading_change on reading;
    create policy reading_change on reading for update using (
      patient_id = public.actor_patient() and public.may('act', 'vitals', patient_id, confidentiality));
    """)
