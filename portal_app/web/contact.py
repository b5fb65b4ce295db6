"""Who we are and whom to call: kept in memory, because the database may be what is away."""

from dataclasses import dataclass


@dataclass(slots=True)
class Contact:
    """The practice's name, main number and accent, and the emergency number there, as last read; empty until then."""

    practice: str = ""
    phone: str = ""
    accent: str = ""
    emergency: str = ""


CONTACT = Contact()
"""Filled when the web process starts and whenever the practice's own row changes."""
