"""Take a chart away: everything of it that one may see, in one file."""
