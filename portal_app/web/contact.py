"""Whom to call when the portal itself cannot help: kept in memory, because the database may be what is away."""

from dataclasses import dataclass


@dataclass(slots=True)
class Contact:
    """The practice's name and main number, as last read from the database; empty until then."""

    practice: str = ""
    phone: str = ""


CONTACT = Contact()
"""Filled when the web process starts and whenever the practice's own row changes."""
