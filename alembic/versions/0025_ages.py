"""Rules by age, per state, and limits that come before them: they narrow what a parent's relation grants."""

from alembic import context, op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# A version of a rule is never changed: it is followed by the next one, or taken back before it takes effect. The rule
# of no state ('') counts where a state has none of its own. `reason` and `lift_reason` are encrypted.
TABLES = """
alter table practice add column state text not null default ''
  constraint practice_state check (state ~ '^([A-Z]{2})?$');
alter table patient add column state text constraint patient_state check (state ~ '^[A-Z]{2}$');
grant update (state) on patient, practice to portal_app;

create table age_rule (
  id uuid primary key, state text not null constraint age_rule_state check (state ~ '^([A-Z]{2})?$'),
  effective_from date not null, full_until smallint not null, limited_until smallint not null,
  majority smallint not null, own_from smallint not null, sections text[] not null, source text not null,
  is_example boolean not null default false, replaces uuid references age_rule,
  made_by uuid not null references person, made_at timestamptz not null,
  reviewed_by uuid references person, reviewed_at timestamptz,
  withdrawn_by uuid references person, withdrawn_at timestamptz,
  constraint age_rule_ages check (full_until between 0 and limited_until and limited_until <= majority
    and majority between 16 and 21 and own_from between 10 and majority),
  constraint age_rule_sections check (
    sections <@ '{booking,forms,vitals,messages,results,notes,bills,visits}'::text[])
);
create unique index age_rule_dated on age_rule (state, effective_from) where withdrawn_at is null;
create unique index age_rule_followed_once on age_rule (replaces) where withdrawn_at is null;

create table relation_limit (
  id uuid primary key, relation_id uuid not null references related_person on delete cascade,
  patient_id uuid not null references patient on delete cascade,
  confidentiality text not null default 'R'
    constraint relation_limit_confidentiality check (confidentiality in ('N', 'R', 'V')),
  kind text not null constraint relation_limit_kind check (kind in ('court', 'abuse')),
  sections text[] not null, document_id uuid references stored_file on delete set null, reason text not null,
  set_by uuid not null references person, set_at timestamptz not null,
  lifted_by uuid references person, lifted_at timestamptz, lift_reason text,
  constraint relation_limit_lifted check ((lifted_at is null) = (lift_reason is null))
);
create index ix_relation_limit_relation_id on relation_limit (relation_id);
create index ix_relation_limit_patient_id on relation_limit (patient_id);

-- A relation's sections may close at different times: a grant for each of them.
alter table access_grant add column part smallint not null default 0;
alter table access_grant drop constraint access_grant_once, add constraint access_grant_once
  unique nulls not distinct (grantee, patient_id, basis, min_assurance, verbs, part);
"""

POLICIES = """
alter table age_rule enable row level security;
alter table age_rule force row level security;
create policy age_rule_view on age_rule for select using (actor_person() is not null);
create policy age_rule_add on age_rule for insert with check (
  (actor_has('manager') and made_by = actor_person() and not is_example and withdrawn_at is null)
  or actor_has('system'));
create policy age_rule_change on age_rule for update using (actor_has('manager'));
grant select, insert, update (reviewed_by, reviewed_at, withdrawn_by, withdrawn_at) on age_rule to portal_app;

-- For staff alone, and never for anybody who acts for a chart, the patient's own phone included: it may be looked at.
alter table relation_limit enable row level security;
alter table relation_limit force row level security;
create policy relation_limit_view on relation_limit for select using (
  actor_patient() is null and may('view', 'profile', patient_id, confidentiality));
create policy relation_limit_add on relation_limit for insert with check (
  actor_patient() is null and may('act', 'profile', patient_id, confidentiality) and set_by = actor_person()
  and lifted_at is null);
create policy relation_limit_change on relation_limit for update using (
  actor_patient() is null and may('act', 'profile', patient_id, confidentiality))
  with check (lifted_by = actor_person());
grant select, insert, update (lifted_by, lifted_at, lift_reason) on relation_limit to portal_app;
"""

