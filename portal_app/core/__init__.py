"""The foundations every feature stands on: database, actor, policy, audit, crypto, clock, languages, live changes."""
