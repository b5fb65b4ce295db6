"""Messages to people: written once in their language, sent once, kept no longer than needed."""
