"""Taking one's record away: what is in it, once whoever asks has just proved themself."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import _
from portal_app.features.access import service as access
from portal_app.features.record import service as record
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.record_words import TITLES


class TakeRecord(PortalState, rx.State):
    """The page of the record."""

    is_ready: bool = False
    whose: str = ""
    parts: list[dict[str, str]] = []
    left_out: list[dict[str, str]] = []

    @handles("record.take")
    async def on_load(self) -> None:
        """Say what is in it and, to whoever acts for another, what was not shared."""
        self.is_ready, self.parts, self.left_out = False, [], []
        async with db.opened().act_as(self._credential(), "record.take") as tx:
            await (await self.get_state(Frame))._fill(tx)
            named = await record.contents(tx)
            acted = await access.acting_for(tx)
        with i18n.use(self._locale()):
            self.whose = _("This is the record of {name}.").format(name=acted.name) if acted else ""
            self.parts = [{"title": _(TITLES[one])} for one in named]
            missing = [one for one in record.PARTS if one not in named and one != "caregivers"]
            self.left_out = [{"title": _(TITLES[one])} for one in missing]
        self.is_ready = True