RULES = """
create function practice_day(p_at timestamptz) returns date language sql stable
  return (p_at at time zone coalesce((select l.zone from public.location l
    where l.closed_from is null or l.closed_from > p_at::date order by l.name, l.id limit 1), 'UTC'))::date;
create function practice_midnight(p_day date) returns timestamptz language sql stable
  return p_day::timestamp at time zone coalesce((select l.zone from public.location l
    where l.closed_from is null or l.closed_from > p_day order by l.name, l.id limit 1), 'UTC');
create function birthday(p_birth date, p_age int) returns date language sql immutable
  return (p_birth + make_interval(years => p_age))::date;

-- What is open by age from each day on at which that changes, the day asked for first; null is all. `p_more` is a
-- version that is only thought of.
create function turns_by_age(p_birth date, p_state text, p_day date, p_more age_rule)
returns table (on_day date, open text[]) language sql stable as $$
  with known as (
    select r.* from age_rule r where r.withdrawn_at is null and r.state in (p_state, '')
    union all
    select p_more.* where p_more.id is not null and p_more.state in (p_state, '')
  ), days as (
    select p_day as on_day
    union select k.effective_from from known k where k.effective_from > p_day
    union select birthday(p_birth, a.years) from known k
      cross join lateral (values (k.full_until), (k.limited_until), (k.majority)) a (years)
      where birthday(p_birth, a.years) > p_day
  )
  select d.on_day, case
    when k.id is null or birthday(p_birth, k.limited_until) <= d.on_day then '{}'::text[]
    when birthday(p_birth, k.full_until) <= d.on_day then k.sections end
  from days d left join lateral (
    select * from known n where n.effective_from <= d.on_day order by n.state desc, n.effective_from desc limit 1) k
    on true
  order by d.on_day
$$;
create function age_rule_on(p_state text, p_day date) returns age_rule language sql stable as $$
  select r.* from age_rule r where r.withdrawn_at is null and r.state in (p_state, '') and r.effective_from <= p_day
  order by r.state desc, r.effective_from desc limit 1
$$;

-- Rules by age touch parents and guardians, and whoever the practice set, of somebody who was a minor then.
create function is_bound_by_age(p_relation related_person, p_birth date, p_state text) returns boolean
language sql stable as $$
  select (p_relation.relationship in ('parent', 'guardian') or p_relation.document_kind is not null)
    and birthday(p_birth, (age_rule_on(p_state, d.day)).majority) > d.day
  from (select practice_day(p_relation.invited_at) as day) d
$$;
create function state_of(p_patient uuid) returns text language sql stable as $$
  select coalesce((select c.state from patient c where c.id = p_patient), (select p.state from practice p), '')
$$;

create function signs_in_by_age(p_patient uuid, p_birth date) returns boolean language sql stable as $$
  select birthday(p_birth, coalesce((age_rule_on(state_of(p_patient), practice_day(now()))).own_from, 0))
    <= practice_day(now())
$$;

-- The day on which each section of a relation closes by age; null is never, and a past day has passed already.
create function closings(p_relation related_person, p_more age_rule)
returns table (section text, closes_on date) language plpgsql stable as $$
declare
  born date := (select c.birth_date from patient c where c.id = p_relation.patient_id);
  counts text := state_of(p_relation.patient_id);
begin
  if not is_bound_by_age(p_relation, born, counts) then
    return query select v.section, null::date from unnest(p_relation.view_sections) v (section);
    return;
  end if;
  return query
    with turns as materialized (select * from turns_by_age(born, counts, practice_day(now()), p_more))
    select v.section, (select min(t.on_day) from turns t where t.open is not null and v.section <> all (t.open))
    from unnest(p_relation.view_sections) v (section);
end $$;
"""

