"""Who owns a passkey and signed in by a code alone reaches nothing of a chart before they prove more.

Why: docs/decisions/0093-who-owns-a-passkey.md.
"""

from alembic import op

revision = "0056"
down_revision = "0058"
branch_labels = None
depends_on = None

OWNS = """
create function owns_passkey(p_person uuid) returns boolean language sql stable
  return exists (select from public.passkey k
                 where k.person_id = p_person and k.flagged_at is null and k.vouched_at < now());
"""

# A text message to the number that its owner has proved before; never to one that only the chart knows.
BY_TEXT = """
alter policy session_add_by_text on session with check (
  person_id = actor_person() and assurance = 2
  and exists (select from contact_code c
              where c.person_id = session.person_id and c.purpose = 'prove' and c.used_at = now())
  and {unless_owner}
  and not exists (select from person_role r
                  where r.person_id = session.person_id and r.role not in ('patient', 'caregiver')));
"""
NEVER = """not exists (select from passkey k where k.person_id = session.person_id and k.flagged_at is null
                  and k.vouched_at < now())"""
PROVEN = """(not owns_passkey(session.person_id)
       or exists (select from person p where p.id = session.person_id and p.phone is not null))"""

# Said where a session is read and where a number is proven; whatever else those functions do stays as it stands.
_REWRITE = """
do $rewrite$
declare
  written text := pg_get_functiondef('{function}'::regprocedure);
begin
  if position($old${old}$old$ in written) = 0 then
    raise exception '{function} is written in another way';
  end if;
  execute replace(written, $old${old}$old$, $new${new}$new$);
end $rewrite$
"""
_HATS = "  if roles <> '{}' and acts_for_a_chart then\n"
_HELD_BACK = """  if roles <> '{}' and acts_for_a_chart and s.assurance < 2 and owns_passkey(s.person_id) then
    roles := '{held_back}';
  elsif roles <> '{}' and acts_for_a_chart then
"""
_WHOSE = "  select * into p from person x where x.id = c.person_id for update;\n"
_NO_FIRST_NUMBER = """  if c.purpose = 'prove' and p.phone is null and owns_passkey(c.person_id) then
    return null;
  end if;
"""
_REWRITTEN = (
    ("begin_as(text, text)", _HATS, _HELD_BACK),
    ("use_contact_code(uuid)", _WHOSE, _WHOSE + _NO_FIRST_NUMBER),
)


def upgrade() -> None:
    """Give whoever owns a passkey no role after a code alone, and let a proven telephone stand beside that code."""
    op.execute(OWNS)
    op.execute("alter table session add is_by_text boolean not null default false")
    op.execute(BY_TEXT.format(unless_owner=PROVEN))
    for function, old, new in _REWRITTEN:
        op.execute(_REWRITE.format(function=function, old=old, new=new))


def downgrade() -> None:
    """Let a code alone do for owners of passkeys again."""
    for function, old, new in _REWRITTEN:
        op.execute(_REWRITE.format(function=function, old=new, new=old))
    op.execute(BY_TEXT.format(unless_owner=NEVER))
    op.execute("alter table session drop is_by_text")
    op.execute("drop function owns_passkey(uuid)")
