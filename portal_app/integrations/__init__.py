"""Implementations of the ports that features declare."""