# Grants stay the shadow of relations. What closes by age is granted until that midnight, so that a birthday passes
# without anybody's doing; what opens waits for whoever writes the grants anew. All of it runs as the owner.
GRANTS = """
-- Limits follow the person, not one relation: whoever is invited anew, or by another address, brings them along.
create function is_limited(p_relation related_person, p_section text) returns boolean language sql stable as $$
  select exists (
    select from relation_limit l join related_person o on o.id = l.relation_id
    where l.patient_id = p_relation.patient_id and l.lifted_at is null
      and (o.id = p_relation.id or o.person_id = p_relation.person_id or o.email_index = p_relation.email_index)
      and (l.kind = 'abuse' or p_section = any (l.sections)))
$$;

create function write_grants(p_relation related_person) returns boolean language plpgsql as $$
declare
  by_code constant text[] := '{booking,forms,visits,profile}';
  before text;
  after text;
begin
  select string_agg(concat_ws('|', g.sections, g.verbs, g.valid_until), ';' order by g.sections, g.verbs) into before
    from access_grant g where g.grantee = p_relation.person_id and g.patient_id = p_relation.patient_id
      and g.basis = 'caregiver';
  delete from access_grant g where g.grantee = p_relation.person_id and g.patient_id = p_relation.patient_id
    and g.basis = 'caregiver';
  if p_relation.status = 'active' then
    insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis, valid_until, part)
      select p_relation.person_id, p_relation.patient_id, array_agg(s.section order by s.section), s.verbs, 'N',
        s.assurance, 'caregiver', s.until,
        row_number() over (partition by s.verbs, s.assurance order by s.until nulls first) - 1
      from (select c.section,
                   case when c.section = any (p_relation.act_sections) then '{view,act}' else '{view}' end::text[]
                     as verbs,
                   case when c.section = any (by_code) then 1 else 2 end as assurance,
                   least(p_relation.valid_until, practice_midnight(c.closes_on)) as until
            from closings(p_relation, null) c
            where (c.closes_on is null or practice_midnight(c.closes_on) > now())
              and not is_limited(p_relation, c.section)) s
      group by s.verbs, s.assurance, s.until;
  end if;
  select string_agg(concat_ws('|', g.sections, g.verbs, g.valid_until), ';' order by g.sections, g.verbs) into after
    from access_grant g where g.grantee = p_relation.person_id and g.patient_id = p_relation.patient_id
      and g.basis = 'caregiver';
  if after is null then
    update session s set ended_at = now(), ended_because = 'revoked'
      where s.person_id = p_relation.person_id and s.patient_id = p_relation.patient_id and s.ended_at is null
        and not exists (select from access_grant g where g.grantee = p_relation.person_id
                          and g.patient_id = p_relation.patient_id and g.basis = 'self');
  end if;
  if before is distinct from after then
    perform note_change('patient:' || p_relation.patient_id), note_change('caregivers:' || p_relation.patient_id);
  end if;
  return before is distinct from after;
end $$;

create or replace function grant_by_relation() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if new.person_id is null or (new.status <> 'active' and (tg_op = 'INSERT' or old.status <> 'active')) then
    return null;
  end if;
  perform set_config('portal.maintenance', 'caregivers', true);
  if new.status = 'active' then
    insert into person_role (id, person_id, role) values (gen_random_uuid(), new.person_id, 'caregiver')
      on conflict do nothing;
  end if;
  perform write_grants(new);
  perform set_config('portal.maintenance', before, true);
  perform note_change('patient:' || new.patient_id);
  return null;
end $$;

-- A limit counts at once, and so does its end.
create function grant_by_limit() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  relation related_person;
begin
  perform set_config('portal.maintenance', 'ages', true);
  select * into relation from related_person r where r.id = new.relation_id and r.patient_id = new.patient_id;
  if not found then
    raise insufficient_privilege using message = 'a limit is of a relation of that chart';
  end if;
  for relation in
    select r.* from related_person r where r.patient_id = new.patient_id and r.status = 'active'
      and (r.id = relation.id or r.person_id = relation.person_id or r.email_index = relation.email_index)
  loop
    perform write_grants(relation);
  end loop;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
create trigger relation_limit_grants after insert or update on relation_limit
  for each row execute function grant_by_limit();

-- Grants of relations that age may touch, written anew where a rule, or the state that counts, has changed.
create function grant_by_rule() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  relation related_person;
begin
  perform set_config('portal.maintenance', 'ages', true);
  for relation in
    select r.* from related_person r where r.status = 'active'
      and (r.relationship in ('parent', 'guardian') or r.document_kind is not null)
      and (tg_table_name <> 'patient' or r.patient_id = new.id)
  loop
    perform write_grants(relation);
  end loop;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
create trigger age_rule_grants after insert or update of withdrawn_at on age_rule
  for each row execute function grant_by_rule();
create trigger patient_age_grants after update of state, birth_date on patient
  for each row when (old.state is distinct from new.state or old.birth_date <> new.birth_date)
  execute function grant_by_rule();
create trigger practice_age_grants after update of state on practice
  for each row when (old.state <> new.state) execute function grant_by_rule();

create function guard_age_rule() returns trigger language plpgsql as $$
begin
  if new.withdrawn_at is distinct from old.withdrawn_at
      and (old.withdrawn_at is not null or old.effective_from <= practice_day(now())) then
    raise insufficient_privilege using message = 'a rule that has taken effect stays';
  end if;
  return new;
end $$;
create trigger age_rule_guard before update on age_rule for each row execute function guard_age_rule();
create function guard_new_age_rule() returns trigger language plpgsql as $$
begin
  if new.effective_from <= practice_day(now()) and not actor_has('system') then
    raise insufficient_privilege using message = 'a rule takes effect tomorrow at the earliest';
  end if;
  return new;
end $$;
create trigger age_rule_dated_ahead before insert on age_rule for each row execute function guard_new_age_rule();
"""

