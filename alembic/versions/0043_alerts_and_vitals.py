"""Alerts, and readings taken at home.

Why they are built so: docs/decisions/0078-alerts-and-vitals.md.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# Who reads alerts: every nurse and clinician at work, whoever's care team the patient is in. An alert that only the
# right person may see waits for that person, and a dangerous value must not.
WHO = """
create function reads_alerts() returns boolean language sql stable parallel safe
  return public.actor_has('system') or (public.actor_patient() is null
    and (public.actor_has('nurse') or public.actor_has('clinician')));
"""

CLOCKS = """
create table alert_clock (
  severity text primary key constraint alert_clock_severity check (severity in ('routine', 'urgent', 'critical')),
  take_min integer not null, close_min integer not null,
  constraint alert_clock_minutes check (take_min > 0 and close_min > 0)
);
insert into alert_clock values ('critical', 10, 60), ('urgent', 60, 480), ('routine', 1440, 4320);
alter table alert_clock enable row level security;
alter table alert_clock force row level security;
create policy alert_clock_view on alert_clock for select using ((select public.actor_person()) is not null);
grant select on alert_clock to portal_app;
"""

# One problem of one patient has one open alert; what comes later is added to it as an event.
ALERTS = """
create table alert (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint alert_confidentiality check (confidentiality in ('N', 'R', 'V')),
  section text not null constraint alert_section check (section in ('forms', 'vitals')),
  problem text not null constraint alert_problem check (problem ~ '^[a-z]+[.][a-z0-9_]+$'),
  severity text not null constraint alert_severity check (severity in ('routine', 'urgent', 'critical')),
  status text not null constraint alert_status check (status in ('open', 'acknowledged', 'closed')),
  level smallint not null default 0, times integer not null default 0,
  opened_at timestamptz not null, changed_at timestamptz not null, due_at timestamptz,
  owner_id uuid references person, owner_name text not null default '', acknowledged_at timestamptz,
  closed_at timestamptz, closed_by uuid references person, outcome text not null default '',
  constraint alert_closed check ((status = 'closed') = (closed_at is not null)),
  constraint alert_timed check ((status = 'closed') = (due_at is null)),
  constraint alert_taken check ((status = 'acknowledged') <= (owner_id is not null and acknowledged_at is not null))
);
create unique index alert_open_once on alert (patient_id, problem) where closed_at is null;
create index alert_waiting on alert (due_at) where closed_at is null;
create index alert_closed_lately on alert (closed_at) where closed_at is not null;

create table alert_event (
  id uuid primary key default gen_random_uuid(), alert_id uuid not null references alert,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint alert_event_confidentiality check (confidentiality in ('N', 'R', 'V')),
  kind text not null constraint alert_event_kind check (
    kind in ('raised', 'added', 'taken', 'given_back', 'escalated', 'closed')),
  severity text not null, source_id uuid, facts text, at timestamptz not null,
  person_id uuid not null references person, person_name text not null default '',
  constraint alert_event_once unique (source_id)
);
create index ix_alert_event_alert_id on alert_event (alert_id, at);

alter table alert enable row level security;
alter table alert force row level security;
create policy alert_read on alert for select using (public.reads_alerts());
create policy alert_own on alert for select using (
  patient_id = public.actor_patient() and public.may('view', section, patient_id, confidentiality));
create policy alert_handle on alert for update using (public.reads_alerts());
grant select on alert to portal_app;
grant update (status, level, changed_at, due_at, owner_id, owner_name, acknowledged_at, closed_at, closed_by, outcome)
  on alert to portal_app;

alter table alert_event enable row level security;
alter table alert_event force row level security;
create policy alert_event_read on alert_event for select using (public.reads_alerts());
create policy alert_event_add on alert_event for insert with check (
  public.reads_alerts() and person_id = public.actor_person() and kind not in ('raised', 'added'));
grant select, insert on alert_event to portal_app;

