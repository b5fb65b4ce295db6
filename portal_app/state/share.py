"""Invite a caregiver, or change what one may do. Nothing is chosen beforehand."""

from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.features.access import caregivers, rules
from portal_app.features.access.errors import CaregiverAlready, SetByPractice
from portal_app.features.access.views import ShareForm
from portal_app.state import share_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.refused import beside, refused

LIST = "/profile/caregivers"
FIELDS = ("name", "email", "relationship", "shares", "until")


class Share(PortalState, rx.State):
    """The form of an invitation; with an id in the address, of a change."""

    is_ready: bool = False
    is_change: bool = False
    who: str = ""
    chosen: dict[str, str] = rules.choice_of_parts(())
    relationships: list[dict[str, str]] = []
    lives: list[dict[str, str]] = []
    errors: list[dict[str, str]] = []
    error_of: dict[str, str] = beside(FIELDS, ())
    attempt: str = ""
    _id: str = ""
    _key: str = ""

    @handles("access.share_chart")
    async def on_load(self) -> None:
        """Ask for a second proof before anything is typed, and begin an invitation that is one however often sent."""
        self._id, self._key = self._asked_id(), str(uuid4())
        self._refuse([])
        ticked: tuple[str, ...] = ()
        async with db.opened().act_as(self._credential(), "access.share_chart") as tx:
            await caregivers.require_proof_to_share(tx)
            await (await self.get_state(Frame))._fill(tx)
            if self._id:
                found = await caregivers.caregiver(tx, known_id(self._id))
                ticked, self.who = found.ticked, found.name
        self.is_change = bool(self._id)
        with i18n.use(self._locale()):
            self.chosen = rules.choice_of_parts(ticked)
            self.relationships, self.lives = say.choices(say.RELATIONSHIPS), say.choices(say.LIVES)
        self.is_ready = True

    @handles("access.share_chart", writes=True)
    async def on_send(self, form: dict[str, str]) -> None:
        """Send the invitation or keep the change, or say what needs another look."""
        self.attempt = clock.now().isoformat()
        self._refuse([])
        typed = {name: str(form.get(name, ""))[:400] for name in ("name", "email", "relationship", "until")}
        ticked = rules.chosen_shares(form)
        try:
            async with db.opened().act_as(self._credential(), "access.share_chart") as tx:
                if self._id:
                    await caregivers.change_shares(tx, known_id(self._id), ticked, typed["until"])
                else:
                    await caregivers.invite_caregiver(tx, ShareForm(**typed, ticked=ticked), UUID(self._key))
        except (InputRefused, CaregiverAlready, SetByPractice) as error:
            with i18n.use(self._locale()):
                self._refuse(refused(error, "email"))
            return
        done = "changed" if self._id else "invited"
        await self._leave_for(i18n.localized_path(self._locale(), f"{LIST}?done={done}"))

    def _refuse(self, errors: list[dict[str, str]]) -> None:
        self.errors, self.error_of = errors, beside(FIELDS, errors)

    def _asked_id(self) -> str:
        return self.router.url.query_parameters.get("id", "")
