"""Browsers that are known again, and narrower rights of the application's role."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KNOWN_BROWSERS = """
create table known_browser (
  id uuid primary key, secret_hash text not null,
  person_id uuid not null references person on delete cascade, seen_at timestamptz not null,
  constraint known_browser_once unique (secret_hash, person_id)
);
create index ix_known_browser_person_id on known_browser (person_id);
alter table known_browser enable row level security;
alter table known_browser force row level security;
create policy known_browser_view on known_browser for select using (
  secret_hash = nullif(current_setting('portal.known_hash', true), '') or person_id = actor_person()
  or actor_has('system'));
create policy known_browser_add on known_browser for insert with check (person_id = actor_person());
create policy known_browser_seen on known_browser for update using (person_id = actor_person());
create policy known_browser_remove on known_browser for delete using (actor_has('system'));
grant select, insert, update (seen_at), delete on known_browser to portal_app;

alter table sign_in_code add known_hash text, add is_known boolean not null default false;
"""

# What no use case changes, no fault of ours can change either: who a row is, whose it is, when and by whom it was made.
# After this, a new column is changed only by whoever says so in its own migration.
COLUMNS = """
revoke update on person, session, patient, sign_in_code, outbox_message, access_grant from portal_app;
grant update (display_name, locale, disabled_at) on person to portal_app;
grant update (ended_at) on session to portal_app;
grant update (family_name, given_name, language, zone, general_practitioner_id, phone, phone_keys, confidentiality)
  on patient to portal_app;
grant update (person_id, is_known, code_hash, tries, used_at) on sign_in_code to portal_app;
grant update (sections, verbs, up_to, min_assurance, valid_until) on access_grant to portal_app;
grant update (status, attempts, content, last_error, claimed_at, sent_at) on outbox_message to portal_app;

do $$ declare t record; begin
  for t in
    select c.oid::regclass as name, string_agg(quote_ident(a.attname), ', ') filter (
      where a.attname not in ('created_at', 'created_by') and a.attgenerated = '' and not exists (
        select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey))) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
      and has_table_privilege('portal_app', c.oid, 'update')
    group by c.oid
  loop
    execute format('revoke update on %s from portal_app', t.name);
    if t.columns is not null then
      execute format('grant update (%s) on %s to portal_app', t.columns, t.name);
    end if;
  end loop;
end $$;
"""
COLUMNS_BEFORE = """
do $$ declare t regclass; begin
  for t in select distinct attrelid::regclass from pg_attribute a join pg_class c on c.oid = a.attrelid
           where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
             and a.attnum > 0 and has_column_privilege('portal_app', c.oid, a.attnum, 'update')
             and c.relname not in ('session', 'known_browser') loop
    execute format('grant update on %s to portal_app', t);
  end loop;
end $$;
grant update on access_grant, practitioner_location to portal_app;
grant update (expires_at) on session to portal_app;
"""

PERSON_VIEW = """
drop policy person_view on person;
create policy person_view on person for select using (
  id = actor_person() or actor_has('system') or actor_has('manager') or actor_has('front_desk'){by_index});
"""
BY_INDEX = "\n  or email_index = nullif(current_setting('portal.email_index', true), '')"

# Triggers run whoever may execute them; what else runs as the owner is for the application alone.
FUNCTIONS = """
do $$ declare f record; begin
  for f in select p.oid::regprocedure as name, p.prorettype = 'trigger'::regtype as is_trigger from pg_proc p
           where p.pronamespace = current_schema()::regnamespace and p.prosecdef loop
    execute format('revoke execute on function %s from public', f.name);
    if not f.is_trigger then
      execute format('grant execute on function %s to portal_app', f.name);
    end if;
  end loop;
end $$;
"""
FUNCTIONS_BEFORE = """
do $$ declare f regprocedure; begin
  for f in select p.oid::regprocedure from pg_proc p
           where p.pronamespace = current_schema()::regnamespace and p.prosecdef loop
    execute format('grant execute on function %s to public', f);
    execute format('revoke execute on function %s from portal_app', f);
  end loop;
end $$;
"""


def upgrade() -> None:
    """Remember browsers, and take away the rights that no use case needs."""
    for script in (KNOWN_BROWSERS, COLUMNS, PERSON_VIEW.format(by_index=""), FUNCTIONS):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Give the wider rights back, and forget the browsers."""
    for script in (FUNCTIONS_BEFORE, PERSON_VIEW.format(by_index=BY_INDEX), COLUMNS_BEFORE):
        op.execute(script)
    op.execute("""
    alter table sign_in_code drop known_hash, drop is_known;
    drop table known_browser;
    """)
