"""How somebody wishes to be reached stands in their chart; what rests on law or a court only the practice ends.

The wish was kept with the first steps, which nobody reads again once they are done. Why:
docs/decisions/0103-how-to-reach-somebody.md. That a patient ends no such relation was refused by the service alone.
Why: docs/decisions/0098-whose-will-a-document-is.md.
"""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

REACHED = """
select set_config('portal.maintenance', '0064', true);
alter table patient add reached_by text constraint patient_reached_by check (reached_by in ('mail', 'phone'));
grant update (reached_by) on patient to portal_app;
update patient c set reached_by = o.channel from onboarding o where o.patient_id = c.id and o.channel is not null;
alter table onboarding drop channel;
select set_config('portal.maintenance', '', true);
"""
REACHED_BEFORE = """
select set_config('portal.maintenance', '0064', true);
alter table onboarding add channel text constraint onboarding_channel check (channel in ('mail', 'phone'));
grant update (channel) on onboarding to portal_app;
update onboarding o set channel = c.reached_by from patient c where o.patient_id = c.id and c.reached_by is not null;
alter table patient drop reached_by;
select set_config('portal.maintenance', '', true);
"""

# The same rule as `features/access/rules.rests_on_own_will`, which a test holds it to. What has run out by itself the
# patient may put away: it gives nothing any more.
SET_BY_PRACTICE = """
create function rests_on_own_will(p_relation related_person) returns boolean language sql stable as $$
  select p_relation.document_kind is null or (
    p_relation.relationship <> 'guardian'
    and (select public.is_bound_by_age(p_relation, c.birth_date, public.state_of(c.id)) from public.patient c
         where c.id = p_relation.patient_id) is false
    and (p_relation.document_kind = 'consent' or (p_relation.document_kind = 'power_of_attorney' and not exists (
      select from public.related_person o where o.patient_id = p_relation.patient_id
        and o.document_kind = 'court_order' and o.status in ('invited', 'active')
        and (o.valid_until is null or o.valid_until > now())))))
$$;
create function guard_set_by_practice() returns trigger language plpgsql as $$
begin
  if old.document_kind is null or public.actor_patient() is distinct from old.patient_id
    or not public.decides_on_proxies(old.patient_id, old.confidentiality) then
    return new;
  end if;
  if (new.view_sections, new.act_sections, new.valid_until, new.answer_by, new.person_id, new.secret_hash,
      new.accepted_at, new.declined_at, new.used_at)
    is distinct from (old.view_sections, old.act_sections, old.valid_until, old.answer_by, old.person_id,
      old.secret_hash, old.accepted_at, old.declined_at, old.used_at) then
    raise insufficient_privilege using message = 'the practice changes what it set';
  end if;
  if (new.status, new.ended_at, new.ended_by) is distinct from (old.status, old.ended_at, old.ended_by)
    and not coalesce(old.valid_until <= now(), false) and not (old.status = 'invited' and old.answer_by <= now())
    and not public.rests_on_own_will(old) then
    raise insufficient_privilege using message = 'the practice ends what rests on law or a court';
  end if;
  return new;
end $$;
create trigger related_person_set_by_practice before update on related_person
  for each row execute function guard_set_by_practice();
"""
SET_BY_PRACTICE_BEFORE = """
drop trigger related_person_set_by_practice on related_person;
drop function guard_set_by_practice(), rests_on_own_will(related_person);
"""


def upgrade() -> None:
    """Move the wish into the chart, and refuse in the database too what the service refuses."""
    op.execute(REACHED)
    op.execute(SET_BY_PRACTICE)


def downgrade() -> None:
    """Keep the wish with the first steps again; who never took those has none any more."""
    op.execute(SET_BY_PRACTICE_BEFORE)
    op.execute(REACHED_BEFORE)
