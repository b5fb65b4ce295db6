"""The code that the front desk gave: typed into a plain form."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import PortalError, TooManyTries
from portal_app.core.i18n import _
from portal_app.features.access.errors import FactorWornOut, GivenCodeRefused
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

_PROBLEMS = {error.code: error.message for error in (GivenCodeRefused, FactorWornOut, TooManyTries)}


class GivenCode(PortalState, rx.State):
    """What went wrong with the last code, if anything did."""

    is_ready: bool = False
    problem: str = ""
    attempt: str = ""

    @handles("access.use_given_code")
    async def on_load(self) -> None:
        """Fill the page."""
        problem, self.attempt = self.router.url.query_parameters.get("problem", ""), clock.now().isoformat()
        async with db.opened().act_as(self._credential(), "access.use_given_code") as tx:
            await (await self.get_state(Frame))._fill(tx)
        with i18n.use(self._locale()):
            self.problem = _(_PROBLEMS.get(problem, PortalError.message)) if problem else ""
        self.is_ready = True
