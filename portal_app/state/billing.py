"""Charges of visits that wait for billing: the list, and one charge with what it said before. Live."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import _
from portal_app.features.billing import rules
from portal_app.features.billing import service as billing
from portal_app.state import charge_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class Billing(PortalState, rx.State):
    """Billing's page. `charge_id` is the charge that is open, "" for the list."""

    is_ready: bool = False
    is_missing: bool = False
    review: str = "open"
    tabs: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    more: str = ""
    charge_id: str = ""
    title: str = ""
    subtitle: str = ""
    standing: str = ""
    tone: str = "info"
    held: str = ""
    facts: list[dict[str, str]] = []
    history: list[dict[str, str]] = []
    can_change: bool = False
    is_done: bool = False
    services: list[dict[str, str]] = []
    modifiers: list[dict[str, str]] = []
    places: list[dict[str, str]] = []
    service: str = ""
    modifier: str = ""
    place: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    moment: str = ""
    problem: str = ""
    news: str = ""
    sent: str = ""
    sent_turn: str = ""
    _corrections: int = 0

    @handles("billing.review")
    async def on_load(self) -> None:
        """Show the list, or the charge of the address, and follow changes."""
        self.charge_id = self.router.url.query_parameters.get("id", "")
        self.is_ready = self.is_missing = False
        self.news = self.problem = self.error = self.error_field = ""
        await self._look(is_repeated=False)
        self._watch("charges")

    @handles("billing.review")
    async def on_review(self, review: str) -> None:
        """Show the charges with which billing is so far."""
        if review in rules.REVIEWS:
            self.review = review
            await self._look(is_repeated=False)

    @handles("billing.review")
    async def on_search(self, typed: str) -> None:
        """Look for a service in the practice's list."""
        async with db.opened().act_as(self._credential(), "billing.review") as tx:
            found = await billing.find_services(tx, typed) if typed.strip() else []
        self.services = words.service_rows(found)

    @handles("billing.review", writes=True)
    async def on_correct(self, form: dict[str, str]) -> None:
        """Correct the charge, for a reason."""
        wanted = billing.Correction(
            str(form.get("service", "")) or self.service, str(form.get("modifier", "")).removeprefix("none"),
            str(form.get("place", "")), str(form.get("reason", "")), self._corrections,
        )  # fmt: skip
        if await self._do(lambda tx: billing.correct_charge(tx, known_id(self.charge_id), wanted)):
            with i18n.use(self._locale()):
                self.news = _("Corrected. What it said before is kept below. Look at it once more.")

    @handles("billing.review", writes=True)
    async def on_ready(self) -> None:
        """Mark the charge ready to be billed."""
        if await self._do(lambda tx: billing.mark_ready(tx, known_id(self.charge_id), self._corrections)):
            with i18n.use(self._locale()):
                self.news = _("Ready to be billed.")

    @handles("billing.review", writes=True)
    async def on_hold(self, form: dict[str, str]) -> None:
        """Keep the charge back, for a reason."""
        reason = str(form.get("because", ""))
        if await self._do(lambda tx: billing.hold(tx, known_id(self.charge_id), reason, self._corrections), "because"):
            self.sent, self.sent_turn = reason, clock.now().isoformat()
            with i18n.use(self._locale()):
                self.news = _("Kept back. It waits under “Held”.")

    async def _do(self, act: words.Act, reason_field: str = "reason") -> bool:
        self.news = self.problem = self.error = self.error_field = ""
        self.attempt = clock.now().isoformat()
        problem: PortalError | None = None
        try:
            async with db.opened().act_as(self._credential(), "billing.review") as tx:
                await act(tx)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.error_field = reason_field if error.field == "reason" else error.field
                self.error = _(error.reason)
            return False
        except (NotFound, billing.ChargeMovedOn, billing.ChargeIncomplete, billing.ServiceUnknown) as error:
            problem = error
        await self._look(is_repeated=True)
        if problem is not None:
            with i18n.use(self._locale()):
                self.problem = _(problem.message)
        return problem is None

    async def _refresh(self) -> None:
        await self._look(is_repeated=True)

    async def _look(self, *, is_repeated: bool) -> None:
        async with db.opened().act_as(self._credential(), "billing.review") as tx:
            await (await self.get_state(Frame))._fill(tx)
            if self.charge_id:
                await self._show_one(tx, is_repeated=is_repeated)
            else:
                await self._show_list(tx, is_repeated=is_repeated)
        self.is_ready = True

    async def _show_list(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        counts, found = await billing.charge_counts(tx), await billing.charges(tx, self.review, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.tabs = words.tab_rows(counts)
            self.rows = [words.row(one) for one in found]
            self.more = words.more_words(counts[self.review] - len(found))

    async def _show_one(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        try:
            found = await billing.full_charge(tx, known_id(self.charge_id), is_repeated=is_repeated)
        except NotFound:
            self.is_missing = True
            return
        one, is_moved = found.row, found.row.corrections != self._corrections
        if is_moved or not is_repeated:
            self.moment = clock.now().isoformat()
            self.services, self.service = [], one.service_code
            self.modifier, self.place = one.modifier or "none", one.place_of_service
        self._corrections = one.corrections
        with i18n.use(self._locale()):
            self.title, self.subtitle = words.name(one), words.about(one)
            self.standing, self.tone = words.standing(one)
            self.held, self.facts = one.held_because, words.fact_rows(one)
            self.history = [words.history_row(line, one.zone) for line in found.history]
            self.modifiers, self.places = words.modifier_rows(), words.place_rows()
        self.can_change, self.is_done = one.status == "billable", one.review == "ready"
