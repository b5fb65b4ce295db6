"""Visits: from joining to the end, whoever is in the room, and what is said there."""