create function announce_alert() returns trigger language plpgsql as $$
begin
  perform public.note_change('alerts:all', 'alerts:' || new.patient_id);
  return null;
end $$;
create trigger alert_announced after insert or update on alert for each row execute function announce_alert();
"""

# A patient's own act raises an alert and may change nothing else of it, so it is done as the owner, who asks first
# whether the act was theirs to do. Two at once meet at the row: the second waits, and is added.
RAISE = """
create function raise_alert(
  p_id uuid, p_patient uuid, p_section text, p_problem text, p_severity text, p_confidentiality text,
  p_source uuid, p_facts text, p_now timestamptz,
  out alert_id uuid, out is_new boolean, out is_worse boolean, out due_at timestamptz, out level smallint)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  ranks constant text[] := '{routine,urgent,critical}';
  standing alert;
  due timestamptz;
begin
  if not (actor_has('system') or may('act', p_section, p_patient, p_confidentiality)) then
    raise insufficient_privilege using message = 'nobody raises an alert about what they may not do';
  end if;
  perform set_config('portal.maintenance', 'alerts', true);
  select p_now + make_interval(mins => c.take_min) into due from alert_clock c where c.severity = p_severity;
  is_new := false; is_worse := false;
  select a.* into standing from alert a join alert_event e on e.alert_id = a.id where e.source_id = p_source;
  if standing.id is null then
    insert into alert as a (id, patient_id, confidentiality, section, problem, severity, status, opened_at, changed_at,
        due_at)
      values (p_id, p_patient, p_confidentiality, p_section, p_problem, p_severity, 'open', p_now, p_now, due)
      on conflict (patient_id, problem) where closed_at is null do update set changed_at = excluded.changed_at
      returning a.* into standing;
    is_new := standing.id = p_id;
    is_worse := not is_new and array_position(ranks, p_severity) > array_position(ranks, standing.severity);
    insert into alert_event
        (alert_id, patient_id, confidentiality, kind, severity, source_id, facts, at, person_id)
      values (standing.id, p_patient, standing.confidentiality,
        case when is_new then 'raised' else 'added' end, p_severity,
        p_source, p_facts, p_now, actor_person())
      on conflict (source_id) do nothing;
    if not found then
      is_worse := false;
    end if;
    update alert a set times = a.times + 1,
        severity = case when is_worse then p_severity else a.severity end,
        -- Whoever has it took something milder: what is worse has to be taken anew.
        status = case when is_worse then 'open' else a.status end,
        level = case when is_worse then 0 else a.level end,
        due_at = case when is_worse then least(due, a.due_at) else a.due_at end
      where a.id = standing.id returning a.* into standing;
  end if;
  perform set_config('portal.maintenance', before, true);
  alert_id := standing.id; due_at := standing.due_at; level := standing.level;
end $$;
revoke execute on function raise_alert(uuid, uuid, text, text, text, text, uuid, text, timestamptz) from public;
grant execute on function raise_alert(uuid, uuid, text, text, text, text, uuid, text, timestamptz) to portal_app;

