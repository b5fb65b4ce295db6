"""Passkeys, and the challenges that they answer."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

PASSKEYS = """
create table passkey (
  id uuid primary key, person_id uuid not null references person on delete cascade,
  external_id text not null unique, public_key bytea not null, sign_count bigint not null default 0,
  name text not null, transports text[] not null default '{}', is_backed_up boolean not null default false,
  created_at timestamptz not null default now(), last_used_at timestamptz, flagged_at timestamptz
);
create index ix_passkey_person_id on passkey (person_id);
alter table passkey enable row level security;
alter table passkey force row level security;
create policy passkey_view on passkey for select using (
  person_id = actor_person() or external_id = nullif(current_setting('portal.passkey', true), '')
  or actor_has('system'));
create policy passkey_add on passkey for insert with check (person_id = actor_person());
create policy passkey_change on passkey for update using (person_id = actor_person() or actor_has('system'));
create policy passkey_remove on passkey for delete using (person_id = actor_person() or actor_has('system'));
grant select, insert, update (name, sign_count, is_backed_up, last_used_at, flagged_at), delete on passkey
  to portal_app;

create table passkey_challenge (
  id uuid primary key, browser_hash text not null, challenge text not null unique,
  purpose text not null constraint passkey_challenge_purpose check (purpose in ('sign_in', 'add')),
  created_at timestamptz not null default now(), expires_at timestamptz not null, used_at timestamptz
);
alter table passkey_challenge enable row level security;
alter table passkey_challenge force row level security;
create policy passkey_challenge_own on passkey_challenge using (
  browser_hash in (current_setting('portal.browser_hash', true), current_setting('portal.session_hash', true))
  or actor_has('system'));
grant select, insert, update (used_at), delete on passkey_challenge to portal_app;
"""

# A session as strong as a passkey's can be made only in the transaction in which a passkey of that person answered.
SESSIONS = """
drop policy session_add on session;
create policy session_add on session for insert with check (person_id = actor_person() and (
  assurance = 1 or actor_has('system')
  or exists (select from passkey p where p.person_id = session.person_id and p.last_used_at = now())));
"""
SESSIONS_BEFORE = """
drop policy session_add on session;
create policy session_add on session for insert with check (
  person_id = actor_person() and (assurance = 1 or actor_has('system')));
"""


def upgrade() -> None:
    """Make room for what proves who somebody is."""
    for script in (PASSKEYS, SESSIONS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget the passkeys: everybody signs in by a code again."""
    op.execute(SESSIONS_BEFORE)
    op.execute("drop table passkey, passkey_challenge")
