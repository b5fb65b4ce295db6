"""What somebody takes and cannot stand: the practice's lists, and what patients say about them."""
