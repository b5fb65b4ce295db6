"""Whoever sees a patient's pages sees of them what they see of this chart at work, and nothing that they do not.

Why: docs/decisions/0099-what-a-look-shows.md.
"""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

# Asked as the staff member, before the look begins: each part by the rule that holds for it at work. Coverage and
# caregivers are parts of their own here, because the front desk has them by its hat and not by a section.
AT_WORK = """
create function seen_at_work(p_part text, p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_patient() is null and case p_part
    when 'bills' then public.sees_bills('view', p_patient, p_confidentiality)
    when 'coverage' then public.sees_coverage('view', p_patient, p_confidentiality)
    when 'forms' then public.reads_answers(p_patient, p_confidentiality)
    when 'notes' then public.reads_notes(p_patient, p_confidentiality)
    when 'results' then public.reads_chart(p_patient, p_confidentiality)
    when 'caregivers' then public.actor_has('front_desk') and public.decides_on_proxies(p_patient, p_confidentiality)
    else public.may('view', p_part, p_patient, p_confidentiality) end;
"""
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
_SEE = "see_as_patient(uuid, uuid, text, uuid, text)"
_SECTIONS = "'{booking,forms,vitals,messages,results,notes,bills,visits,profile}'"
_REWRITTEN = (
    (_SEE, _SECTIONS, "'{booking,forms,vitals,messages,results,notes,bills,visits,profile,coverage,caregivers}'"),
    (
        _SEE,
        "may('view', s.section, chart.id, substr('NRV', l.level, 1))",
        "seen_at_work(s.section, chart.id, substr('NRV', l.level, 1))",
    ),
)

# What belongs to a look alone is said as an exception beside what holds for the patient's side.
SEEN = """
create or replace function sees_coverage(p_verb text, p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system')
    or (public.actor_patient() = p_patient and public.may(p_verb, 'bills', p_patient, p_confidentiality))
    or (public.actor_has('onlooker') and p_verb = 'view' and public.actor_patient() = p_patient
      and public.may('view', 'coverage', p_patient, p_confidentiality))
    or (public.actor_patient() is null and (
      (public.actor_has('billing') and public.may(p_verb, 'bills', p_patient, p_confidentiality))
      or (public.actor_has('front_desk') and public.may(p_verb, 'profile', p_patient, p_confidentiality))));
create policy related_person_seen on related_person for select using (
  public.actor_has('onlooker') and patient_id = public.actor_patient()
  and public.may('view', 'caregivers', patient_id, confidentiality));
"""
BEFORE = """
drop policy related_person_seen on related_person;
create or replace function sees_coverage(p_verb text, p_patient uuid, p_confidentiality text) returns boolean
language sql stable parallel safe
  return public.actor_has('system')
    or (public.actor_patient() = p_patient and public.may(p_verb, 'bills', p_patient, p_confidentiality))
    or (public.actor_patient() is null and (
      (public.actor_has('billing') and public.may(p_verb, 'bills', p_patient, p_confidentiality))
      or (public.actor_has('front_desk') and public.may(p_verb, 'profile', p_patient, p_confidentiality))));
"""


def upgrade() -> None:
    """Give a look what its owner has at work, part by part."""
    op.execute(AT_WORK)
    for function, old, new in _REWRITTEN:
        op.execute(_REWRITE.format(function=function, old=old, new=new))
    op.execute(SEEN)


def downgrade() -> None:
    """Give it the sections of a chart alone."""
    op.execute(BEFORE)
    for function, old, new in reversed(_REWRITTEN):
        op.execute(_REWRITE.format(function=function, old=new, new=old))
    op.execute("drop function seen_at_work(text, uuid, text)")