-- Whoever reads alerts has to call: the name and the number of those there is an alert about, and no more.
create function alerted_people(p_since timestamptz)
returns table (patient_id uuid, name text, birth_date date, language text, phone text, zone text)
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if not reads_alerts() then
    return;
  end if;
  perform set_config('portal.maintenance', 'names', true);
  return query select p.id, said_name(p.given_name, p.called) || ' ' || p.family_name, p.birth_date, p.language,
      coalesce(p.phone, ''), p.zone
    from patient p where exists (
      select from alert a where a.patient_id = p.id and (a.closed_at is null or a.closed_at > p_since));
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function alerted_people(timestamptz) from public;
grant execute on function alerted_people(timestamptz) to portal_app;
"""

# A value is kept as it was entered, in its own unit and with its own decimals; only whoever acts for a chart enters.
READINGS = """
create table reading (
  id uuid primary key, patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint reading_confidentiality check (confidentiality in ('N', 'R', 'V')),
  measure text not null, unit text not null, value numeric not null constraint reading_value check (value >= 0),
  pair numeric, pulse numeric, context text not null default '', arm text not null default '',
  posture text not null default '', has_symptom boolean not null default false, note text,
  taken_at timestamptz not null, zone text not null, entered_by uuid not null references person,
  entered_at timestamptz not null, request_key uuid not null, is_confirmed boolean not null default false,
  finding text not null, protocol text not null, is_again boolean not null default false,
  severity text not null constraint reading_severity check (severity in ('', 'routine', 'urgent', 'critical')),
  status text not null default 'final'
    constraint reading_status check (status in ('final', 'amended', 'entered-in-error')),
  sequence integer not null default 0,
  constraint reading_once unique (request_key)
);
create index reading_of_measure on reading (patient_id, measure, taken_at desc) where status <> 'entered-in-error';
alter table reading enable row level security;
alter table reading force row level security;
create policy reading_view on reading for select using (
  public.actor_has('system') or public.may('view', 'vitals', patient_id, confidentiality));
create policy reading_add on reading for insert with check (
  entered_by = public.actor_person() and patient_id = public.actor_patient()
  and public.may('act', 'vitals', patient_id, confidentiality));
create policy reading_change on reading for update using (
  patient_id = public.actor_patient() and public.may('act', 'vitals', patient_id, confidentiality));
grant select, insert on reading to portal_app;
grant update (value, pair, pulse, status, sequence) on reading to portal_app;

create table reading_change (
  reading_id uuid not null references reading, sequence integer not null,
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint reading_change_confidentiality check (confidentiality in ('N', 'R', 'V')),
  value numeric not null, pair numeric, pulse numeric, status text not null,
  changed_by uuid not null references person, changed_at timestamptz not null default now(),
  primary key (reading_id, sequence)
);
alter table reading_change enable row level security;
alter table reading_change force row level security;
create policy reading_change_view on reading_change for select using (
  public.actor_has('system') or public.may('view', 'vitals', patient_id, confidentiality));
grant select on reading_change to portal_app;

create function keep_reading() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'vitals', true);
  new.sequence := old.sequence + 1;
  insert into reading_change (reading_id, sequence, patient_id, confidentiality, value, pair, pulse, status, changed_by)
    values (old.id, old.sequence, old.patient_id, old.confidentiality, old.value, old.pair, old.pulse, old.status,
      actor_person());
  perform set_config('portal.maintenance', before, true);
  return new;
end $$;
revoke execute on function keep_reading() from public;
create trigger reading_kept before update on reading for each row execute function keep_reading();
create function announce_reading() returns trigger language plpgsql as $$
begin
  perform public.note_change('vitals:' || new.patient_id);
  return null;
end $$;
create trigger reading_announced after insert or update on reading for each row execute function announce_reading();
"""

# What a number means is data: who says so, in which version, and who of the practice has looked at it.
RULES = """
create table vital_rule (
  id integer primary key generated always as identity, measure text not null, unit text not null, part text not null,
  above numeric, at_least numeric, below numeric, at_most numeric, days integer not null default 0,
  finding text not null, protocol text not null, severity text not null, severity_again text not null,
  condition text not null default '', age_from integer not null, age_until integer not null default 2400,
  source text not null, version integer not null default 1,
  reviewed_by uuid references person, reviewed_at timestamptz,
  constraint vital_rule_part check (part in ('', 'pair', 'gain')),
  constraint vital_rule_bound check (num_nonnulls(above, at_least, below, at_most) >= 1),
  constraint vital_rule_reviewed check ((reviewed_by is null) = (reviewed_at is null))
);
create table vital_condition (
  patient_id uuid not null references patient,
  confidentiality text not null default 'N'
    constraint vital_condition_confidentiality check (confidentiality in ('N', 'R', 'V')),
  condition text not null constraint vital_condition_known check (
    condition in ('pregnant', 'copd', 'heart_failure', 'chemotherapy')),
  noted_by uuid not null references person, noted_at timestamptz not null default now(),
  primary key (patient_id, condition)
);
alter table vital_condition enable row level security;
alter table vital_condition force row level security;
create policy vital_condition_view on vital_condition for select using (
  public.actor_has('system') or public.may('view', 'vitals', patient_id, confidentiality));
