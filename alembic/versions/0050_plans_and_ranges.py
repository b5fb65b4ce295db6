"""Plans for measuring at home, ranges of one person, versions of what a number means, and the panel.

Why they are built so: docs/decisions/0084-plans-and-ranges.md.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

# A plan is replaced by the next one and never changed.
PLANS = """
create table care_plan (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint care_plan_confidentiality check (confidentiality in ('N', 'R', 'V')),
  measure text not null, times_a_day smallint not null constraint care_plan_times check (times_a_day between 1 and 4),
  begins_on date not null, until_on date not null, set_by uuid not null references person, set_by_name text not null,
  set_at timestamptz not null, ended_at timestamptz, ended_by uuid references person, request_key uuid not null,
  constraint care_plan_days check (until_on >= begins_on), constraint care_plan_key unique (request_key)
);
create unique index care_plan_once on care_plan (patient_id, measure) where ended_at is null;
create table care_plan_reminder (
  patient_id uuid not null references patient, person_id uuid not null references person, measure text not null,
  at time not null, last_on date,
  confidentiality text not null default 'N'
    constraint care_plan_reminder_confidentiality check (confidentiality in ('N', 'R', 'V')),
  primary key (patient_id, person_id, measure, at)
);
alter table care_plan enable row level security;
alter table care_plan force row level security;
create policy care_plan_view on care_plan for select using (
  public.actor_has('system') or public.may('view', 'vitals', patient_id, confidentiality));
create policy care_plan_add on care_plan for insert with check (
  set_by = public.actor_person() and public.actor_patient() is null
  and (public.actor_has('nurse') or public.actor_has('clinician'))
  and public.may('act', 'vitals', patient_id, confidentiality));
create policy care_plan_end on care_plan for update using (
  public.actor_patient() is null and (public.actor_has('nurse') or public.actor_has('clinician'))
  and public.may('act', 'vitals', patient_id, confidentiality));
grant select, insert on care_plan to portal_app;
grant update (ended_at, ended_by) on care_plan to portal_app;
alter table care_plan_reminder enable row level security;
alter table care_plan_reminder force row level security;
create policy care_plan_reminder_all on care_plan_reminder using (
  public.actor_has('system') or (person_id = public.actor_person() and patient_id = public.actor_patient()
    and public.may('act', 'vitals', patient_id, confidentiality)));
grant select, insert, delete on care_plan_reminder to portal_app;
grant update (last_on) on care_plan_reminder to portal_app;

create function announce_vitals() returns trigger language plpgsql as $$
begin
  perform public.note_change('vitals:' || new.patient_id, 'vitals:all');
  return null;
end $$;
create trigger care_plan_announced after insert or update on care_plan
  for each row execute function announce_vitals();
create or replace function announce_reading() returns trigger language plpgsql as $$
begin
  perform public.note_change('vitals:' || new.patient_id, 'vitals:all');
  return null;
end $$;
create index reading_lately on reading (patient_id, taken_at desc) where status <> 'entered-in-error';
create policy yes_maintenance on reading for select to portal_owner using ((select public.is_maintained()));
"""

# A range of one person comes before the practice's; like a plan it is replaced, not changed.
RANGES = """
create table care_range (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint care_range_confidentiality check (confidentiality in ('N', 'R', 'V')),
  measure text not null, unit text not null, low numeric, high numeric, pair_high numeric,
  severity text not null constraint care_range_severity check (severity in ('', 'routine', 'urgent')),
  reason text not null, set_by uuid not null references person, set_by_name text not null, set_at timestamptz not null,
  ended_at timestamptz, ended_by uuid references person, request_key uuid not null,
  constraint care_range_bound check (num_nonnulls(low, high, pair_high) >= 1),
  constraint care_range_order check (low is null or high is null or low < high),
  constraint care_range_key unique (request_key)
);
create unique index care_range_once on care_range (patient_id, measure) where ended_at is null;
alter table care_range enable row level security;
alter table care_range force row level security;
create policy care_range_view on care_range for select using (
  public.actor_has('system') or public.may('view', 'vitals', patient_id, confidentiality));
