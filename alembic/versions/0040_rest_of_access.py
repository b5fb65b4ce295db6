"""What was left of who may see what: a small child's looks, a teen's call-back, and rights looked up in fewer steps."""

from collections.abc import Iterator

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

# `own_limit` asked `may` up to three times, and a caregiver's page, which stays within 'N', paid for all three. These
# are the conditions of `may` for the chart somebody acts for; a test compares the answers. A grant of a role without a
# chart does not count here: what it opens is found out row by row, by `may` itself. With one more condition for it
# PostgreSQL would plan the query anew each time, which takes eight times as long as to answer it.
OWN_LIMIT = """
create or replace function own_limit(p_verb text, p_section text) returns int
  language plpgsql stable parallel safe as $$
declare
  own uuid := public.actor_patient();
  assurance int := coalesce(nullif(current_setting('portal.assurance', true), '')::int, 0);
  grantees uuid[] := public.actor_grantees();
  most int;
begin
  if own is null then
    return 0;
  end if;
  select max(position(g.up_to in 'NRV')) into most from public.access_grant g
    where g.grantee = any (grantees) and g.patient_id = own
      and p_section = any (g.sections) and p_verb = any (g.verbs)
      and g.min_assurance <= assurance and (g.valid_until is null or g.valid_until > now());
  return coalesce(most, 0);
end $$;
"""

OWN_LIMIT_BEFORE = """
create or replace function own_limit(p_verb text, p_section text) returns int
  language plpgsql stable parallel safe as $$
declare
  own uuid := public.actor_patient();
begin
  return case when own is null then 0
    when public.may(p_verb, p_section, own, 'V') then 3
    when public.may(p_verb, p_section, own, 'R') then 2
    when public.may(p_verb, p_section, own, 'N') then 1
    else 0 end;
end $$;
"""

# A small child signs in nowhere, so that whoever is its parent or guardian, or was set by the practice with a document,
# and may still do something in its chart, refuses looks in its stead; from the age at which it signs in, nobody does.
LOOKS = """
create function decides_on_looks(p_patient uuid) returns boolean language sql stable
  return public.decides_on_proxies(p_patient, 'N') or p_patient = public.actor_patient() and exists (
    select from public.related_person r join public.patient c on c.id = r.patient_id
    where r.patient_id = p_patient and r.person_id = public.actor_person() and r.status = 'active'
      and public.is_bound_by_age(r, c.birth_date, public.state_of(c.id))
      and not public.signs_in_by_age(c.id, c.birth_date)
  ) and exists (
    select from public.access_grant g
    where g.grantee = public.actor_person() and g.patient_id = p_patient and g.basis = 'caregiver'
      and 'act' = any (g.verbs) and (g.valid_until is null or g.valid_until > now()));
alter policy look_refusal_add on look_refusal with check (
  patient_id = actor_patient() and refused_by = actor_person() and decides_on_looks(patient_id));
alter policy look_refusal_remove on look_refusal using (
  patient_id = actor_patient() and decides_on_looks(patient_id));
alter policy look_refusal_view on look_refusal using (
  actor_has('system') or may('view', 'profile', patient_id, 'N') or may('view', 'booking', patient_id, 'N')
  or decides_on_looks(patient_id));
"""
LOOKS_BEFORE = """
alter policy look_refusal_add on look_refusal with check (
  patient_id = actor_patient() and refused_by = actor_person() and decides_on_proxies(patient_id, 'N'));
alter policy look_refusal_remove on look_refusal using (
  patient_id = actor_patient() and decides_on_proxies(patient_id, 'N'));
alter policy look_refusal_view on look_refusal using (
  actor_has('system') or may('view', 'profile', patient_id, 'N') or may('view', 'booking', patient_id, 'N'));
drop function decides_on_looks(uuid);
"""

# What somebody under age asks to be called about themself is between them and the practice, from the age at which they
# sign in. So there may be two open at once: theirs, and one of whoever acts for them, who is not to learn of it.
CALL_BACKS = """
create function said_in_confidence(p_patient uuid, p_birth date, p_confidentiality text) returns text
language sql stable return case
  when p_confidentiality <> 'N' then p_confidentiality
  when public.signs_in_by_age(p_patient, p_birth)
    and public.birthday(p_birth, (public.age_rule_on(public.state_of(p_patient), public.practice_day(now()))).majority)
      > public.practice_day(now())
    and exists (select from public.access_grant g
                where g.grantee = public.actor_person() and g.patient_id = p_patient and g.basis = 'self') then 'R'
  else 'N' end;
drop index call_back_one_open;
create unique index call_back_one_open on call_back (patient_id, confidentiality) where status = 'requested';
"""

# Billing answers what it sees in the bill, and does not see who else acts for the chart: whom a mail about something
# private may reach is asked here.
MAILS = """
create function is_own_chart(p_person uuid, p_patient uuid) returns boolean language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  is_own boolean;
begin
  perform set_config('portal.maintenance', 'mails', true);
  is_own := exists (select from access_grant g
                    where g.grantee = p_person and g.patient_id = p_patient and g.basis = 'self');
  perform set_config('portal.maintenance', before, true);
  return is_own;
end $$;
revoke execute on function is_own_chart(uuid, uuid) from public;
grant execute on function is_own_chart(uuid, uuid) to portal_app;
"""
CALL_BACKS_BEFORE = """
drop index call_back_one_open;
create unique index call_back_one_open on call_back (patient_id) where status = 'requested';
drop function said_in_confidence(uuid, date, text);
"""

# Whoever reads these is somebody, which `…_view` asks; a policy for all commands was asked too, though whoever it lets
# write is somebody as well.
_WRITES = "((select actor_has('manager') or actor_has('system')))"
_FACTS = ("practitioner", "visit_type")


def _written_only() -> Iterator[str]:
    for table in _FACTS:
        yield f"drop policy {table}_write on {table}"
        yield f"create policy {table}_add on {table} for insert with check {_WRITES}"
        yield f"create policy {table}_change on {table} for update using {_WRITES} with check {_WRITES}"
        yield f"create policy {table}_drop on {table} for delete using {_WRITES}"


def _written_and_read() -> Iterator[str]:
    for table in _FACTS:
        for policy in ("add", "change", "drop"):
            yield f"drop policy {table}_{policy} on {table}"
        yield f"create policy {table}_write on {table} using {_WRITES} with check {_WRITES}"


def upgrade() -> None:
    """Ask less for the same answers, and let who acts for a small child, and a teen for themself, decide."""
    op.execute(OWN_LIMIT)
    op.execute(LOOKS)
    op.execute(CALL_BACKS)
    op.execute(MAILS)
    for statement in _written_only():
        op.execute(statement)


def downgrade() -> None:
    """Ask as before."""
    for statement in _written_and_read():
        op.execute(statement)
    op.execute("drop function is_own_chart(uuid, uuid)")
    op.execute(CALL_BACKS_BEFORE)
    op.execute(LOOKS_BEFORE)
    op.execute(OWN_LIMIT_BEFORE)