create policy vital_condition_note on vital_condition for insert with check (
  noted_by = public.actor_person() and public.actor_patient() is null
  and (public.actor_has('nurse') or public.actor_has('clinician'))
  and public.may('act', 'vitals', patient_id, confidentiality));
create policy vital_condition_end on vital_condition for delete using (
  public.actor_patient() is null and (public.actor_has('nurse') or public.actor_has('clinician'))
  and public.may('act', 'vitals', patient_id, confidentiality));
grant select, insert, delete on vital_condition to portal_app;

-- Readings may be shared without anything else of the chart: then this is all of it that they need.
create function vitals_chart()
returns table (patient_id uuid, zone text, birth_date date, confidentiality text, conditions text[])
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'vitals', true);
  return query select p.id, p.zone, p.birth_date, p.confidentiality,
      (select coalesce(array_agg(v.condition), '{}') from vital_condition v where v.patient_id = p.id)
    from patient p where p.id = actor_patient() and may('view', 'vitals', p.id, p.confidentiality);
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function vitals_chart() from public;
grant execute on function vitals_chart() to portal_app;
"""

RULES_SEEN = """
alter table vital_rule enable row level security;
alter table vital_rule force row level security;
create policy vital_rule_view on vital_rule for select using ((select public.actor_person()) is not null);
create policy vital_rule_review on vital_rule for update using (
  public.actor_patient() is null and public.actor_has('clinician'));
