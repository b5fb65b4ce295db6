"""What another state of the practice would change for everybody, looked at before it counts.

Why: docs/decisions/0056-rules-by-age.md.
"""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

# For all relations in one query, as `preview_age_rule` does for a version. Of whose patient a state is written down,
# nothing changes. Who was a minor when they were asked is a matter of the state too. `closings` says the same of one.
PREVIEW = """
create function preview_practice_state(p_state text) returns table (
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
    with counting as materialized (
      select false as is_new, coalesce((select p.state from practice p), '') as state union all select true, p_state
    ), known as materialized (
      select c.is_new, k.state, k.effective_from, k.full_until, k.limited_until, k.majority, k.sections
      from counting c join age_rule k on k.state in (c.state, '') where k.withdrawn_at is null
    ), related as materialized (
      select r.id, r.patient_id, r.view_sections, r.invited_at, c.birth_date,
        c.given_name, c.family_name, c.confidentiality
      from related_person r join patient c on c.id = r.patient_id
      where c.state is null and r.status in ('invited', 'active') and (r.valid_until is null or r.valid_until > now())
        and (r.relationship in ('parent', 'guardian') or r.document_kind is not null)
    ), places as materialized (
      select l.zone, l.closed_from, l.name, l.id from location l
    ), turns as (
      select k.is_new, greatest(k.effective_from, today) as on_day from known k
      union select c.is_new, today from counting c
    ), spans as materialized (
      select t.is_new, t.on_day as begins, lead(t.on_day) over (partition by t.is_new order by t.on_day) as ends,
        k.full_until, k.limited_until, k.sections
      from turns t left join lateral (
        select * from known n where n.is_new = t.is_new and n.effective_from <= t.on_day
        order by n.state desc, n.effective_from desc limit 1) k on true
    ), charts as (
      select distinct r.birth_date, s.section from related r cross join unnest(r.view_sections) s (section)
    ), closed as materialized (
      select c.birth_date, c.section, min(d.on_day) filter (where not n.is_new) as before,
        min(d.on_day) filter (where n.is_new) as after
      from charts c cross join spans n
        cross join lateral (select greatest(n.begins, birthday(c.birth_date,
          case when c.section = any (n.sections) then n.limited_until else n.full_until end)) as on_day) d
      where n.ends is null or d.on_day < n.ends
      group by c.birth_date, c.section
    ), bound as materialized (
      select r.id,
        (birthday(r.birth_date, k.was) > i.invited_on) is not false as was_bound,
        (birthday(r.birth_date, k.would_be) > i.invited_on) is not false as would_be_bound
      from related r
        -- As `practice_day` and `age_rule_on`, which cost more by the row than all the rest.
        cross join lateral (select (r.invited_at at time zone coalesce((select l.zone from places l
            where l.closed_from is null or l.closed_from > r.invited_at::date order by l.name, l.id limit 1), 'UTC')
          )::date as invited_on) i
        cross join lateral (select
          (select n.majority from known n where not n.is_new and n.effective_from <= i.invited_on
            order by n.state desc, n.effective_from desc limit 1) as was,
          (select n.majority from known n where n.is_new and n.effective_from <= i.invited_on
            order by n.state desc, n.effective_from desc limit 1) as would_be) k
    ), touched as (
      select r.id, r.patient_id, r.given_name, r.family_name, r.confidentiality, s.section, d.before, d.after
      from related r join bound b on b.id = r.id cross join unnest(r.view_sections) s (section)
        join closed c on c.birth_date = r.birth_date and c.section = s.section
        cross join lateral (select case when b.was_bound then c.before end as before,
          case when b.would_be_bound then c.after end as after) d
      where d.before is distinct from d.after
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
revoke execute on function preview_practice_state(text) from public;
grant execute on function preview_practice_state(text) to portal_app;
"""


def upgrade() -> None:
    """Say what another state would change before it counts."""
    op.execute(PREVIEW)


def downgrade() -> None:
    """Let a state count unseen again."""
    op.execute("drop function preview_practice_state(text)")
