"""A form that is filled in: the browser asks for it and keeps the answers by itself (assets/form_filler.jsx)."""

import reflex as rx

from portal_app.core import db
from portal_app.features.practice import service as practice
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.web.next_path import check_in_path


class Form(PortalState, rx.State):
    """The page of one form; nothing of what is answered is held here."""

    form_id: str = ""
    phone: str = ""
    check_in: str = ""
    """The check-in that somebody came from."""

    @handles("intake.see")
    async def on_load(self) -> None:
        """Say which form it is, and whom to call."""
        self.form_id = ""
        self.check_in = check_in_path(self._locale(), self.router.url.query_parameters.get("visit", ""))
        async with db.opened().act_as(self._credential(), "intake.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "bookings")).number
        self.form_id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
