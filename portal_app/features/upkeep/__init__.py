"""What keeps the house in order by itself: seals on the audit trail, sweeps of what is left over."""
