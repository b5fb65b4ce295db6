"""Calls that patients ask for and staff make."""
