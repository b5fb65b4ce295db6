"""Keeping a visit private from whoever acts for the patient."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.booking import service as booking
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id


class PrivateVisit(PortalState, rx.State):
    """Beside a visit, and beside the form that books one; says nothing where nobody acts for the patient."""

    can_keep: bool = False
    is_offered: bool = False
    is_private: bool = False
    news: str = ""
    _id: str = ""

    @handles("booking.view")
    async def on_load(self) -> None:
        """Look whether there is anybody to keep it from."""
        self._id, self.news = self.router.url.path.rstrip("/").rsplit("/", 1)[-1], ""
        async with db.opened().act_as(self._credential(), "booking.view") as tx:
            self.can_keep = await booking.can_keep_private(tx)
            await self._look(tx)

    @handles("booking.keep_private", writes=True)
    async def on_keep(self) -> None:
        """Hide this visit from them, at once."""
        await self._set(N_("This visit is private now. People who act for you do not see it anywhere."), hides=True)

    @handles("booking.keep_private", writes=True)
    async def on_show(self) -> None:
        """Show them this visit again."""
        await self._set(N_("People who act for you can see this visit again."), hides=False)

    async def _set(self, said: str, *, hides: bool) -> None:
        async with db.opened().act_as(self._credential(), "booking.keep_private") as tx:
            await (booking.keep_private if hides else booking.show_again)(tx, known_id(self._id))
            await self._look(tx)
        with i18n.use(self._locale()):
            self.news = _(said)

    async def _look(self, tx: db.Transaction) -> None:
        try:
            found = await booking.is_private(tx, known_id(self._id))
        except NotFound:
            found = None
        self.is_offered, self.is_private = found is not None, bool(found)
