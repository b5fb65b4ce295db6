"""Whether support may see one's own pages, beside who looked."""

import reflex as rx

from portal_app.core import db
from portal_app.core.actor import Role
from portal_app.features.privacy import service as privacy
from portal_app.state.base import PortalState, handles


class LookRefusal(PortalState, rx.State):
    """Said and decided by the patient, for a small child by whoever acts for it; to others nothing is shown."""

    is_offered: bool = False
    is_for_child: bool = False
    """Whether it is another chart than one's own that is decided about."""
    is_refused: bool = False

    @handles("privacy.who_looked")
    async def on_load(self) -> None:
        """Look how it stands."""
        async with db.opened().act_as(self._credential(), "privacy.who_looked") as tx:
            await self._look(tx)

    @handles("privacy.refuse_looks", writes=True)
    async def on_refuse(self) -> None:
        """Let nobody see these pages as their owner does."""
        async with db.opened().act_as(self._credential(), "privacy.refuse_looks") as tx:
            await privacy.refuse_looks(tx)
            await self._look(tx)

    @handles("privacy.refuse_looks", writes=True)
    async def on_allow(self) -> None:
        """Let staff help in this way again."""
        async with db.opened().act_as(self._credential(), "privacy.refuse_looks") as tx:
            await privacy.allow_looks(tx)
            await self._look(tx)

    async def _look(self, tx: db.Transaction) -> None:
        self.is_refused = await privacy.are_looks_refused(tx, tx.actor.patient_id)
        self.is_offered = await privacy.may_refuse_looks(tx)
        self.is_for_child = self.is_offered and Role.caregiver in tx.actor.roles
