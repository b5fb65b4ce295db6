"""What people say about themselves, how they are reached, and proof of a new address."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# A telephone of the person's own, E.164 and encrypted: proven, because no right to change it is given to anybody.
REACHED = """
alter table person add phone text;
alter table outbox_message drop constraint outbox_message_channel,
  add constraint outbox_message_channel check (channel in ('mail', 'text'));
"""
REACHED_BEFORE = """
delete from outbox_message where channel <> 'mail';
alter table outbox_message drop constraint outbox_message_channel,
  add constraint outbox_message_channel check (channel in ('mail'));
alter table person drop phone;
"""

# A code on its way to an address: to prove a sign-in by a second channel, or that a new address is one's own. It is
# bound to the session that asked. What its answer changes is changed by the function alone, from the row itself.
CODES = """
create table contact_code (
  id uuid primary key, person_id uuid not null references person on delete cascade,
  session_id uuid not null references session on delete cascade,
  purpose text not null constraint contact_code_purpose check (purpose in ('prove', 'email', 'phone')),
  address text not null, address_index text not null, code_hash text, tries smallint not null default 0,
  locale text not null default 'en', created_at timestamptz not null default now(),
  expires_at timestamptz not null, used_at timestamptz
);
create index ix_contact_code_person_id on contact_code (person_id);
create index ix_contact_code_session_id on contact_code (session_id);
create index ix_contact_code_address_index on contact_code (address_index);
alter table contact_code enable row level security;
alter table contact_code force row level security;
create policy contact_code_own on contact_code using (
  (person_id = actor_person() and session_id = nullif(current_setting('portal.session_id', true), '')::uuid)
  or actor_has('system'));
grant select, insert, update (code_hash, tries, used_at), delete on contact_code to portal_app;

-- What an address was and what it became, so that the old one is told and staff can put it back.
create table contact_change (
  id uuid primary key default gen_random_uuid(), person_id uuid not null references person on delete cascade,
  patient_id uuid references patient on delete cascade,
  kind text not null constraint contact_change_kind check (kind in ('email', 'phone')),
  old_address text, old_index text, new_address text not null, new_index text not null,
  created_at timestamptz not null default now(), undone_at timestamptz, undone_by uuid references person
);
create index ix_contact_change_person_id on contact_change (person_id);
create index ix_contact_change_patient_id on contact_change (patient_id);
alter table contact_change enable row level security;
alter table contact_change force row level security;
create policy contact_change_view on contact_change for select using (
  person_id = actor_person() or actor_has('system')
  or (actor_has('front_desk') and may('view', 'profile', patient_id, 'N')));
create policy contact_change_undo on contact_change for update using (
  actor_has('system') or (actor_has('front_desk') and may('act', 'profile', patient_id, 'N')));
create policy contact_change_remove on contact_change for delete using (actor_has('system'));
create policy contact_change_add on contact_change for insert to portal_owner with check (person_id = actor_person());
grant select, update (undone_at, undone_by), delete on contact_change to portal_app;

-- Does what an answered code allows, once: nothing else can write these columns of a person. Returns the change, if an
-- address was changed, and nothing if it was somebody else's by then.
create function use_contact_code(p_code uuid) returns uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  c contact_code;
  p person;
  change uuid := gen_random_uuid();
begin
  select * into c from contact_code x
    where x.id = p_code and x.person_id = actor_person() and x.code_hash is not null and x.used_at = now();
  if not found then
    return null;
  end if;
  select * into p from person x where x.id = c.person_id for update;
  if c.purpose = 'email' then
    update person x set email = c.address, email_index = c.address_index where x.id = c.person_id;
  else
    update person x set phone = c.address where x.id = c.person_id;
  end if;
  if c.purpose = 'prove' then
    return null;
  end if;
  insert into contact_change (id, person_id, patient_id, kind, old_address, old_index, new_address, new_index)
    select change, c.person_id,
      (select g.patient_id from access_grant g where g.grantee = c.person_id and g.basis = 'self' limit 1), c.purpose,
      case c.purpose when 'email' then p.email else p.phone end,
      case c.purpose when 'email' then p.email_index end, c.address, c.address_index;
  return change;
