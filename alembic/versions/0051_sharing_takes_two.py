"""Whoever has the mail of a patient shares no chart: it takes a second proof.

Why: docs/decisions/0049-a-second-channel.md.
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

# Staff and jobs act for no chart. What they may is decided by the other conditions.
PROOF = """
create function has_proof_to_share() returns boolean language sql stable parallel safe
  return public.actor_patient() is null
    or coalesce(nullif(current_setting('portal.assurance', true), '')::int, 0) >= 2;
"""

ADD = """
alter policy related_person_add on related_person with check (
  decides_on_proxies(patient_id, confidentiality) and status = 'invited' and invited_by = actor_person()
  and secret_hash is null and (actor_patient() is not null or document_id is not null or actor_has('system')){more});
"""

# Ending asks for nothing more, and neither does an answer: whoever was invited is not who decides. Who it is and by
# which link belongs to what was shared, so that no old invitation is turned towards somebody else.
GUARD = """
create or replace function guard_related_person() returns trigger language plpgsql as $$
begin
  if new.status is distinct from old.status and (old.status, new.status) not in (
    ('invited', 'active'), ('invited', 'declined'), ('invited', 'ended'), ('active', 'ended')) then
    raise insufficient_privilege using message = 'an ended relation stays ended';
  end if;
  if new.status = 'active' and old.status = 'invited'
    and (new.person_id is distinct from public.actor_person() or old.answer_by <= now()) then
    raise insufficient_privilege using message = 'only who was invited accepts, and in time';
  end if;
  if public.decides_on_proxies(old.patient_id, old.confidentiality) then{more}
    return new;
  end if;
  if (new.view_sections, new.act_sections, new.valid_until, new.answer_by)
      is distinct from (old.view_sections, old.act_sections, old.valid_until, old.answer_by) then
    raise insufficient_privilege using message = 'nobody widens what was shared with them';
  end if;
  return new;
end $$;
"""

TAKES_TWO = """
    if not public.has_proof_to_share()
      and (new.view_sections, new.act_sections, new.valid_until, new.answer_by, new.person_id, new.secret_hash)
        is distinct from
        (old.view_sections, old.act_sections, old.valid_until, old.answer_by, old.person_id, old.secret_hash) then
      raise insufficient_privilege using message = 'sharing a chart takes two proofs';
    end if;"""


def upgrade() -> None:
    """Let a patient share only after a second proof."""
    for script in (PROOF, ADD.format(more=" and has_proof_to_share()"), GUARD.format(more=TAKES_TWO)):
        op.execute(script)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Let a code alone share again."""
    for script in (ADD.format(more=""), GUARD.format(more=""), "drop function has_proof_to_share()"):
        op.execute(script)
