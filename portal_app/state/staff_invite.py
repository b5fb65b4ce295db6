"""Inviting one patient: how far they are, and a card or a mail that lets them in."""

from typing import Final
from uuid import UUID, uuid4

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.enrolment import service as enrolment
from portal_app.features.enrolment.errors import ActivationRaced, AlreadyEnrolled, TooYoung
from portal_app.features.patients import service as patients
from portal_app.features.practice import service as practice
from portal_app.state.base import PortalState, handles
from portal_app.state.enrolment_words import stage_words, tone_of
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.reset_patient import ResetPatient

_MAILED: Final = N_("The invitation is on its way.")
_WITHDRAWN: Final = N_("Withdrawn. What was handed out or sent lets nobody in any more.")


class StaffInvite(PortalState, rx.State):
    """The page on which one patient is invited."""

    is_ready: bool = False
    is_missing: bool = False
    name: str = ""
    back: str = ""
    said: str = ""
    tone: str = ""
    email: str = ""
    is_in: bool = False
    is_out: bool = False
    card_href: str = ""
    news: str = ""
    problem: str = ""
    error: str = ""
    attempt: str = ""
    _id: str = ""
    _key: str = ""

    @handles("enrolment.issue")
    async def on_load(self) -> None:
        """Show how far the person is, and follow it."""
        self._id = self.router.url.query_parameters.get("patient", "")
        self.news = self.problem = self.error = ""
        self.is_ready = self.is_missing = False
        self._key = str(uuid4())
        async with db.opened().act_as(self._credential(), "enrolment.issue") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True
        if not self.is_missing:
            self._watch(f"patient:{self._id}")

    @handles("enrolment.issue", writes=True)
    async def on_card(self) -> EventSpec | None:
        """Make a card and open it to be printed; it replaces what was out before."""
        made = await self._issue("card", "")
        if made is not None:
            return rx.redirect(i18n.localized_path(self._locale(), f"/staff/cards?card={made}"))
        return None

    @handles("enrolment.issue", writes=True)
    async def on_mail(self, form: dict[str, str]) -> None:
        """Send the invitation to an address; it replaces what was out before."""
        if await self._issue("mail", str(form.get("email", ""))) is not None:
            await self._said(_MAILED)

    @handles("enrolment.issue", writes=True)
    async def on_withdraw(self) -> None:
        """Let nobody in with what is out."""
        async with db.opened().act_as(self._credential(), "enrolment.issue") as tx:
            await enrolment.revoke_activation(tx, known_id(self._id))
        await self._said(_WITHDRAWN)

    async def _issue(self, channel: enrolment.Channel, email: str) -> UUID | None:
        self.news = self.problem = self.error = ""
        self.attempt = clock.now().isoformat()
        key, self._key = UUID(self._key), str(uuid4())
        try:
            async with db.opened().act_as(self._credential(), "enrolment.issue") as tx:
                return await enrolment.issue_activation(tx, known_id(self._id), channel, key, email)
        except InputRefused as error:
            self._complain(error.reason, is_field=True)
        except (AlreadyEnrolled, TooYoung, ActivationRaced) as error:
            self._complain(error.message)
            await self._refresh()
        return None

    def _complain(self, message: str, *, is_field: bool = False) -> None:
        with i18n.use(self._locale()):
            self.error, self.problem = (_(message), "") if is_field else ("", _(message))

    async def _said(self, message: str) -> None:
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _(message)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "enrolment.issue") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = False) -> None:
        try:
            who = await patients.patient(tx, known_id(self._id), is_repeated=is_repeated)
            found = await enrolment.enrolment_of(tx, who.id)
        except PortalError:
            self.is_missing = True
            return
        places = await practice.locations(tx)
        self.name, self.is_in = f"{who.given_name} {who.family_name}", found.stage in ("in", "settling")
        (await self.get_state(ResetPatient))._show(tx, is_in=self.is_in)
        self.is_out, self.email = found.activation_id is not None, found.email
        with i18n.use(self._locale()):
            self.back = i18n.localized_path(i18n.current(), f"/staff/patients/{who.id}")
            self.said = stage_words(found, places[0].zone if places else "UTC")
            self.tone = tone_of(found.stage)
            is_card = found.channel == "card" and found.stage in ("invited", "opened")
            self.card_href = i18n.localized_path(i18n.current(), f"/staff/cards?card={found.activation_id}")
            self.card_href = self.card_href if is_card else ""