# What needs rows that whoever asks may not see by themself; each function says no more than it must.
ASKED = """
create or replace function charts_acted_for(p_invitation text) returns table (
  id uuid, patient_id uuid, given_name text, family_name text, relationship text, status text,
  view_sections text[], act_sections text[], valid_until timestamptz, answer_by timestamptz
) language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'caregivers', true);
  -- What is open now, not what was shared once; a chart of which nothing is open is not there.
  return query
    select r.id, r.patient_id, p.given_name, p.family_name, r.relationship, r.status,
           case when p_invitation is null then o.viewed else r.view_sections end,
           case when p_invitation is null then coalesce(o.acted_in, '{}') else r.act_sections end,
           r.valid_until, r.answer_by
    from related_person r join patient p on p.id = r.patient_id
      cross join lateral (
        select array_agg(s.section) as viewed, array_agg(s.section) filter (where 'act' = any (g.verbs)) as acted_in
        from access_grant g cross join lateral unnest(g.sections) s (section)
        where g.grantee = r.person_id and g.patient_id = r.patient_id and g.basis = 'caregiver'
          and (g.valid_until is null or g.valid_until > now())) o
    where actor_person() is not null and case when p_invitation is null
      then r.person_id = actor_person() and r.status = 'active' and o.viewed is not null
      else r.secret_hash = p_invitation end
    order by p.given_name, p.family_name, r.id;
  perform set_config('portal.maintenance', before, true);
end $$;

-- What of the charts somebody acts for is closed by age, or will be, with the age that says so. A limit is never told:
-- what it closes is not named, and of whoever may see nothing by it nothing is said.
create function closed_by_age() returns table (
  patient_id uuid, given_name text, section text, from_age int, closes_on date, is_closed boolean
) language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'ages', true);
  return query
    select r.patient_id, p.given_name, c.section,
      (case when c.section = any (k.sections) then k.limited_until else k.full_until end)::int, c.closes_on,
      practice_midnight(c.closes_on) <= now()
    from related_person r join patient p on p.id = r.patient_id
      cross join lateral closings(r, null) c
      cross join lateral age_rule_on(state_of(r.patient_id), greatest(c.closes_on, practice_day(now()))) k
    where r.person_id = actor_person() and r.status = 'active' and c.closes_on is not null
      and (r.valid_until is null or r.valid_until > greatest(now(), practice_midnight(c.closes_on)))
      and not is_limited(r, c.section)
    order by p.given_name, r.id, c.section;
  perform set_config('portal.maintenance', before, true);
end $$;

-- What a version that is only thought of would change for the relations there are, for managers. Whose they are, only
-- to whoever may see that.
create function preview_age_rule(
  p_state text, p_from date, p_full int, p_limited int, p_majority int, p_sections text[]
) returns table (
  relation_id uuid, patient_id uuid, given_name text, family_name text, section text, before date, after date
) language plpgsql security definer set search_path = public, pg_temp as $$
declare
  maintained text := coalesce(current_setting('portal.maintenance', true), '');
  more age_rule;
begin
  if not actor_has('manager') or actor_patient() is not null then
    return;
  end if;
  more.id := gen_random_uuid(); more.state := p_state; more.effective_from := p_from; more.full_until := p_full;
  more.limited_until := p_limited; more.majority := p_majority; more.sections := p_sections;
  perform set_config('portal.maintenance', 'ages', true);
  return query
    select r.id, case when s.is_seen then c.id end, case when s.is_seen then c.given_name end,
      case when s.is_seen then c.family_name end, n.section, n.closes_on, t.closes_on
    from related_person r join patient c on c.id = r.patient_id
      cross join lateral (select may('view', 'profile', c.id, c.confidentiality) as is_seen) s
      cross join lateral closings(r, null) n join lateral closings(r, more) t on t.section = n.section
    where r.status in ('invited', 'active') and (r.valid_until is null or r.valid_until > now())
      and (r.relationship in ('parent', 'guardian') or r.document_kind is not null)
      and n.closes_on is distinct from t.closes_on
    order by c.family_name, c.given_name, r.id, n.section;
  perform set_config('portal.maintenance', maintained, true);
end $$;

-- What has closed by age is taken out of the grants, which tells open pages and ends the sessions that have nothing
-- left; on the day a version takes effect, what it opens is put in. Done by the system alone.
create function turn_ages() returns int language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  relation related_person;
  turned int := 0;
begin
  if not actor_has('system') then
    return 0;
  end if;
  perform set_config('portal.maintenance', 'ages', true);
  for relation in
    select r.* from related_person r where r.status = 'active' and (r.valid_until is null or r.valid_until > now())
      and (exists (select from access_grant g where g.grantee = r.person_id and g.patient_id = r.patient_id
                     and g.basis = 'caregiver' and g.valid_until <= now())
        or ((r.relationship in ('parent', 'guardian') or r.document_kind is not null) and exists (
          select from age_rule k where k.withdrawn_at is null and k.effective_from = practice_day(now()))))
  loop
    turned := turned + write_grants(relation)::int;
  end loop;
  perform set_config('portal.maintenance', before, true);
  return turned;
end $$;
revoke execute on function grant_by_limit(), grant_by_rule(), closed_by_age(), turn_ages(),
  preview_age_rule(text, date, int, int, int, text[]) from public;
grant execute on function closed_by_age(), turn_ages(), preview_age_rule(text, date, int, int, int, text[])
  to portal_app;
"""

