"""Licences with their dates, how video travels, rules by age looked at for all at once, and billing's review."""

from alembic import context, op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# A state in which somebody was licensed stays written down with its last day: that no row is left means that nobody
# keeps licences here, and then nobody is warned.
LICENCES = """
alter table practitioner_licence add column valid_from date, add column set_by uuid references person,
  add column set_at timestamptz,
  add constraint practitioner_licence_days check (valid_until >= valid_from);
grant update (valid_from, set_by, set_at) on practitioner_licence to portal_app;
create trigger practitioner_licence_announced after insert or update or delete on practitioner_licence
  for each statement execute function announce_practice();
"""

VIDEO = """
alter table practice add column video_path text not null default 'direct'
  constraint practice_video_path check (video_path in ('direct', 'hub'));
grant update (video_path) on practice to portal_app;
"""

# What a version that is only thought of would change, for all relations in one query: which rule counts on which days
# is a matter of the states, of which there are few, and a section closes on the first of those days on which the
# patient has reached the age that closes it. `closings` answers the same for one relation.
#
# Of several policies PostgreSQL asks the last by name first: these two let whoever maintains, and asks for all rows, in
# without asking of each row what people may see of it, which took most of the time.
PREVIEW = """
create policy yes_maintenance on patient for select to portal_owner using (is_maintained());
create policy yes_maintenance on related_person for select to portal_owner using (is_maintained());

create or replace function preview_age_rule(
  p_state text, p_from date, p_full int, p_limited int, p_majority int, p_sections text[]
) returns table (
  relation_id uuid, patient_id uuid, given_name text, family_name text, section text, before date, after date
) language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  maintained text := coalesce(current_setting('portal.maintenance', true), '');
  today date := practice_day(now());
  is_attending boolean := attends();
begin
  if not actor_has('manager') or actor_patient() is not null then
    return;
  end if;
  perform set_config('portal.maintenance', 'ages', true);
  return query
    with known as materialized (
      select k.is_new, r.state, r.effective_from, r.full_until, r.limited_until, r.majority, r.sections
        from age_rule r cross join (values (false), (true)) k (is_new) where r.withdrawn_at is null
      union all select true, p_state, p_from, p_full, p_limited, p_majority, p_sections
    ), related as materialized (
      select r.id, r.patient_id, r.view_sections, r.invited_at, c.birth_date,
        c.given_name, c.family_name, c.confidentiality,
        coalesce(c.state, (select p.state from practice p), '') as state
      from related_person r join patient c on c.id = r.patient_id
      where r.status in ('invited', 'active') and (r.valid_until is null or r.valid_until > now())
        and (r.relationship in ('parent', 'guardian') or r.document_kind is not null)
    ), places as materialized (
      select l.zone, l.closed_from, l.name, l.id from location l
    ), turns as (
      select distinct o.state, k.is_new, greatest(k.effective_from, today) as on_day
      from (select distinct r.state from related r where p_state in (r.state, '')) o
        join known k on k.state in (o.state, '')
      union
      select o.state, n.is_new, today from (select distinct r.state from related r where p_state in (r.state, '')) o
        cross join (values (false), (true)) n (is_new)
    ), spans as materialized (
      select t.state, t.is_new, t.on_day as begins,
        lead(t.on_day) over (partition by t.state, t.is_new order by t.on_day) as ends,
        k.full_until, k.limited_until, k.sections
      from turns t left join lateral (
        select * from known n where n.is_new = t.is_new and n.state in (t.state, '') and n.effective_from <= t.on_day
        order by n.state desc, n.effective_from desc limit 1) k on true
    ), charts as (
      select distinct r.state, r.birth_date, s.section from related r cross join unnest(r.view_sections) s (section)
      where p_state in (r.state, '')
    ), closed as materialized (
      select c.state, c.birth_date, c.section, min(d.on_day) filter (where not n.is_new) as before,
        min(d.on_day) filter (where n.is_new) as after
      from charts c join spans n on n.state = c.state
        cross join lateral (select greatest(n.begins, birthday(c.birth_date,
          case when c.section = any (n.sections) then n.limited_until else n.full_until end)) as on_day) d
      where n.ends is null or d.on_day < n.ends
      group by c.state, c.birth_date, c.section
    ), touched as (
      select r.id, r.patient_id, r.given_name, r.family_name, r.confidentiality, s.section, c.before, c.after
      from related r cross join unnest(r.view_sections) s (section)
        join closed c on c.state = r.state and c.birth_date = r.birth_date and c.section = s.section
        -- As `practice_day` and `age_rule_on`, which cost more by the row than all the rest.
        cross join lateral (select (r.invited_at at time zone coalesce((select l.zone from places l
            where l.closed_from is null or l.closed_from > r.invited_at::date order by l.name, l.id limit 1), 'UTC')
          )::date as invited_on) i
        left join lateral (
          select n.majority from known n where not n.is_new and n.state in (r.state, '')
            and n.effective_from <= i.invited_on order by n.state desc, n.effective_from desc limit 1) k on true
      where c.before is distinct from c.after
        and (birthday(r.birth_date, k.majority) > i.invited_on) is not false
    ), seen as materialized (
      select x.patient_id from (select distinct t.patient_id, t.confidentiality from touched t) x
      where is_attending and may('view', 'profile', x.patient_id, x.confidentiality)
    )
    select t.id, s.patient_id, case when s.patient_id is not null then t.given_name end,
      case when s.patient_id is not null then t.family_name end, t.section, t.before, t.after
    from touched t left join seen s on s.patient_id = t.patient_id
    order by t.family_name, t.given_name, t.id, t.section;
  perform set_config('portal.maintenance', maintained, true);
end $$;
"""

