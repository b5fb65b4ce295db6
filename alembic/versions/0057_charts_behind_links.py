"""Lead from a bill, a form, a plan and whatever else a message names to the chart it is in."""

from alembic import op

revision = "0057"
down_revision = "0059"
branch_labels = None
depends_on = None

# As in 0032, for more kinds: each with the parts of a chart of which one must be open to whoever follows the link.
BEHIND = """
create or replace function chart_behind(p_kind text, p_id uuid) returns uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before text := coalesce(current_setting('portal.maintenance', true), '');
  found_chart uuid;
begin
  perform set_config('portal.maintenance', 'caregivers', true);
  select x.patient_id into found_chart from (
    {kinds}) x
  where exists (
    select from access_grant g
    where g.grantee = actor_person() and g.patient_id = x.patient_id and g.basis in ('self', 'caregiver')
      and g.sections && x.sections and 'view' = any (g.verbs)
      and position(x.confidentiality in 'NRV') <= position(g.up_to in 'NRV')
      and (g.valid_until is null or g.valid_until > now()));
  perform set_config('portal.maintenance', before, true);
  return found_chart;
end $$;
"""
_BEFORE = {
    "Appointment": ("{booking,visits}", "appointment"), "TimeOffer": ("{booking,visits}", "time_offer"),
    "TimeRequest": ("{booking,visits}", "time_request"),
}  # fmt: skip
_NOW = [
    *_BEFORE.items(), ("WaitlistEntry", ("{booking}", "waitlist_entry")), ("CarePlan", ("{vitals}", "care_plan")),
    ("QuestionnaireResponse", ("{forms}", "questionnaire_response")),
    ("FormAssignment", ("{forms}", "form_assignment")), ("Invoice", ("{bills}", "invoice")),
    ("Account", ("{bills}", "statement")), ("Account", ("{bills}", "bill_question")),
    ("PaymentAttempt", ("{bills}", "payment_attempt")), ("PaymentPlan", ("{bills}", "payment_plan")),
    ("Estimate", ("{bills}", "estimate")), ("Coverage", ("{bills}", "coverage")),
    ("RelatedPerson", ("{profile}", "related_person")),
]  # fmt: skip
_QUESTION = """select q.patient_id, 'N', '{profile}'::text[] from privacy_question q
    where p_kind = 'PrivacyQuestion' and q.id = p_id"""


def _rows(kind: str, sections: str, table: str) -> str:
    return f"""select t.patient_id, t.confidentiality, '{sections}'::text[] as sections from {table} t
    where p_kind = '{kind}' and t.id = p_id"""  # noqa: S608 - written here


def _write(kinds: list[str]) -> None:
    op.execute(BEHIND.replace("{kinds}", "\n    union all ".join(kinds)))


def upgrade() -> None:
    """Know more kinds."""
    _write([*(_rows(kind, *where) for kind, where in _NOW), _QUESTION])


def downgrade() -> None:
    """Know those of 0032 alone."""
    _write([_rows(kind, *where) for kind, where in _BEFORE.items()])
