"""Files that people brought or were given: downloaded by whoever may see them."""
