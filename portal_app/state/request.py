"""One request: when it is answered, the answer, and offered times to take in one tap."""

from uuid import UUID

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound, PortalError
from portal_app.core.i18n import _
from portal_app.features.booking.errors import PatientElsewhere, TimeUnavailable
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import RequestView
from portal_app.state import booking_words as words
from portal_app.state import waiting_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id


class Request(PortalState, rx.State):
    """The page of one request."""

    is_ready: bool = False
    is_missing: bool = False
    is_new: bool = False
    can_withdraw: bool = False
    status: str = ""
    tone: str = "info"
    asked: str = ""
    words: str = ""
    promise: str = ""
    answer: str = ""
    phone: str = ""
    phone_name: str = ""
    offers: list[dict[str, str]] = []
    visit_href: str = ""
    problem: str = ""
    _id: str = ""

    @handles("waiting.view")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.is_new = self.router.url.query_parameters.get("done") == "asked"
        self.problem = ""
        async with db.opened().act_as(self._credential(), "waiting.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"patient:{tx.actor.patient_id}")

    @handles("waiting.answer_offer", writes=True)
    async def on_accept(self, offer_id: str) -> EventSpec | None:
        """Take one of the offered times; the others go back."""
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "waiting.answer_offer") as tx:
                view = await waiting.accept_offer(tx, picked_id(offer_id, "time"))
        except (waiting.OfferOver, TimeUnavailable, PatientElsewhere) as error:
            await self._refresh()
            self._say(error)
            return None
        return rx.redirect(i18n.localized_path(self._locale(), f"/appointments/{view.id}?done=booked"), replace=True)

    @handles("waiting.ask", writes=True)
    async def on_withdraw(self) -> None:
        """Take the request back."""
        async with db.opened().act_as(self._credential(), "waiting.ask") as tx:
            await waiting.withdraw_request(tx, picked_id(self._id, "time"))
            await self._show(tx)

    def _say(self, error: PortalError) -> None:
        with i18n.use(self._locale()):
            self.problem = _(error.message)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "waiting.view") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        self.is_ready = True
        try:
            one = await waiting.request(tx, UUID(self._id), is_repeated=is_repeated)
        except (NotFound, ValueError):
            self.is_missing = True
            return
        with i18n.use(self._locale()):
            self._fill(one)

    def _fill(self, one: RequestView) -> None:
        self.is_missing, self.can_withdraw = False, one.status in ("open", "answered")
        self.status, self.tone = say.request_status(one)
        self.words, self.answer, self.phone = one.words, one.answer, one.answer_phone
        self.asked = _("Asked {moment}").format(moment=words.moment_words(one.asked_at, one.zone))
        self.promise = say.answer_by_words(one) if one.status == "open" else ""
        self.phone_name = _("Call {phone}").format(phone=one.answer_phone) if one.answer_phone else ""
        self.offers = [say.offer_row(offer) for offer in one.offers]
        self.visit_href = (
            i18n.localized_path(i18n.current(), f"/appointments/{one.appointment_id}") if one.appointment_id else ""
        )
