"""Paying online: attempts, what the processor tells about them, refunds, methods kept."""