_ALL_LIMITED = "{booking,bills,forms,visits}"
_SHIPPED = (
    ("", 12, 18, 18, 13, _ALL_LIMITED, "45 CFR 164.502(g)(3): the law of each state decides. Ages chosen by us."),
    ("AL", 14, 19, 19, 14, "{booking,bills}", "Code of Alabama 26-1-1 (of age at 19). Other ages chosen by us."),
    ("CA", 12, 18, 18, 12, "{booking,bills}", "California Family Code 6924, 6926; Health and Safety Code 123115."),
    ("NE", 13, 19, 19, 13, _ALL_LIMITED, "Nebraska Revised Statutes 43-2101 (of age at 19)."),
    ("NY", 12, 18, 18, 12, _ALL_LIMITED, "New York Public Health Law 17, 18, 2504."),
    ("TX", 13, 18, 18, 15, "{booking,bills,forms,messages,visits}", "Texas Family Code 32.003, 32.004."),
    ("WA", 13, 18, 18, 13, "{booking,bills}", "Revised Code of Washington 71.34.530 (care at 13), 70.02.130."),
)

# Examples, so that something careful counts from the first day; every screen says that they are.
EXAMPLES = "set local portal.maintenance = 'ages';" + "".join(
    f"""
insert into age_rule (id, state, effective_from, full_until, limited_until, majority, own_from, sections, source,
  is_example, made_by, made_at) values (gen_random_uuid(), '{state}', date '2000-01-01', {full}, {limited}, {majority},
  {own}, '{sections}', '{source}', true, '00000000-0000-4000-8000-000000000001', timestamptz '2026-01-01 00:00+00');
"""  # noqa: S608 - written here
    for state, full, limited, majority, own, sections, source in _SHIPPED
)


def upgrade() -> None:
    """Let age narrow what a parent may see, and limits close it."""
    for script in (TABLES, POLICIES, RULES, GRANTS, ASKED):
        op.execute(script)
    op.execute("call allow_maintenance()")
    # The guard of new rules asks who adds them.
    op.execute("set local portal.roles = '{system}'")
    op.execute(EXAMPLES)
    op.execute("set local portal.maintenance = ''; set local portal.roles = ''")


def downgrade() -> None:
    """Let relations grant what was shared, whatever the age."""
    before = context.script.get_revision("0018").module
    op.execute("""
    drop function closed_by_age(), turn_ages(), preview_age_rule(text, date, int, int, int, text[]);
    drop table relation_limit, age_rule cascade;
    drop trigger patient_age_grants on patient;
    drop trigger practice_age_grants on practice;
    """)
    op.execute(_again(before.GRANTS, "grant_by_relation"))
    op.execute(_again(before.ACTING, "charts_acted_for"))
    op.execute("""
    drop function signs_in_by_age(uuid, date);
    drop function grant_by_limit(), grant_by_rule(), guard_age_rule(), guard_new_age_rule(), state_of(uuid),
      birthday(date, int), practice_midnight(date), practice_day(timestamptz);
    set local portal.maintenance = 'ages';
    delete from access_grant where part > 0;
    set local portal.maintenance = '';
    alter table access_grant drop constraint access_grant_once, drop column part;
    alter table access_grant add constraint access_grant_once
      unique nulls not distinct (grantee, patient_id, basis, min_assurance, verbs);
    alter table patient drop column state;
    alter table practice drop column state;
    drop function write_grants(related_person), is_bound_by_age(related_person, date, text),
      is_limited(related_person, text);
    """)


def _again(script: str, name: str) -> str:
    """Return the statement of an earlier migration that made a function, to be run over the one of now."""
    rest = script[script.index(f"create function {name}(") :]
    return "create or replace" + rest[len("create") : rest.index("end $$;")] + "end $$;"