create policy care_range_add on care_range for insert with check (
  set_by = public.actor_person() and public.actor_patient() is null and public.actor_has('clinician')
  and public.may('act', 'vitals', patient_id, confidentiality));
create policy care_range_end on care_range for update using (
  public.actor_patient() is null and public.actor_has('clinician')
  and public.may('act', 'vitals', patient_id, confidentiality));
grant select, insert on care_range to portal_app;
grant update (ended_at, ended_by) on care_range to portal_app;
create trigger care_range_announced after insert or update on care_range
  for each row execute function announce_vitals();

alter table vital_rule drop constraint vital_rule_part;
alter table vital_rule add constraint vital_rule_part
  check (part in ('', 'pair', 'gain', 'average', 'average_pair', 'trend'));
alter table vital_rule add column replaces integer references vital_rule, add column retired_at timestamptz,
  add column reason text not null default '';
create unique index vital_rule_replaced_once on vital_rule (replaces);
create policy vital_rule_change on vital_rule for insert with check (
  public.actor_patient() is null and public.actor_has('clinician') and reviewed_by = public.actor_person());
grant insert on vital_rule to portal_app;
grant update (retired_at) on vital_rule to portal_app;
alter table reading add column rule_id integer references vital_rule, add column rule_version integer,
  add column range_id uuid references care_range;
"""

# What the care team sees: everybody with a plan or an open alert, the worst first. It is one statement, run as the
# owner, which asks once for each chart whether the actor may see its readings.
PANEL = """
create function watched_panel(p_now timestamptz, p_rank integer, p_name text, p_id uuid, p_most integer)
returns table (patient_id uuid, name text, birth_date date, zone text, rank integer, alerts bigint, worst text,
  measure text, unit text, value numeric, pair numeric, taken_at timestamptz, finding text, severity text,
  planned bigint, done bigint, points numeric[])
language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if actor_patient() is not null or not (actor_has('nurse') or actor_has('clinician')) then
    return;
  end if;
  perform set_config('portal.maintenance', 'vitals', true);
  return query
  with named as (
    select p.id, said_name(p.given_name, p.called) || ' ' || p.family_name as name, p.birth_date, p.zone
    from patient p
    where p.id in (
        select c.patient_id from care_plan c
        where c.ended_at is null and c.until_on >= (p_now at time zone 'UTC')::date - 1
        union select a.patient_id from alert a where a.closed_at is null and a.section = 'vitals')
      and may('view', 'vitals', p.id, p.confidentiality)
  ), ranked as (
    select n.*, a.alerts, coalesce(a.worst, 0) as worst, r.measure, r.unit, r.value, r.pair, r.taken_at, r.finding,
      r.severity,
      -(10 * coalesce(a.worst, 0) + case r.severity when 'critical' then 4 when 'urgent' then 3 when 'routine' then 2
        else case when coalesce(r.finding, '') in ('', 'within', 'elevated') then 0 else 1 end end) as rank
    from named n
      cross join lateral (
        select count(*) as alerts,
          max(case a.severity when 'critical' then 3 when 'urgent' then 2 else 1 end) as worst
        from alert a where a.patient_id = n.id and a.closed_at is null and a.section = 'vitals') a
      left join lateral (
        select * from reading r where r.patient_id = n.id and r.status <> 'entered-in-error'
        order by r.taken_at desc limit 1) r on true
  ), page as (
    select * from ranked r
    where p_id is null or (r.rank, r.name, r.id) > (p_rank, p_name, p_id)
    order by r.rank, r.name, r.id limit p_most
  )
  select g.id, g.name, g.birth_date, g.zone, g.rank, g.alerts,
    case g.worst when 3 then 'critical' when 2 then 'urgent' when 1 then 'routine' else '' end,
    coalesce(g.measure, ''), coalesce(g.unit, ''), g.value, g.pair, g.taken_at, coalesce(g.finding, ''),
    coalesce(g.severity, ''), coalesce(d.planned, 0)::bigint,
    coalesce(d.done, 0)::bigint, s.points
  from page g
    left join lateral (
      select sum(c.times_a_day * greatest(least(days.today - 1, c.until_on) - greatest(c.begins_on, days.today - 6) + 1,
          0) + k.today) as planned, sum(k.done) as done
      from (select (p_now at time zone g.zone)::date as today) days
        join care_plan c on c.patient_id = g.id and c.ended_at is null and c.until_on >= days.today
        cross join lateral (
          select coalesce(sum(least(d.n, c.times_a_day)), 0) as done,
            coalesce(sum(least(d.n, c.times_a_day)) filter (where d.day = days.today), 0) as today
          from (
            select (r.taken_at at time zone g.zone)::date as day, count(*) as n from reading r
            where r.patient_id = g.id and r.measure = c.measure and r.status <> 'entered-in-error'
              and r.taken_at > p_now - interval '8 days'
            group by 1) d
          where d.day between greatest(c.begins_on, days.today - 6) and days.today) k
    ) d on true
    left join lateral (
      select array_agg(l.value order by l.taken_at) as points
      from (
        select r.value, r.taken_at from reading r
        where r.patient_id = g.id and r.measure = g.measure and r.unit = g.unit and r.status <> 'entered-in-error'
        order by r.taken_at desc limit 14) l
    ) s on true
  order by g.rank, g.name, g.id;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function watched_panel(timestamptz, integer, text, uuid, integer) from public;
