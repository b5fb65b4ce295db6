"""Money paid back where it was paid, and paying from a link without signing in.

Why it is built so: docs/decisions/0079-money-back.md.
"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

KINDS = (
    "'charge', 'insurance', 'adjustment', 'write_off', 'payment', 'correction', 'online_payment', 'refund', 'dispute',"
    " 'dispute_won', 'dispute_lost', 'payout', 'fee', 'void', 'credit', 'credit_used'"
)
MATTERS = (
    "'quarantined', 'dispute', 'dispute_won', 'dispute_lost', 'payout_failed', 'payout_differs', 'unmatched', 'drift',"
    " 'unheard'"
)

# What the processor has taken over is in the books at once, because it has left the account there; a bank that sends it
# back later leaves both entries, so a refund that failed may have been posted.
REFUNDS = """
alter table refund drop constraint refund_posted,
  add constraint refund_posted check (status <> 'succeeded' or posting_id is not null),
  add constraint refund_desk check (channel <> 'desk' or status = 'succeeded'),
  add column checked_at timestamptz;
create index refund_pending on refund (asked_at) where status = 'pending';
grant update (checked_at) on refund to portal_app;
"""

# For which visit a co-pay is, so that nobody pays it twice; while one is paid no bill is there yet.
COPAYS = """
alter table payment_attempt add appointment_id uuid references appointment,
  add constraint payment_attempt_visit check (appointment_id is null or purpose = 'copay');
create index payment_attempt_visit_paid on payment_attempt (appointment_id) where appointment_id is not null;
"""

# A link in the mail of a statement, by which its bills are paid without signing in. Only a hash of it is kept.
LINKS = """
create table payment_link (
  id uuid primary key, statement_id uuid not null references statement, person_id uuid not null references person,
  token_hash text not null, is_private boolean not null,
  made_at timestamptz not null default now(), expires_at timestamptz not null,
  constraint payment_link_token unique (token_hash),
  constraint payment_link_once unique (statement_id, person_id)
);
create index payment_link_expires_at on payment_link (expires_at);
alter table payment_link enable row level security;
alter table payment_link force row level security;
create policy payment_link_view on payment_link for select using (public.actor_has('system'));
create policy payment_link_make on payment_link for insert with check (public.actor_has('system'));
grant select, insert on payment_link to portal_app;
"""


def _widen(kinds: str, matters: str) -> None:
    op.execute(f"""
    alter table ledger_posting drop constraint ledger_posting_kind,
      add constraint ledger_posting_kind check (kind in ({kinds}));
    alter table money_matter drop constraint money_matter_kind,
      add constraint money_matter_kind check (kind in ({matters}));
    """)


def upgrade() -> None:
    """Let money go back."""
    _widen(f"{KINDS}, 'refund_failed'", f"{MATTERS}, 'refund_failed', 'refund_elsewhere'")
    op.execute(REFUNDS)
    op.execute(COPAYS)
    op.execute(LINKS)
    op.execute("call allow_maintenance()")


def downgrade() -> None:
    """Let it go back at the desk alone."""
    op.execute("""
    drop table payment_link;
    alter table payment_attempt drop column appointment_id;
    drop index refund_pending;
    alter table refund drop column checked_at, drop constraint refund_desk, drop constraint refund_posted,
      add constraint refund_posted check ((status = 'succeeded') = (posting_id is not null));
    """)
    _widen(KINDS, MATTERS)
