"""Insurance: what somebody has, and saying that there is none."""

from uuid import uuid4

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import db, i18n
from portal_app.core.i18n import N_, _
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.service import CoverageView
from portal_app.features.practice import service as practice
from portal_app.state import coverage_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.from_check_in import put_right
from portal_app.state.ids import known_id
from portal_app.web.next_path import check_in_path, for_check_in

SAID_NONE = N_("Noted: there is no insurance. We say beforehand what a visit will cost.")


class Insurance(PortalState, rx.State):
    """The list of a patient's insurances."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    ended: list[dict[str, str]] = []
    is_uninsured: bool = False
    is_asking: bool = False
    news: str = ""
    phone: str = ""
    key: str = ""
    check_in_href: str = ""
    add_href: str = ""
    _visit: str = ""

    @handles("coverage.see")
    async def on_load(self) -> None:
        """Fill the list and follow its changes."""
        self.is_asking, self.news, self.key = False, "", str(uuid4())
        self._visit = self.router.url.query_parameters.get("visit", "")
        self.check_in_href = check_in_path(self._locale(), self._visit)
        self.add_href = self._path("/insurance/add")
        async with db.opened().act_as(self._credential(), "coverage.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "billing")).number
            await self._show(tx, is_repeated=False)
        self._watch(f"coverage:{tx.actor.patient_id}")

    @handles("coverage.see")
    async def on_ask(self) -> None:
        """Ask once before all insurances end."""
        self.is_asking = True

    @handles("coverage.see")
    async def on_keep(self) -> None:
        """Leave all as it is."""
        self.is_asking = False

    @handles("coverage.change", writes=True)
    async def on_none(self, key: str) -> EventSpec | None:
        """Say that there is no insurance; the key that came with the page makes two taps one."""
        self.is_asking = False
        async with db.opened().act_as(self._credential(), "coverage.change") as tx:
            await coverages.say_uninsured(tx, known_id(key))
            await self._show(tx, is_repeated=True)
        self.key = str(uuid4())
        if self.check_in_href:
            await put_right(self._credential(), self._visit, "insurance")
            return rx.redirect(self.check_in_href)
        with i18n.use(self._locale()):
            self.news = _(SAID_NONE)
        return None

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "coverage.see") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        found = await coverages.my_coverages(tx, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.rows = [self._row(one) for one in found if one.status == "active" and one.kind == "insurance"]
            self.ended = [self._row(one) for one in found if one.status != "active" and one.kind == "insurance"]
        self.is_uninsured = any(one.status == "active" and one.kind == "self_pay" for one in found)
        self.is_ready = True

    def _row(self, one: CoverageView) -> dict[str, str]:
        said, tone = words.standing(one)
        return {
            "title": words.title(one),
            "detail": words.turn(one) if one.status == "active" else "",
            "status": said,
            "tone": tone,
            "href": self._path(f"/insurance/{one.id}"),
        }

    def _path(self, address: str) -> str:
        """Return an address about insurance, from which the way back to check-in stays known."""
        return for_check_in(i18n.localized_path(self._locale(), address), self._visit)
