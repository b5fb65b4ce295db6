"""Insurers where nobody is set up to be asked."""

from portal_app.features.coverage.errors import CannotAsk
from portal_app.features.coverage.ports import Answer, Inquiry


class NobodyToAsk:
    """Ask nobody; pages say that the practice will check. Implements coverage's EligibilityPort."""

    async def ask(self, inquiry: Inquiry) -> Answer:  # noqa: ARG002 - the port's signature
        """Raise CannotAsk."""
        raise CannotAsk