grant execute on function watched_panel(timestamptz, integer, text, uuid, integer) to portal_app;

create function watched_chart(p_patient uuid)
returns table (patient_id uuid, name text, zone text, birth_date date, confidentiality text, conditions text[])
language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if actor_patient() is not null or not (actor_has('nurse') or actor_has('clinician')) then
    return;
  end if;
  perform set_config('portal.maintenance', 'vitals', true);
  return query select p.id, said_name(p.given_name, p.called) || ' ' || p.family_name, p.zone, p.birth_date,
      p.confidentiality,
      (select coalesce(array_agg(v.condition order by v.condition), '{}') from vital_condition v
        where v.patient_id = p.id)
    from patient p where p.id = p_patient and may('view', 'vitals', p.id, p.confidentiality);
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function watched_chart(uuid) from public;
grant execute on function watched_chart(uuid) to portal_app;
"""

# What an alert came from can be taken back. Nobody has it and nothing else of it stands: it is closed. What is
# critical, or what a colleague has taken, is marked and stays: a person looks before it goes.
WITHDRAW = """
alter table alert_event add column withdrawn_at timestamptz;
alter table alert_event drop constraint alert_event_kind;
alter table alert_event add constraint alert_event_kind check (
  kind in ('raised', 'added', 'taken', 'given_back', 'escalated', 'closed', 'withdrawn'));
create function withdraw_from_alert(p_source uuid, p_outcome text, p_now timestamptz)
returns table (alert_id uuid, patient_id uuid, is_closed boolean)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  standing alert;
  closes boolean;
begin
  perform set_config('portal.maintenance', 'alerts', true);
  select a.* into standing from alert a join alert_event e on e.alert_id = a.id
    where e.source_id = p_source and e.withdrawn_at is null for update of a;
  if standing.id is not null and not (actor_has('system')
      or may('act', standing.section, standing.patient_id, standing.confidentiality)) then
    perform set_config('portal.maintenance', before, true);
    raise insufficient_privilege using message = 'nobody takes back from an alert what they may not do';
  end if;
  if standing.id is not null and standing.closed_at is null then
    update alert_event e set withdrawn_at = p_now where e.source_id = p_source;
    insert into alert_event (alert_id, patient_id, confidentiality, kind, severity, at, person_id)
      values (standing.id, standing.patient_id, standing.confidentiality, 'withdrawn', standing.severity, p_now,
        actor_person());
    closes := standing.status = 'open' and standing.severity <> 'critical' and not exists (
      select from alert_event e where e.alert_id = standing.id and e.kind in ('raised', 'added')
        and e.withdrawn_at is null);
    update alert a set changed_at = p_now,
        status = case when closes then 'closed' else a.status end,
        closed_at = case when closes then p_now end, closed_by = case when closes then actor_person() end,
        due_at = case when closes then null else a.due_at end, outcome = case when closes then p_outcome else '' end
      where a.id = standing.id;
    alert_id := standing.id; patient_id := standing.patient_id; is_closed := closes;
    return next;
  end if;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function withdraw_from_alert(uuid, text, timestamptz) from public;
