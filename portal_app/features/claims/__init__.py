"""Claims as data: what an insurer would be sent for a charge, and what is missing. Sending comes later."""
