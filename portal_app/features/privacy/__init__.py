"""Who looked at a chart and why: what a patient is shown of the audit trail."""
