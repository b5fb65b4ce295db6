"""What a visit will probably cost: told before it, kept as it was told."""
