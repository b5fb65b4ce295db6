"""What was sent, taken apart and written anew: in a process of its own, since nobody knows what is in it.

Nothing here knows settings, keys or the database. `python -m portal_app.core.cleaning KIND MAX_PIXELS MAX_BYTES` reads
the content and answers with one line of JSON, and behind it what is kept instead.
"""
