"""Single sign-on of staff: what was asked of a provider, and which of its accounts is whose."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = """
create table sign_on_request (
  id uuid primary key, state_hash text not null unique, browser_hash text not null,
  nonce text not null, verifier text not null, next_path text not null default '/',
  created_at timestamptz not null default now(), expires_at timestamptz not null, used_at timestamptz
);
create table sign_on_link (
  id uuid primary key, secret_hash text not null unique, issuer text not null, subject_index text not null,
  label text not null, roles text[], assurance smallint not null, provider_session uuid,
  token text not null, proved_there_at timestamptz, created_at timestamptz not null default now(),
  expires_at timestamptz not null, used_at timestamptz
);
create table sign_on_identity (
  id uuid primary key, person_id uuid not null references person on delete cascade,
  issuer text not null, subject_index text not null, roles text[], assurance smallint not null default 1,
  created_at timestamptz not null default now(), last_used_at timestamptz,
  constraint sign_on_identity_once unique (issuer, subject_index),
  constraint sign_on_identity_one_each unique (person_id, issuer)
);
create table sign_on_session (
  session_id uuid primary key references session on delete cascade,
  person_id uuid not null references person on delete cascade,
  identity_id uuid not null references sign_on_identity on delete cascade,
  provider_session uuid, token text not null, proved_there_at timestamptz
);
create index ix_sign_on_session_person_id on sign_on_session (person_id);
create index ix_sign_on_session_identity_id on sign_on_session (identity_id);
"""

POLICIES = """
alter table sign_on_request enable row level security;
alter table sign_on_request force row level security;
create policy sign_on_request_own on sign_on_request using (
  browser_hash = nullif(current_setting('portal.browser_hash', true), '') or actor_has('system'));
grant select, insert, update (used_at), delete on sign_on_request to portal_app;

alter table sign_on_link enable row level security;
alter table sign_on_link force row level security;
create policy sign_on_link_held on sign_on_link using (
  secret_hash = nullif(current_setting('portal.sign_on_link', true), '') or actor_has('system'));
grant select, insert, update (used_at), delete on sign_on_link to portal_app;

alter table sign_on_identity enable row level security;
alter table sign_on_identity force row level security;
create policy sign_on_identity_view on sign_on_identity for select using (
  person_id = actor_person() or actor_has('system')
  or subject_index = nullif(current_setting('portal.sign_on_subject', true), ''));
create policy sign_on_identity_add on sign_on_identity for insert with check (person_id = actor_person());
create policy sign_on_identity_change on sign_on_identity for update using (person_id = actor_person());
create policy sign_on_identity_remove on sign_on_identity for delete using (
  person_id = actor_person() or actor_has('system'));
grant select, insert, update (roles, assurance, last_used_at), delete on sign_on_identity to portal_app;

alter table sign_on_session enable row level security;
alter table sign_on_session force row level security;
create policy sign_on_session_own on sign_on_session using (person_id = actor_person() or actor_has('system'));
grant select, insert, delete on sign_on_session to portal_app;
"""

# A session as strong as the provider says, and the roles that the practice mapped to what it says, can be made only in
# the transaction in which that person's identity was proved. They stand beside the policies of other ways in.
BY_IDENTITY = """
create policy session_add_by_identity on session for insert with check (
  person_id = actor_person() and exists (
    select from sign_on_identity i where i.person_id = session.person_id and i.last_used_at = now()
      and session.assurance <= i.assurance));
create policy person_role_add_by_identity on person_role for insert with check (
  person_id = actor_person() and role not in ('patient', 'caregiver', 'system') and exists (
    select from sign_on_identity i where i.person_id = person_role.person_id and i.last_used_at = now()
      and person_role.role = any (i.roles)));
create policy person_role_remove_by_identity on person_role for delete using (
  person_id = actor_person() and role not in ('patient', 'caregiver', 'system') and exists (
    select from sign_on_identity i where i.person_id = person_role.person_id and i.last_used_at = now()
      and person_role.role <> all (i.roles)));
"""


def upgrade() -> None:
    """Make room for single sign-on."""
    for script in (TABLES, POLICIES, BY_IDENTITY):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Forget it: everybody signs in as before. Roles stay as they are."""
    op.execute("""
    drop policy session_add_by_identity on session;
    drop policy person_role_add_by_identity on person_role;
    drop policy person_role_remove_by_identity on person_role;
    drop table sign_on_session, sign_on_identity, sign_on_link, sign_on_request;
    """)