exception when unique_violation then
  return null;
end $$;

-- Puts an address back that staff have said was not the person's own doing; false if it is somebody else's by now.
create function undo_contact_change(p_change uuid) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  c contact_change;
begin
  select * into c from contact_change x where x.id = p_change and x.undone_at is not null and actor_has('system');
  if not found then
    return false;
  end if;
  if c.kind = 'email' then
    update person x set email = c.old_address, email_index = c.old_index where x.id = c.person_id;
  else
    update person x set phone = c.old_address where x.id = c.person_id;
  end if;
  return found;
exception when unique_violation then
  return false;
end $$;
revoke execute on function undo_contact_change(uuid) from public;
grant execute on function undo_contact_change(uuid) to portal_app;
revoke execute on function use_contact_code(uuid) from public;
grant execute on function use_contact_code(uuid) to portal_app;

-- Beside what is said of sessions elsewhere: a text answered in this very transaction makes one of assurance 2, never
-- for somebody who has a passkey (that would be the weaker way round it) and never for staff.
create policy session_add_by_text on session for insert with check (
  person_id = actor_person() and assurance = 2
  and exists (select from contact_code c
              where c.person_id = session.person_id and c.purpose = 'prove' and c.used_at = now())
  and not exists (select from passkey k where k.person_id = session.person_id and k.flagged_at is null)
  and not exists (select from person_role r
                  where r.person_id = session.person_id and r.role not in ('patient', 'caregiver')));
"""
CODES_BEFORE = """
drop policy session_add_by_text on session;
drop function use_contact_code(uuid), undo_contact_change(uuid);
drop table contact_code, contact_change;
"""

# What somebody says about themself. The name to be called by and the pronouns stand beside the legal name wherever that
# may be seen; the rest is for whoever may see their profile.
SAID = """
alter table patient add called text not null default '', add pronouns text not null default '';
grant update (called, pronouns) on patient to portal_app;

create table patient_profile (
  patient_id uuid primary key references patient on delete cascade,
  confidentiality text not null default 'N'
    constraint patient_profile_confidentiality check (confidentiality in ('N', 'R', 'V')),
  pharmacy text, emergency_contact text
);
alter table patient_profile enable row level security;
alter table patient_profile force row level security;
create policy patient_profile_view on patient_profile for select using (
  may('view', 'profile', patient_id, confidentiality));
create policy patient_profile_add on patient_profile for insert with check (
  may('act', 'profile', patient_id, confidentiality));
create policy patient_profile_change on patient_profile for update using (
  may('act', 'profile', patient_id, confidentiality));
grant select, insert, update (pharmacy, emergency_contact) on patient_profile to portal_app;

alter table person
  add text_size text not null default 'normal'
    constraint person_text_size check (text_size in ('normal', 'large', 'largest')),
  add contrast text not null default 'normal' constraint person_contrast check (contrast in ('normal', 'more')),
  add units text not null default '' constraint person_units check (units in ('', 'metric', 'us')),
  add reminders_by text not null default 'mail'
    constraint person_reminders_by check (reminders_by in ('mail', 'text')),
  add offers_by text not null default 'mail' constraint person_offers_by check (offers_by in ('mail', 'text')),
  add quiet_from smallint not null default 21 constraint person_quiet_from check (quiet_from between 0 and 23),
  add quiet_until smallint not null default 8 constraint person_quiet_until check (quiet_until between 0 and 23);
grant update (text_size, contrast, units, reminders_by, offers_by, quiet_from, quiet_until) on person to portal_app;
"""
SAID_BEFORE = """
drop table patient_profile;
alter table patient drop called, drop pronouns;
alter table person drop text_size, drop contrast, drop units, drop reminders_by, drop offers_by, drop quiet_from,
  drop quiet_until;
"""


def upgrade() -> None:
    """Make room for telephones, text messages and codes to addresses."""
    for script in (REACHED, CODES, SAID):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget them: everybody is written to by mail again."""
    for script in (SAID_BEFORE, CODES_BEFORE, REACHED_BEFORE):
        op.execute(script)
