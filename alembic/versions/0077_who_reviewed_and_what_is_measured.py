"""Who reviewed a rule is that person's own to say and not for patients to read; only what is measured is kept.

Why: docs/decisions/0121-what-a-statement-cannot-say.md.
"""

from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

# That a policy lets clinicians alone review is said in 0043; this says in whose name, and that it stays so.
REVIEWS = """
create function guard_vital_rule() returns trigger language plpgsql as $$
begin
  if public.is_maintained() then
    return new;
  end if;
  if tg_op = 'UPDATE' and old.retired_at is not null then
    raise insufficient_privilege using message = 'a rule that was replaced stays as it was';
  end if;
  if tg_op = 'UPDATE' and (new.reviewed_by, new.reviewed_by_name, new.reviewed_at)
      is distinct from (old.reviewed_by, old.reviewed_by_name, old.reviewed_at)
    and (old.reviewed_by is not null or new.reviewed_by is distinct from public.actor_person()) then
    raise insufficient_privilege using message = 'everybody reviews a rule in their own name, and once';
  end if;
  if tg_op = 'INSERT' or old.reviewed_by is null then
    new.reviewed_by_name := case when new.reviewed_by is null then ''
      else substr(current_setting('portal.named', true), 38) end;
  end if;
  return new;
end $$;
create trigger vital_rule_guard before insert or update on vital_rule
  for each row execute function guard_vital_rule();
"""

# Everybody's readings are judged by the rules, so everybody reads them; who reviewed them is asked of a function. A
# column that is added later has to be granted.
NAMES = """
revoke select on vital_rule from portal_app;
grant select (id, measure, unit, part, above, at_least, below, at_most, days, finding, protocol, severity,
  severity_again, condition, age_from, age_until, source, version, reviewed_at, replaces, retired_at, reason)
  on vital_rule to portal_app;
create function rule_reviewers() returns table (rule_id integer, name text)
language sql stable security definer set search_path = public, pg_temp as $$
  select v.id, v.reviewed_by_name from public.vital_rule v
  where v.reviewed_at is not null and public.actor_patient() is null and public.actor_has('clinician')
$$;
revoke execute on function rule_reviewers() from public;
grant execute on function rule_reviewers() to portal_app;
"""

# The measures and units of features/vitals/measures.py; a test compares. Without a unit: whether it is measured at all.
# What is kept so far came from there; an upgrade does not stop where it did not.
MEASURES = """
create function is_measure(p_measure text, p_unit text) returns boolean language sql immutable parallel safe
  return p_measure in ('blood_pressure', 'glucose', 'weight', 'temperature', 'oxygen', 'pulse', 'breaths', 'peak_flow',
    'pain', 'steps') and (p_unit is null or (p_measure, p_unit) in (('blood_pressure', 'mm[Hg]'),
    ('glucose', 'mg/dL'), ('glucose', 'mmol/L'), ('weight', 'kg'), ('weight', '[lb_av]'), ('temperature', 'Cel'),
    ('temperature', '[degF]'), ('oxygen', '%'), ('pulse', '/min'), ('breaths', '/min'), ('peak_flow', 'L/min'),
    ('pain', '{score}'), ('steps', '/d')));
alter table reading add constraint reading_measured check (public.is_measure(measure, unit)) not valid;
alter table reading_surplus add constraint reading_surplus_measured check (public.is_measure(measure, unit)) not valid;
alter table care_plan add constraint care_plan_measured check (public.is_measure(measure, null)) not valid;
alter table care_plan_reminder add constraint care_plan_reminder_measured
  check (public.is_measure(measure, null)) not valid;
alter table care_range add constraint care_range_measured check (public.is_measure(measure, unit)) not valid;
alter table vital_rule add constraint vital_rule_measured check (public.is_measure(measure, unit)) not valid;
do $$
declare
  kept text;
begin
  foreach kept in array '{reading,reading_surplus,care_plan,care_plan_reminder,care_range,vital_rule}'::text[] loop
    begin
      execute format('alter table %I validate constraint %I', kept, kept || '_measured');
    exception when check_violation then
      raise warning 'something in % is of no known measure', kept;
    end;
  end loop;
end $$;
"""


def upgrade() -> None:
    """Hold reviews against who reviews, and readings against what is measured."""
    for script in (REVIEWS, NAMES, MEASURES):
        op.execute(script)


def downgrade() -> None:
    """Hold neither."""
    op.execute("""
    alter table reading drop constraint reading_measured;
    alter table reading_surplus drop constraint reading_surplus_measured;
    alter table care_plan drop constraint care_plan_measured;
    alter table care_plan_reminder drop constraint care_plan_reminder_measured;
    alter table care_range drop constraint care_range_measured;
    alter table vital_rule drop constraint vital_rule_measured;
    drop trigger vital_rule_guard on vital_rule;
    drop function is_measure(text, text), rule_reviewers(), guard_vital_rule();
    grant select on vital_rule to portal_app;
    """)
