"""Invite a caregiver, or change what one may do. Nothing is chosen beforehand."""

from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import _
from portal_app.features.access import caregivers, rules
from portal_app.features.access.errors import CaregiverAlready, SetByPractice
from portal_app.features.access.passkeys import require_fresh
from portal_app.features.access.views import ShareForm
from portal_app.state import share_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.caregivers import relation_id_of
from portal_app.state.frame import Frame

LIST = "/profile/caregivers"


class Share(PortalState, rx.State):
    """The form of an invitation; with an id in the address, of a change."""

    is_ready: bool = False
    is_change: bool = False
    who: str = ""
    boxes: list[dict[str, str]] = []
    relationships: list[dict[str, str]] = []
    lives: list[dict[str, str]] = []
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    _id: str = ""
    _key: str = ""

    @handles("access.share_chart")
    async def on_load(self) -> None:
        """Ask for a fresh sign-in before anything is typed, and begin an invitation that is one however often sent."""
        self._id, self._key = self._asked_id(), str(uuid4())
        self.error = self.error_field = ""
        ticked: tuple[str, ...] = ()
        async with db.opened().act_as(self._credential(), "access.share_chart") as tx:
            await require_fresh(tx)
            await (await self.get_state(Frame))._fill(tx)
            if self._id:
                found = await caregivers.caregiver(tx, relation_id_of(self._id))
                ticked, self.who = found.ticked, found.name
        self.is_change = bool(self._id)
        with i18n.use(self._locale()):
            self.boxes = [{**row, "is_on": "yes" if row["value"] in ticked else ""} for row in say.choices(say.SHARES)]
            self.relationships, self.lives = say.choices(say.RELATIONSHIPS), say.choices(say.LIVES)
        self.is_ready = True

    @handles("access.share_chart", writes=True)
    async def on_send(self, form: dict[str, str]) -> None:
        """Send the invitation or keep the change, or say what needs another look."""
        self.error, self.error_field, self.attempt = "", "", clock.now().isoformat()
        typed = {name: str(form.get(name, ""))[:400] for name in ("name", "email", "relationship", "until")}
        ticked = tuple(name for name in rules.SHARES if form.get(name))
        try:
            async with db.opened().act_as(self._credential(), "access.share_chart") as tx:
                if self._id:
                    await caregivers.change_shares(tx, relation_id_of(self._id), ticked, typed["until"])
                else:
                    await caregivers.invite_caregiver(tx, ShareForm(**typed, ticked=ticked), UUID(self._key))
        except (InputRefused, CaregiverAlready, SetByPractice) as error:
            self._refuse(error)
            return
        done = "changed" if self._id else "invited"
        await self._leave_for(i18n.localized_path(self._locale(), f"{LIST}?done={done}"))

    def _refuse(self, error: PortalError) -> None:
        self.error_field = error.field if isinstance(error, InputRefused) else "email"
        with i18n.use(self._locale()):
            self.error = _(error.reason if isinstance(error, InputRefused) else error.message)

    def _asked_id(self) -> str:
        return self.router.url.query_parameters.get("id", "")
