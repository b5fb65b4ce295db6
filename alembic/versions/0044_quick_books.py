"""What may be seen of the books is asked once for a list; and what never changes is put under new keys all the same."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# Up to where somebody sees every chart, by what their roles are granted; these are the conditions of `may`.
ROLE_LIMIT = """
create function role_limit(p_verb text, p_section text) returns int
  language plpgsql stable parallel safe as $$
declare
  assurance int := coalesce(nullif(current_setting('portal.assurance', true), '')::int, 0);
  grantees uuid[] := public.actor_grantees();
  most int;
begin
  select max(position(g.up_to in 'NRV')) into most from public.access_grant g
    where g.grantee = any (grantees) and g.patient_id is null
      and p_section = any (g.sections) and p_verb = any (g.verbs)
      and g.min_assurance <= assurance and (g.valid_until is null or g.valid_until > now());
  return coalesce(most, 0);
end $$;
"""

# The first two conditions ask nothing of a row but to compare; each is true only where `sees_bills` is.
QUICK = """
  (patient_id = (select public.actor_patient())
    and position(confidentiality in 'NRV') <= (select public.own_limit('view', 'bills')))
  or ((select public.actor_patient() is null and public.actor_has('billing'))
    and position(confidentiality in 'NRV') <= (select public.role_limit('view', 'bills')))
  or """
VIEWS = {
    "invoice": ("invoice_view", "public.sees_bills('view', patient_id, confidentiality)"),
    "ledger_entry": ("ledger_entry_view", "public.sees_books(patient_id, confidentiality)"),
    "ledger_posting": ("ledger_posting_view", "public.sees_books(patient_id, confidentiality)"),
}

# Who rotates keys, as the owner and for nothing else, writes the same words under another key.
BOOKS = """
create or replace function guard_books() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (to_jsonb(new) - 'confidentiality' = to_jsonb(old) - 'confidentiality'
      or public.is_maintained() and to_jsonb(new) - 'reason' = to_jsonb(old) - 'reason') then
    return new;
  end if;
  raise insufficient_privilege using message = 'what is in the books stays; correct it by another posting';
end $$;
"""
BOOKS_BEFORE = BOOKS.replace(
    """
      or public.is_maintained() and to_jsonb(new) - 'reason' = to_jsonb(old) - 'reason')""",
    "",
).replace("and (to_jsonb", "and to_jsonb")
FORMS = """
create or replace function guard_questionnaire_response() returns trigger language plpgsql as $$
begin
  if old.status = 'completed'
    and to_jsonb(new) - array['confidentiality', 'reviewed_by', 'reviewed_name', 'reviewed_at']
      <> to_jsonb(old) - array['confidentiality', 'reviewed_by', 'reviewed_name', 'reviewed_at']
    and not (public.is_maintained() and to_jsonb(new) - 'content' = to_jsonb(old) - 'content') then
    raise insufficient_privilege using message = 'a form that was sent does not change';
  end if;
  return new;
end $$;
"""
FORMS_BEFORE = FORMS.replace(
    """
    and not (public.is_maintained() and to_jsonb(new) - 'content' = to_jsonb(old) - 'content')""",
    "",
)
NOTES = """
create or replace function guard_clinical_note() returns trigger language plpgsql as $$
begin
  if old.signed_at is not null and to_jsonb(new) - 'confidentiality' <> to_jsonb(old) - 'confidentiality'
    and not (public.is_maintained()
      and to_jsonb(new) - array['content', 'ending'] = to_jsonb(old) - array['content', 'ending']) then
    raise insufficient_privilege using message = 'a signed note does not change';
  end if;
  if new.signed_at is not null and old.signed_at is null
    and (new.signed_by is distinct from public.actor_person() or new.signed_at <> now()) then
    raise insufficient_privilege using message = 'whoever signs, signs as themself and now';
  end if;
  return new;
end $$;
"""
NOTES_BEFORE = NOTES.replace(
    """
    and not (public.is_maintained()
      and to_jsonb(new) - array['content', 'ending'] = to_jsonb(old) - array['content', 'ending'])""",
    "",
)
READINGS = """
create or replace function keep_reading() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  if is_maintained() and to_jsonb(new) - 'note' = to_jsonb(old) - 'note' then
    return new;
  end if;
  perform set_config('portal.maintenance', 'vitals', true);
  new.sequence := old.sequence + 1;
  insert into reading_change (reading_id, sequence, patient_id, confidentiality, value, pair, pulse, status, changed_by)
    values (old.id, old.sequence, old.patient_id, old.confidentiality, old.value, old.pair, old.pulse, old.status,
      actor_person());
  perform set_config('portal.maintenance', before, true);
  return new;
end $$;
"""
READINGS_BEFORE = READINGS.replace(
    """  if is_maintained() and to_jsonb(new) - 'note' = to_jsonb(old) - 'note' then
    return new;
  end if;
""",
    "",
)


def upgrade() -> None:
    """Compare first; and ask the policy for maintenance, which sums up for all, before the others."""
    for script in (ROLE_LIMIT, BOOKS, FORMS, NOTES, READINGS):
        op.execute(script)
    for table, (name, rule) in VIEWS.items():
        op.execute(f"alter policy {name} on {table} using ({QUICK}{rule})")
    for table in ("invoice", "ledger_entry"):
        op.execute(
            f"create policy yes_maintenance on {table} for select to portal_owner"
            " using ((select public.is_maintained()))"
        )


def downgrade() -> None:
    """Ask row by row."""
    for script in (BOOKS_BEFORE, FORMS_BEFORE, NOTES_BEFORE, READINGS_BEFORE):
        op.execute(script)
    for table in ("invoice", "ledger_entry"):
        op.execute(f"drop policy yes_maintenance on {table}")
    for table, (name, rule) in VIEWS.items():
        op.execute(f"alter policy {name} on {table} using ({rule})")
    op.execute("drop function role_limit(text, text)")
