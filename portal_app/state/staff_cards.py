"""Activation cards to print: one, or all of a batch."""

from uuid import UUID

import reflex as rx

from portal_app.core import db
from portal_app.core.errors import NotFound
from portal_app.features.enrolment import service as enrolment
from portal_app.features.practice import service as practice
from portal_app.settings import get_settings
from portal_app.state.base import PortalState, handles
from portal_app.state.card_rows import card_row
from portal_app.state.frame import Frame


class StaffCards(PortalState, rx.State):
    """The cards that are open to be printed."""

    is_ready: bool = False
    cards: list[dict[str, str]] = []

    @handles("enrolment.issue")
    async def on_load(self) -> None:
        """Show the card of the address; each card shown is recorded."""
        asked = self.router.url.query_parameters
        self.cards, self.is_ready = [], False
        async with db.opened().act_as(self._credential(), "enrolment.issue") as tx:
            await (await self.get_state(Frame))._fill(tx)
            us, places = await practice.practice(tx), await practice.locations(tx)
            zone = places[0].zone if places else "UTC"
            try:
                found = (
                    await enrolment.cards_of_batch(tx, UUID(asked["batch"]))
                    if "batch" in asked
                    else [await enrolment.card(tx, UUID(asked.get("card", "")))]
                )
            except (NotFound, ValueError):
                found = []
            self.cards = [card_row(one, us, get_settings().public_origin, zone) for one in found]
        self.is_ready = True
