"""An invitation to act for somebody: what it says, and yes or no."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.access import service as access
from portal_app.features.access.errors import CaregiverAlready, InvitationOver
from portal_app.state import share_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class Invitation(PortalState, rx.State):
    """The page behind the link of an invitation."""

    is_ready: bool = False
    is_over: bool = False
    is_declined: bool = False
    is_accepted: bool = False
    who: str = ""
    chart_id: str = ""
    shares: list[str] = []
    until: str = ""
    problem: str = ""
    _key: str = ""

    @handles("access.act_for")
    async def on_load(self) -> None:
        """Show who asks and what for; opening it answers nothing."""
        self._key = self.router.url.query_parameters.get("key", "")
        self.is_over = self.is_declined = self.is_accepted = False
        self.problem = ""
        async with db.opened().act_as(self._credential(), "access.act_for") as tx:
            await (await self.get_state(Frame))._fill(tx)
            try:
                found = await access.read_invitation(tx, self._key)
            except InvitationOver:
                self.is_over = self.is_ready = True
                return
        self.is_over = not found.is_open or found.is_own_chart
        self.who, self.chart_id = found.patient_name, str(found.patient_id)
        with i18n.use(self._locale()):
            self.shares, self.until = say.share_lines(found.ticked), say.until_words(found.valid_until, "UTC")
        self.is_ready = True

    @handles("access.act_for", writes=True)
    async def on_accept(self) -> None:
        """Act for the patient from now on."""
        self.is_accepted = await self._answer(is_accepted=True)

    @handles("access.act_for", writes=True)
    async def on_decline(self) -> None:
        """Say no; the link counts no more."""
        self.is_declined = await self._answer(is_accepted=False)

    async def _answer(self, *, is_accepted: bool) -> bool:
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "access.act_for") as tx:
                await access.answer_invitation(tx, self._key, is_accepted=is_accepted)
        except InvitationOver:
            self.is_over = True
            return False
        except CaregiverAlready as error:
            self._say(error, N_("You act for this person already. Nothing was changed."))
            return False
        return True

    def _say(self, error: PortalError, words: str) -> None:
        with i18n.use(self._locale()):
            self.problem = _(words or error.message)
