"""What looks through files for viruses: nobody, unless the operator has set one up."""

from typing import Protocol

from portal_app.core.errors import PortalError


class ScannerAway(PortalError):
    """Nobody has looked through the file: the scanner is away, or said something else."""

    code = "scanner_away"


class Scanner(Protocol):
    """Knows what harms computers."""

    async def scan(self, content: bytes) -> str:
        """Return what was found in a file, "" if nothing. Raises ScannerAway."""


class _Place:
    scanner: Scanner | None = None


def use_scanner(scanner: Scanner | None) -> None:
    """Have every file that is sent looked through, from now on; None: no file."""
    _Place.scanner = scanner


async def look_through(content: bytes) -> str:
    """Return what was found in a file, "" if nothing or where nobody looks. Raises ScannerAway."""
    return await _Place.scanner.scan(content) if _Place.scanner else ""
