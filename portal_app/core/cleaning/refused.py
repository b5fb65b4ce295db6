"""Why something is not taken."""


class Refused(Exception):
    """The content is not taken; `reason` is "broken", "active", "locked", "too_large" or "too_many_pixels"."""

    def __init__(self, reason: str) -> None:
        """Remember why."""
        super().__init__(reason)
        self.reason = reason
