"""Tasks for billing where a bank says later that it does not pay, and where a payment plan stands still."""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def _with_maintenance(statements: str) -> None:
    op.execute(f"""
    select set_config('portal.maintenance', '0065', true);
    {statements}
    select set_config('portal.maintenance', '', true);
    """)


def upgrade() -> None:
    """Let both be on the list of what is to be done."""
    _with_maintenance("""
    insert into task_kind (code, roles, is_open_to_patient) values
      ('payment_failed', '{billing}', false), ('plan_paused', '{billing}', false);
    """)


def downgrade() -> None:
    """Leave them to the bill and to whoever pays."""
    _with_maintenance("""
    delete from task where code in ('payment_failed', 'plan_paused');
    delete from task_kind where code in ('payment_failed', 'plan_paused');
    """)
