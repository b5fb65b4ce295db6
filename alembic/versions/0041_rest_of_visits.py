"""What patients have ready for a visit by video, kind by kind, as the practice says it."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

PREPARATIONS = """
create table visit_preparation (
  visit_type_id uuid primary key references visit_type on delete cascade,
  words jsonb not null constraint visit_preparation_words check (jsonb_typeof(words) = 'object' and words <> '{}'),
  set_by uuid references person, set_at timestamptz not null
);
alter table visit_preparation enable row level security;
alter table visit_preparation force row level security;
create policy visit_preparation_view on visit_preparation for select using (actor_person() is not null);
create policy visit_preparation_add on visit_preparation for insert with check (
  actor_has('manager') and set_by = actor_person());
create policy visit_preparation_change on visit_preparation for update using (actor_has('manager'))
  with check (actor_has('manager') and set_by = actor_person());
create policy visit_preparation_drop on visit_preparation for delete using (actor_has('manager'));
grant select, insert, update (words, set_by, set_at), delete on visit_preparation to portal_app;
create trigger visit_preparation_announced after insert or update or delete on visit_preparation
  for each statement execute function announce_practice();
"""


def upgrade() -> None:
    """Make the table; without a row, what comes with the portal is shown."""
    op.execute(PREPARATIONS)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Drop it, and what practices wrote."""
    op.execute("drop table visit_preparation")
