"""A stand-in for Stripe on this machine: no real money, and the same conversation as with the real one.

It speaks what stripe-python 16.1.0 sends (API 2026-10-28.endive), as far as the portal uses it. Every request is
checked against the types that come with stripe-python, so what the portal sends here Stripe takes as well. Nothing
proves that but a run with Stripe's own test keys: docs/payments.md.
"""
