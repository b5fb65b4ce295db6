"""Check-in: what is confirmed in the days before a visit, and that somebody is checked in."""
