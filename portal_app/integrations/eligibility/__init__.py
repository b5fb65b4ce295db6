"""Asking insurers whether somebody is covered."""
