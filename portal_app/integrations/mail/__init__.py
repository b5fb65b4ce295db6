"""Mail sent over SMTP."""