grant execute on function withdraw_from_alert(uuid, text, timestamptz) to portal_app;
"""

AAP, AVERAGE = "AAP 2017, blood pressure from 13 years on", "2025 AHA/ACC: a home average of 130/80 counts as high"
TREND = "No guideline gives a number: a beginning, to be reviewed"
_TEENS = (
    ("above", 180, "above", 120, "severe", "rest_repeat", "urgent", "critical"),
    ("at_least", 140, "at_least", 90, "high", "rest_repeat", "", ""),
    ("at_least", 130, "at_least", 80, "raised", "", "", ""),
)
# part, bound, value, finding, protocol, severity, severity again, months from, until, days, source.
SHIPPED = [
    *((part, sign, value, finding, protocol, first, again, 156, 216, 0, AAP)
      for top, high, bottom, low, finding, protocol, first, again in _TEENS
      for part, sign, value in (("", top, high), ("pair", bottom, low))),
    ("", "at_least", 120, "elevated", "", "", "", 156, 216, 0, AAP),
    ("average", "at_least", 130, "average_high", "", "routine", "routine", 216, 2400, 7, AVERAGE),
    ("average_pair", "at_least", 80, "average_high", "", "routine", "routine", 216, 2400, 7, AVERAGE),
    ("trend", "at_least", 10, "trend_up", "", "routine", "routine", 216, 2400, 7, TREND),
]  # fmt: skip


def ship_rules() -> None:
    """Add ranges from thirteen years on, and what an average and a week's change mean; nobody has reviewed them."""
    for part, sign, value, finding, protocol, first, again, since, until, days, source in SHIPPED:
        row = {
            "part": part, "value": value, "finding": finding, "protocol": protocol, "first": first, "again": again,
            "since": since, "until": until, "days": days, "source": source,
        }  # fmt: skip
        op.get_bind().execute(sa.text(
            f"insert into vital_rule (measure, unit, part, {sign}, days, finding, protocol, severity, severity_again,"  # noqa: S608
            " age_from, age_until, source) values ('blood_pressure', 'mm[Hg]', :part, :value, :days, :finding,"
            " :protocol, :first, :again, :since, :until, :source)"), row)  # fmt: skip


def upgrade() -> None:
    """Keep plans, reminders, ranges of one person and versions; let an alert be taken back."""
    op.execute("select set_config('portal.maintenance', 'migration', true)")
    for script in (PLANS, RANGES, PANEL, WITHDRAW):
        op.execute(script)
    ship_rules()
    op.execute("select set_config('portal.maintenance', '', true)")
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget them."""
    op.execute("""
    select set_config('portal.maintenance', 'migration', true);
    drop function withdraw_from_alert(uuid, text, timestamptz), watched_chart(uuid),
      watched_panel(timestamptz, integer, text, uuid, integer);
    delete from alert_event where kind = 'withdrawn';
    alter table alert_event drop column withdrawn_at, drop constraint alert_event_kind;
    alter table alert_event add constraint alert_event_kind check (
      kind in ('raised', 'added', 'taken', 'given_back', 'escalated', 'closed'));
    alter table reading drop column rule_id, drop column rule_version, drop column range_id;
    drop policy vital_rule_change on vital_rule;
    revoke insert on vital_rule from portal_app;
    revoke update (retired_at) on vital_rule from portal_app;
    delete from vital_rule where part in ('average', 'average_pair', 'trend') or age_from = 156 or replaces is not null;
    alter table vital_rule drop column replaces, drop column retired_at, drop column reason,
      drop constraint vital_rule_part;
    alter table vital_rule add constraint vital_rule_part check (part in ('', 'pair', 'gain'));
    drop policy yes_maintenance on reading;
    drop index reading_lately;
    create or replace function announce_reading() returns trigger language plpgsql as $body$
    begin
      perform public.note_change('vitals:' || new.patient_id);
      return null;
    end $body$;
    drop table care_range, care_plan_reminder, care_plan cascade;
    drop function announce_vitals();
    """)
