"""What the samples of the design page answer; nothing is read or written anywhere."""

import reflex as rx

from portal_app.core.policy import register
from portal_app.state.base import PortalState, handles

TRY = register("design.try", public=True, demo_only=True).name
"""Try a sample of the design page, which the gate opens in the demo only."""

_LONGEST = 20


class Design(PortalState, rx.State):
    """A chosen day, an open dialog, and a form sent too early."""

    day: str = "2026-11-24"
    is_asking: bool = False
    attempts: int = 0

    @handles(TRY)
    async def on_choose_day(self, value: str) -> None:
        """Choose a date."""
        self.day = value[:_LONGEST]

    @handles(TRY)
    async def on_ask(self) -> None:
        """Open the dialog."""
        self.is_asking = True

    @handles(TRY)
    async def on_dismiss(self) -> None:
        """Close the dialog."""
        self.is_asking = False

    @handles(TRY)
    async def on_send(self) -> None:
        """Find the problems of the form again."""
        self.attempts += 1
