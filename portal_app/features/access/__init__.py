"""Who signs in, whose chart it is, and what each may do."""
