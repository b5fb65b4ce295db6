"""What somebody waits for: times kept for them, wishes for earlier ones, and what they have asked in words. Live."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import _
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import RequestView, WaitingView
from portal_app.state import waiting_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id


class Waiting(PortalState, rx.State):
    """The patient's page of everything that is not booked yet."""

    is_ready: bool = False
    offers: list[dict[str, str]] = []
    wishes: list[dict[str, str | list[dict[str, str]]]] = []
    requests: list[dict[str, str]] = []
    news: str = ""

    @handles("waiting.view")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        self.news = ""
        done = self.router.url.query_parameters.get("done")
        async with db.opened().act_as(self._credential(), "waiting.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"patient:{tx.actor.patient_id}")
        with i18n.use(self._locale()):
            if done == "asked":
                self.news = _("You are on the list. We write to you when it is your turn.")

    @handles("waiting.ask", writes=True)
    async def on_stop(self, entry_id: str) -> None:
        """Leave the list."""
        async with db.opened().act_as(self._credential(), "waiting.ask") as tx:
            await waiting.stop_waiting(tx, picked_id(entry_id, "wish"))
            await self._show(tx)
        with i18n.use(self._locale()):
            self.news = _("You are off the list. Your booked visits stay as they are.")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "waiting.view") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        offers = await waiting.my_offers(tx, is_repeated=is_repeated)
        wishes = await waiting.my_waiting(tx, is_repeated=is_repeated)
        requests = await waiting.my_requests(tx, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.offers = [say.offer_row(one) for one in offers]
            self.wishes = [_wish_row(one) for one in wishes]
            self.requests = [_request_row(one) for one in requests]
        self.is_ready = True


def _wish_row(one: WaitingView) -> dict[str, str | list[dict[str, str]]]:
    return {
        "id": str(one.id),
        "title": _("Something earlier than your visit") if one.appointment_id else _("The first time that suits you"),
        "facts": say.wish_facts(one),
        "state": _("A time is kept for you above") if one.offer_id else "",
    }


def _request_row(one: RequestView) -> dict[str, str]:
    status, tone = say.request_status(one)
    return {
        "title": one.words if len(one.words) <= 60 else f"{one.words[:57]}…",
        "detail": say.answer_by_words(one) if one.status == "open" else status,
        "tone": tone,
        "href": i18n.localized_path(i18n.current(), f"/requests/{one.id}"),
    }
