"""What people say about themselves is as private as their chart; a page is closed whoever may see its payment.

Why: docs/decisions/0107-who-reads-what-was-changed.md, docs/decisions/0071-paying.md.
"""

from alembic import op

revision = "0071"
down_revision = "0066"
branch_labels = None
depends_on = None

# The chart's row is held while its level is read: a level that changes meanwhile waits, and then finds the new row too.
LEVELS = """
create function takes_level_of_chart() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  select c.confidentiality into new.confidentiality from patient c where c.id = new.patient_id for share;
  perform set_config('portal.maintenance', before, true);
  return new;
end $$;
revoke execute on function takes_level_of_chart() from public;
create trigger patient_profile_level before insert on patient_profile
  for each row execute function takes_level_of_chart();
create trigger profile_change_level before insert on profile_change
  for each row execute function takes_level_of_chart();

create function profile_follows_chart() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
begin
  perform set_config('portal.maintenance', 'confidentiality', true);
  update patient_profile set confidentiality = new.confidentiality where patient_id = new.id;
  update profile_change set confidentiality = new.confidentiality where patient_id = new.id;
  perform set_config('portal.maintenance', before, true);
  return null;
end $$;
revoke execute on function profile_follows_chart() from public;
create trigger patient_confidentiality_of_profile after update of confidentiality on patient
  for each row when (old.confidentiality is distinct from new.confidentiality)
  execute function profile_follows_chart();
"""
KEPT_SO_FAR = """
select set_config('portal.maintenance', '0071', true);
update patient_profile f set confidentiality = c.confidentiality from patient c
  where c.id = f.patient_id and c.confidentiality <> f.confidentiality;
update profile_change f set confidentiality = c.confidentiality from patient c
  where c.id = f.patient_id and c.confidentiality <> f.confidentiality;
select set_config('portal.maintenance', '', true);
"""

# Whether more of a bill would be paid on a page that is open than is owed by now; what is on its way counts as paid, as
# where a payment begins. An attempt is as private as the most private of its bills: whoever keeps the books of one of
# the others would not find it, and closes it all the same (replace_attempts_of_bill).
STALE = """
create function has_stale_attempts(p_invoice uuid) returns boolean
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  found_one boolean;
begin
  perform set_config('portal.maintenance', 'payments', true);
  if not exists (select from invoice i where i.id = p_invoice and keeps_books(i.patient_id, i.confidentiality)) then
    raise insufficient_privilege using message = 'who does not keep the books learns of no payment of a bill';
  end if;
  found_one := exists (select from payment_share s join payment_attempt a on a.id = s.attempt_id
    join bill_balance b on b.invoice_id = s.invoice_id
    where s.invoice_id = p_invoice and a.status in ('new', 'open') and s.amount_minor > b.owed_minor - (
      select coalesce(sum(o.amount_minor), 0) from payment_share o join payment_attempt p on p.id = o.attempt_id
      where o.invoice_id = p_invoice and p.status = 'processing'));
  perform set_config('portal.maintenance', before, true);
  return found_one;
end $$;
revoke execute on function has_stale_attempts(uuid) from public;
grant execute on function has_stale_attempts(uuid) to portal_app;
"""


def upgrade() -> None:
    """Give each row the level of its chart, those kept so far too; find pages that are paid too much on."""
    op.execute(LEVELS)
    op.execute(KEPT_SO_FAR)
    op.execute(STALE)


def downgrade() -> None:
    """Let each row keep the level that it has."""
    op.execute("""
    drop trigger patient_confidentiality_of_profile on patient;
    drop trigger patient_profile_level on patient_profile;
    drop trigger profile_change_level on profile_change;
    drop function profile_follows_chart(), takes_level_of_chart(), has_stale_attempts(uuid);
    """)
