"""Me: who is signed in, in which language, and the way out."""

import reflex as rx

from portal_app.core import db
from portal_app.features.access import service as access
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class Me(PortalState, rx.State):
    """The person's own page."""

    is_ready: bool = False
    name: str = ""
    email: str = ""
    may_share: bool = False
    has_charts: bool = False

    @handles("access.who_am_i")
    async def on_load(self) -> None:
        """Fill the page."""
        async with db.opened().act_as(self._credential(), "access.who_am_i") as tx:
            await (await self.get_state(Frame))._fill(tx)
            found, charts = await access.who_am_i(tx), await access.charts_acted_for(tx)
            self.may_share = any(one.is_current and one.relationship == "self" for one in charts)
            self.has_charts = (
                any(one.relationship != "self" for one in charts) or (await self.get_state(Frame)).acting_for != ""
            )
        self.name, self.email, self.is_ready = found.display_name, found.email, True
