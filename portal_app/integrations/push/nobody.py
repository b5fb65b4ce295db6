"""Notifications where the portal has no key for them."""

from portal_app.features.notify.errors import PushRefused
from portal_app.features.notify.ports import OutgoingPush

NOT_SET_UP = 0
"""In the place of a reply."""


class NoPushes:
    """Take none. Pages do not offer notifications then; this is for one left while there still was a key."""

    async def send(self, push: OutgoingPush) -> None:  # noqa: ARG002 - the port's signature
        """Raise PushRefused."""
        raise PushRefused(NOT_SET_UP)