# Where billing is with a charge that waits, and why it was corrected. Whoever corrects or reviews does so in their own
# name, which the triggers see to; a correction has to be reviewed anew.
CHARGES = """
alter table charge_item add column reason text, add column review text not null default 'open'
  constraint charge_item_review check (review in ('open', 'ready', 'held')),
  add column held_because text, add column reviewed_by uuid references person, add column reviewed_at timestamptz,
  add constraint charge_item_reviewed check (
    (review = 'held') = (held_because is not null) and (review = 'open' or reviewed_by is not null));
alter table charge_item_change add column reason text;
grant update (reason, review, held_because, reviewed_by, reviewed_at) on charge_item to portal_app;
drop policy charge_item_correct on charge_item;
create policy charge_item_correct on charge_item for update using (
  status = 'billable' and public.sees_charges('act', patient_id, confidentiality))
  with check (public.sees_charges('act', patient_id, confidentiality));

create or replace function keep_charge() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.sequence <> old.sequence + 1 or new.entered_by is distinct from actor_person() then
    raise insufficient_privilege using message = 'a charge is corrected one step at a time, by whoever corrects it';
  end if;
  insert into charge_item_change (charge_item_id, patient_id, confidentiality, sequence, service_code, modifier,
      place_of_service, diagnoses, entered_by, entered_at, reason)
    values (old.id, old.patient_id, old.confidentiality, old.sequence, old.service_code, old.modifier,
      old.place_of_service, old.diagnoses, old.entered_by, old.entered_at, old.reason);
  new.review := 'open'; new.held_because := null; new.reviewed_by := null; new.reviewed_at := null;
  return new;
end $$;
create function guard_charge_review() returns trigger language plpgsql as $$
begin
  if (new.review, new.reviewed_by) is distinct from (old.review, old.reviewed_by) and new.review <> 'open'
    and (new.reviewed_by is distinct from public.actor_person() or not public.actor_has('billing')) then
    raise insufficient_privilege using message = 'billing reviews charges, each in their own name';
  end if;
  return new;
end $$;
create trigger charge_item_reviewed before update of review, reviewed_by on charge_item
  for each row execute function guard_charge_review();
create index charge_item_by_review on charge_item (review, served_at) where status = 'billable';

-- Whose charges they are, for billing, who sees nothing else of a chart.
create function names_for_billing(p_patients uuid[]) returns table (
  patient_id uuid, given_name text, family_name text, birth_date date
) language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if not actor_has('billing') or actor_patient() is not null then
    return;
  end if;
  perform set_config('portal.maintenance', 'names', true);
  return query select c.id, c.given_name, c.family_name, c.birth_date from patient c where c.id = any (p_patients)
    and exists (select from charge_item i where i.patient_id = c.id
      and may('view', 'bills', i.patient_id, i.confidentiality));
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function names_for_billing(uuid[]) from public;
grant execute on function names_for_billing(uuid[]) to portal_app;
"""

# A visit that was handed over is found by who sees it, and its note follows when it is signed.
HANDED_OVER = """
create index visit_of_practitioner on visit (practitioner_id, opened_at);
grant update (practitioner_id) on clinical_note to portal_app;
"""

