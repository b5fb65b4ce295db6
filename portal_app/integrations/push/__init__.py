"""Notifications for browsers."""
