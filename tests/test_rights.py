"""What the application's role may do in the database, column by column and function by function."""

from collections.abc import Iterator

import psycopg
import pytest

from portal_app.core.db import libpq_conninfo
from portal_app.settings import Settings

CHANGEABLE = {
    "person": {"display_name", "locale", "disabled_at", "text_size", "contrast", "units", "reminders_by", "offers_by",
               "quiet_from", "quiet_until"},
    "session": {"ended_at", "seen_at", "proved_at", "idle_until", "locked_at", "zone"},
    "patient": {"family_name", "given_name", "language", "zone", "general_practitioner_id", "phone", "phone_keys",
                "confidentiality", "called", "pronouns", "reached_by", "state"},
    "sign_in_code": {"person_id", "is_known", "code_hash", "tries", "used_at"},
    "known_browser": {"seen_at"},
    "push_subscription": {"session_id", "target", "key_id", "taken_at", "failed_at"},
    "push_delivery": set(),
    "contact_change": {"undone_at", "undone_by"},
    "patient_profile": {"pharmacy", "emergency_contact"},
    "contact_code": {"code_hash", "tries", "used_at"},
    "passkey": {"name", "sign_count", "is_backed_up", "last_used_at", "flagged_at"},
    "passkey_challenge": {"used_at"},
    "authenticator_app": {"last_step", "confirmed_at", "used_at"},
    "recovery_code": {"used_at"},
    "factor_invitation": {"opened_session_id", "used_at"},
    "factor_try": set(),
    "check_in": {"missing", "finished_by", "finished_name", "finished_at", "side"},
    "check_in_rule": {"days", "marks_arrived", "set_by", "set_at"},
    "check_in_step": {"answer", "done_by", "done_name", "side", "done_at"},
    "sign_on_request": {"used_at"},
    "sign_on_link": {"used_at"},
    "sign_on_identity": {"roles", "assurance", "last_used_at"},
    "access_grant": {"sections", "verbs", "up_to", "min_assurance", "valid_until"},
    "related_person": {"person_id", "view_sections", "act_sections", "status", "secret_hash", "answer_by",
                       "valid_until", "accepted_at", "declined_at", "ended_at", "ended_by", "used_at"},
    "age_rule": {"reviewed_by", "reviewed_at", "withdrawn_by", "withdrawn_at"},
    "relation_limit": {"lifted_by", "lifted_at", "lift_reason"},
    "activation": {"opened_at", "used_at", "revoked_at"},
    "activation_try": {"tries", "seen_at"},
    "activation_batch": set(),
    "activation_batch_item": {"activation_id", "done_at", "outcome"},
    "activation_claim": {"email", "code_hash", "code_tries", "codes_sent", "code_expires_at", "used_at"},
    "onboarding": {"done", "finished_at"},
    "audit_event": set(),
    "audit_seal": set(),
    "stored_file": set(),
    "document_reference": set(),
    "upload": {"offset_bytes", "is_kept"},
    "upload_piece": set(),
    "visit_message": set(),
    "visit_participant": {"state", "name", "language", "connection_id", "waiting_since", "admitted_at", "seen_at",
                          "left_at", "outside_since", "agreed_by_patient_at", "agreed_by", "redeemed_at", "secret_hash",
                          "secret_expires_at", "link_expires_at"},
}  # fmt: skip
"""All that a use case changes in the tables of people, charts and proof."""

TABLES = """
select c.relname, a.attname, a.attname in ('created_at', 'created_by') or exists (
  select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)) as is_fixed
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
  and has_column_privilege('portal_app', c.oid, a.attnum, 'update')
"""
OWNERS_FUNCTIONS = """
select p.oid::regprocedure::text, p.prorettype = 'trigger'::regtype, has_function_privilege('public', p.oid, 'execute'),
  has_function_privilege('portal_app', p.oid, 'execute'), coalesce(array_to_string(p.proconfig, ';'), '')
from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
"""


@pytest.fixture
def owner(settings: Settings) -> Iterator[psycopg.Connection]:
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url), autocommit=True) as connection:
        yield connection


def test_no_row_changes_who_it_is_or_when_it_was_made(owner: psycopg.Connection) -> None:
    columns = owner.execute(TABLES).fetchall()
    assert len(columns) > 20
    assert [(table, column) for table, column, is_fixed in columns if is_fixed] == []


@pytest.mark.parametrize("table", CHANGEABLE)
def test_of_people_charts_and_proof_only_what_a_use_case_changes_can_change(
    owner: psycopg.Connection, table: str
) -> None:
    assert {column for name, column, _ in owner.execute(TABLES) if name == table} == CHANGEABLE[table]


def test_what_runs_as_the_owner_is_not_for_everybody_and_cannot_be_led_astray(owner: psycopg.Connection) -> None:
    functions = owner.execute(OWNERS_FUNCTIONS).fetchall()
    assert functions
    for name, is_trigger, is_public, is_ours, configuration in functions:
        assert not is_public, name
        assert is_ours is not is_trigger, name
        assert "search_path=" in configuration, name


def test_nobody_else_may_do_anything_with_our_tables(owner: psycopg.Connection) -> None:
    others = owner.execute(
        "select table_name, grantee, privilege_type from information_schema.table_privileges"
        " where table_schema = 'public' and grantee not in ('portal_owner', 'portal_app')"
    ).fetchall()
    assert others == []
