"""Text messages where no gateway is set up."""

from portal_app.features.notify.errors import TextRefused
from portal_app.features.notify.ports import OutgoingText

NOT_SET_UP = 0
"""In the place of a reply."""


class NoTexts:
    """Take none. Pages do not offer texts then; this is for a message left while there still was a gateway."""

    async def send(self, message: OutgoingText) -> None:  # noqa: ARG002 - the port's signature
        """Raise TextRefused."""
        raise TextRefused(NOT_SET_UP)