# By months that are over, so that no single answer shows by how a sum moves. Groups of few people stand together in
# one row of their month, and if they are few even so, without numbers.
RATINGS = """
drop function visit_rating_sums(timestamptz);
create function visit_rating_report(p_since timestamptz, p_few int) returns table (
  month date, practitioner_name text, modality text, answers int, good int, fair int, bad int
) language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  this_month date := date_trunc('month', practice_day(now()))::date;
  zone text := coalesce((select l.zone from location l order by l.name, l.id limit 1), 'UTC');
begin
  if not actor_has('manager') or actor_patient() is not null then
    return;
  end if;
  perform set_config('portal.maintenance', 'ratings', true);
  return query
    with said as (
      select date_trunc('month', r.rated_at at time zone zone)::date as month, e.practitioner_id, e.modality,
        r.patient_id, r.stars
      from visit_rating r join encounter e on e.appointment_id = r.appointment_id where r.rated_at >= p_since
    ), sized as (
      select s.month, s.practitioner_id, s.modality, count(distinct s.patient_id) >= greatest(p_few, 5) as is_shown
      from said s where s.month < this_month group by s.month, s.practitioner_id, s.modality
    ), grouped as (
      select s.month, case when z.is_shown then s.practitioner_id end as practitioner_id,
        case when z.is_shown then s.modality end as modality, s.patient_id, s.stars
      from said s join sized z on (z.month, z.practitioner_id, z.modality) = (s.month, s.practitioner_id, s.modality)
    ), counted as (
      select g.month, g.practitioner_id, g.modality, count(distinct g.patient_id) >= greatest(p_few, 5) as is_shown,
        count(*)::int as answers, count(*) filter (where g.stars >= 4)::int as good,
        count(*) filter (where g.stars = 3)::int as fair, count(*) filter (where g.stars <= 2)::int as bad
      from grouped g group by g.month, g.practitioner_id, g.modality
    )
    select c.month, coalesce(trim(p.title || ' ' || p.name), ''), coalesce(c.modality, ''),
      case when c.is_shown then c.answers end, case when c.is_shown then c.good end,
      case when c.is_shown then c.fair end, case when c.is_shown then c.bad end
    from counted c left join practitioner p on p.id = c.practitioner_id
    order by c.month desc, p.name nulls last, c.modality;
  perform set_config('portal.maintenance', before, true);
end $$;
revoke execute on function visit_rating_report(timestamptz, int) from public;
grant execute on function visit_rating_report(timestamptz, int) to portal_app;
"""


def upgrade() -> None:
    """Add what managers keep and what billing does."""
    for script in (LICENCES, VIDEO, PREVIEW, CHARGES, HANDED_OVER, RATINGS):
        op.execute(script)


def downgrade() -> None:
    """Drop it."""
    charges = context.script.get_revision("0030").module
    op.execute("drop function visit_rating_report(timestamptz, int)")
    op.execute(_again(charges.RATINGS, "visit_rating_sums").replace("create or replace", "create", 1))
    op.execute("""
    revoke execute on function visit_rating_sums(timestamptz) from public;
    grant execute on function visit_rating_sums(timestamptz) to portal_app;
    drop index visit_of_practitioner;
    revoke update (practitioner_id) on clinical_note from portal_app;
    drop function names_for_billing(uuid[]);
    drop trigger charge_item_reviewed on charge_item;
    drop function guard_charge_review();
    drop index charge_item_by_review;
    drop policy charge_item_correct on charge_item;
    create policy charge_item_correct on charge_item for update using (
      status = 'billable' and public.sees_charges('act', patient_id, confidentiality))
      with check (entered_by = public.actor_person());
    """)
    op.execute(_again(charges.CHARGES, "keep_charge"))
    op.execute("""
    alter table charge_item_change drop column reason;
    alter table charge_item drop column reason, drop column review, drop column held_because,
      drop column reviewed_by, drop column reviewed_at;
    """)
    before = context.script.get_revision("0025").module
    op.execute("drop policy yes_maintenance on patient; drop policy yes_maintenance on related_person")
    op.execute(_again(before.ASKED, "preview_age_rule"))
    op.execute("""
    alter table practice drop column video_path;
    drop trigger practitioner_licence_announced on practitioner_licence;
    alter table practitioner_licence drop constraint practitioner_licence_days, drop column valid_from,
      drop column set_by, drop column set_at;
    """)


def _again(script: str, name: str) -> str:
    """Return the statement of an earlier migration that made a function, to be run over the one of now."""
    rest = script[script.index(f"create function {name}(") :]
    return "create or replace" + rest[len("create") : rest.index("end $$;")] + "end $$;"