grant select on vital_rule to portal_app;
grant update (reviewed_by, reviewed_at) on vital_rule to portal_app;
"""

ACC, ACOG, NEWS2 = "2025 AHA/ACC blood pressure guideline", "ACOG, severe hypertension in pregnancy", "RCP NEWS2 (2017)"
ADA, NHS, FEVER = "ADA Standards of Care, glycemic targets", "NHS, oximetry at home", "NHS, high temperature"
GUIDE, OWN, HEART = "GOLD / BTS oxygen target 88-92", "NEWS2, temperature 35.0 or less", "AHA, weight in heart failure"
# measure, unit, part, bound, value, finding, protocol, severity, severity again, condition, months from, until, source.
SHIPPED = [
    *(("blood_pressure", "mm[Hg]", part, sign, value, finding, protocol, first, again, condition, 216, 2400, source)
      for condition, rows in (
          ("", ((("above", 180), ("above", 120), "severe", "rest_repeat", "urgent", "critical", ACC),
                (("at_least", 140), ("at_least", 90), "high", "rest_repeat", "", "", ACC))),
          ("pregnant", ((("at_least", 160), ("at_least", 110), "severe", "emergency", "critical", "critical", ACOG),
                        (("at_least", 140), ("at_least", 90), "high", "rest_repeat", "urgent", "urgent", ACOG))))
      for top, bottom, finding, protocol, first, again, source in (
          *rows, (("at_least", 130), ("at_least", 80), "raised", "", "", "", ACC))
      for part, (sign, value) in (("", top), ("pair", bottom))),
    *(("blood_pressure", "mm[Hg]", "", sign, value, finding, protocol, first, first, condition, 216, 2400, source)
      for condition in ("", "pregnant")
      for sign, value, finding, protocol, first, source in (
          ("at_least", 120, "elevated", "", "", ACC), ("at_most", 90, "low", "rest_repeat", "urgent", NEWS2))),
    *(("glucose", unit, "", sign, value, finding, protocol, first, again, "", 12, 2400, ADA)
      for unit, values in (("mg/dL", (54, 70, 250, 180)), ("mmol/L", ("3.0", "3.9", "13.9", "10.0")))
      for value, (sign, finding, protocol, first, again) in zip(values, (
          ("below", "very_low", "treat_first", "critical", "critical"),
          ("below", "low", "treat_first", "urgent", "critical"),
          ("above", "very_high", "ketones", "urgent", "urgent"), ("above", "high", "", "", "")), strict=True)),
    ("oxygen", "%", "", "at_most", 92, "low", "reseat", "urgent", "critical", "", 0, 2400, NHS),
    ("oxygen", "%", "", "at_most", 94, "lowish", "reseat", "", "routine", "", 0, 2400, NHS),
    ("oxygen", "%", "", "below", 88, "low", "reseat", "urgent", "critical", "copd", 192, 2400, GUIDE),
    *(("temperature", unit, "", sign, value, finding, "rest_repeat", first, again, condition, since, until, source)
      for unit, fever, cold in (("Cel", "38.0", "35.0"), ("[degF]", "100.4", "95.0"))
      for sign, value, finding, first, again, condition, since, until, source in (
          ("at_least", fever, "fever_baby", "critical", "critical", "", 0, 3, FEVER),
          ("at_least", fever, "fever", "", "", "", 3, 2400, FEVER),
          ("at_least", fever, "fever_risk", "urgent", "critical", "chemotherapy", 0, 2400, FEVER),
          ("below", cold, "cold", "urgent", "urgent", "", 0, 2400, OWN),
          ("below", cold, "cold", "urgent", "urgent", "chemotherapy", 0, 2400, OWN))),
    *((measure, "/min", "", sign, value, finding, "rest_repeat", "urgent", "critical", "", 192, 2400, NEWS2)
      for measure, slow, fast in (("pulse", 40, 131), ("breaths", 8, 25))
      for sign, value, finding in (("at_most", slow, "slow"), ("at_least", fast, "fast"))),
    *(("weight", unit, "gain", "at_least", value, finding, "", "urgent", "urgent", "heart_failure", 216, 2400, HEART)
      for unit, day, week in (("kg", "1.0", "2.3"), ("[lb_av]", "2.2", "5.0"))
      for value, finding in ((day, "gain_day"), (week, "gain_week"))),
]  # fmt: skip
_DAYS = {"gain_day": 1, "gain_week": 7}


def ship_rules() -> None:
    """Write down the ranges that a practice begins with; nobody of it has looked at them yet."""
    for measure, unit, part, sign, value, finding, protocol, first, again, condition, since, until, source in SHIPPED:
        row = {
            "measure": measure, "unit": unit, "part": part, "value": str(value), "days": _DAYS.get(finding, 0),
            "finding": finding, "protocol": protocol, "first": first, "again": again, "condition": condition,
            "since": since, "until": until, "source": source,
        }  # fmt: skip
        op.get_bind().execute(sa.text(
            f"insert into vital_rule (measure, unit, part, {sign}, days, finding, protocol, severity, severity_again,"  # noqa: S608
            " condition, age_from, age_until, source) values (:measure, :unit, :part, cast(:value as numeric), :days,"
            " :finding, :protocol, :first, :again, :condition, :since, :until, :source)"), row)  # fmt: skip


def upgrade() -> None:
    """Keep alerts, readings, and what a reading means."""
    for script in (WHO, CLOCKS, ALERTS, RAISE, READINGS, RULES):
        op.execute(script)
    ship_rules()
    op.execute(RULES_SEEN)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget them."""
    op.execute("""
    drop table vital_condition, vital_rule, reading_change, reading cascade;
    drop function vitals_chart(), announce_reading(), keep_reading();
    drop table alert_event, alert, alert_clock cascade;
    drop function alerted_people(timestamptz),
      raise_alert(uuid, uuid, text, text, text, text, uuid, text, timestamptz), announce_alert(), reads_alerts();
    """)
