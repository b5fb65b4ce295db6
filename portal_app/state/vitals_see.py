"""One measure over time: average and range first, then the picture, the sentence that says it, and every reading."""

from datetime import timedelta
from math import isfinite

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import secret_hash
from portal_app.core.i18n import _
from portal_app.features.vitals import service as vitals
from portal_app.state import beside_words, booking_words, reading_page, reading_story
from portal_app.state import reading_rows as shown
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.reading_rows import PAGE, PERIODS
from portal_app.web.first_look import GIVEN


class VitalsSee(PortalState, rx.State):
    """The page of one measure."""

    is_ready: bool = False
    measure: str = ""
    title: str = ""
    period: str = "month"
    periods: list[dict[str, str]] = []
    part: str = ""
    """Which readings are shown: of the morning, the evening, or one context; "" for all."""
    parts: list[dict[str, str]] = []
    log_href: str = ""
    is_empty: bool = False
    lead: str = ""
    number: str = ""
    unit: str = ""
    finding: str = ""
    tone: str = "info"
    basis: str = ""
    """What the average is made of and by which rule, or what it takes to have one."""
    halves: str = ""
    """What the mornings and the evenings come to, of a pressure."""
    sentence: str = ""
    drawing: dict[str, str] = {}
    marks: list[dict[str, str]] = []
    begins: str = ""
    rows: list[dict[str, str]] = []
    has_more: bool = False
    ended: list[dict[str, str]] = []
    """What was deleted or changed in this time, once it was asked for."""
    paper_href: str = ""
    last: int = 0
    """Which of the readings is the newest, counted from 0, the oldest."""
    point: str = ""
    point_at: str = "-1"
    """The reading that was gone to, in words, and where it stands in the picture; outside of it for none."""
    _unit: str = ""
    """The unit in which everything but the table is shown."""
    _most: int = PAGE
    _shows_ended: bool = False
    _recorded: frozenset[str] = frozenset()
    """What of this page stands in the trail already."""

    @handles("vitals.see")
    async def on_load(self) -> None:
        """Fill the page of the measure and of the time that the address says, and follow its changes."""
        url, credential = self.router.url, self._credential()
        self.measure, self.period, self.part = reading_page.asked_for(url.query_parameters)
        self._most = PAGE
        self.ended, self._shows_ended = [], False
        self._recorded = GIVEN.take(secret_hash(credential.session_secret), f"{url.path}?{url.query}")
        async with db.opened().act_as(credential, "vitals.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            recorded = await self._show(tx)
        self._recorded |= recorded
        self._watch(f"vitals:{tx.actor.patient_id}")

    @handles("vitals.see")
    async def on_period(self, period: str) -> None:
        """Look back a week, a month or a year."""
        self.period, self._most = period if period in PERIODS else "month", PAGE
        await self._refresh()

    @handles("vitals.see")
    async def on_part(self, part: str) -> None:
        """Look at the readings of a part of the day, or of a context, alone."""
        self.part, self._most = part if part in vitals.parts_of(self.measure) else "", PAGE
        await self._refresh()

    @handles("vitals.see")
    async def on_point(self, place: float) -> None:
        """Go to one of the readings, counted from 0, the oldest; a slider says its number as one with a fraction."""
        back = self.last - int(min(max(place, 0), self.last)) if isfinite(place) else 0
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            now = clock.now()
            since = now - timedelta(days=PERIODS[self.period][1])
            one = await vitals.reading_at(tx, self.measure, since=since, place=back, part=self.part)
        if one is not None:
            with i18n.use(self._locale()):
                row = shown.row_of(one, self._unit)
                said = " ".join(filter(None, (row["name"], row["beside"])))
                self.point = booking_words.together(said, row["status"])
            self.point_at = str(vitals.place_of(one.taken_at, (since, now)))

    @handles("vitals.see")
    async def on_ended(self) -> None:
        """Look up what was deleted or changed in this time."""
        self._shows_ended = True
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            await self._find_ended(tx)

    @handles("vitals.see")
    async def on_more(self) -> None:
        """Show more of the table."""
        self._most += PAGE
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            recorded = await self._show(tx)
        self._recorded |= recorded

    async def _find_ended(self, tx: db.Transaction) -> None:
        since = clock.now() - timedelta(days=PERIODS[self.period][1])
        found = await vitals.ended_readings(tx, self.measure, since=since)
        with i18n.use(self._locale()):
            self.ended = [reading_story.ended_row(one) for one in found]

    async def _show(self, tx: db.Transaction) -> frozenset[str]:
        """Fill the page; return what of it stands in the trail once this is committed."""
        asked = reading_page.Asked(self.measure, self.period, self.part)
        looked = await reading_page.look(tx, asked, self._recorded)
        if self._shows_ended:
            await self._find_ended(tx)
        found, seen = looked.found, looked.seen
        with i18n.use(self._locale()):
            self.title = _(words.NAMES[self.measure])
            self.periods, self.parts = shown.periods(), shown.parts(self.measure)
            self.log_href = i18n.localized_path(i18n.current(), f"/vitals/log?what={self.measure}")
            for name, value in reading_page.leading(looked).items():
                setattr(self, name, value)
            counted = seen.surplus if seen else ()
            self._unit = seen.unit if seen else ""
            self.rows = beside_words.table_of(found, looked.around, looked.chart.zone, self._most, counted)
            self.has_more = len(found) > self._most
            self.paper_href = f"/vitals/readings.pdf?{asked.query}&in={i18n.current()}"
            self.last, self.point, self.point_at = max(len(found) - 1, 0), "", "-1"
        self.is_ready = True
        return reading_page.recorded_by(looked)
