"""One measure over time: average and range first, then the picture, the sentence that says it, and every reading."""

from datetime import datetime, timedelta
from math import isfinite

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.i18n import _
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import MEASURES, Beside, Chart
from portal_app.state import beside_words, booking_words
from portal_app.state import reading_rows as shown
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.reading_rows import PAGE, PERIODS


class VitalsSee(PortalState, rx.State):
    """The page of one measure."""

    is_ready: bool = False
    measure: str = ""
    title: str = ""
    period: str = "month"
    periods: list[dict[str, str]] = []
    log_href: str = ""
    is_empty: bool = False
    lead: str = ""
    number: str = ""
    unit: str = ""
    finding: str = ""
    tone: str = "info"
    basis: str = ""
    """What the average is made of and by which rule, or what it takes to have one."""
    sentence: str = ""
    drawing: dict[str, str] = {}
    marks: list[dict[str, str]] = []
    begins: str = ""
    rows: list[dict[str, str]] = []
    has_more: bool = False
    news: str = ""
    paper_href: str = ""
    last: int = 0
    """Which of the readings is the newest, counted from 0, the oldest."""
    point: str = ""
    point_at: str = "-1"
    """The reading that was gone to, in words, and where it stands in the picture; outside of it for none."""
    _most: int = PAGE
    _has_seen_medicines: bool = False

    @handles("vitals.see")
    async def on_load(self) -> None:
        """Fill the page of the measure and of the time that the address says, and follow its changes."""
        asked = self.router.url.query_parameters.get("what", "")
        self.measure = asked if asked in MEASURES else next(iter(MEASURES))
        period = self.router.url.query_parameters.get("period", "")
        self.period = period if period in PERIODS else "month"
        self._most, self.news, self._has_seen_medicines = PAGE, "", False
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"vitals:{tx.actor.patient_id}")

    @handles("vitals.see")
    async def on_period(self, period: str) -> None:
        """Look back a week, a month or a year."""
        self.period, self._most = period if period in PERIODS else "month", PAGE
        await self._refresh()

    @handles("vitals.see")
    async def on_point(self, place: float) -> None:
        """Go to one of the readings, counted from 0, the oldest; a slider says its number as one with a fraction."""
        back = self.last - int(min(max(place, 0), self.last)) if isfinite(place) else 0
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            now = clock.now()
            since = now - timedelta(days=PERIODS[self.period][1])
            one = await vitals.reading_at(tx, self.measure, since=since, place=back)
        if one is not None:
            with i18n.use(self._locale()):
                self.point = booking_words.together(shown.row_of(one)["name"], shown.row_of(one)["status"])
            self.point_at = str(vitals.place_of(one.taken_at, (since, now)))

    @handles("vitals.see")
    async def on_more(self) -> None:
        """Show more of the table."""
        self._most += PAGE
        await self._refresh()

    @handles("vitals.log", writes=True)
    async def on_take_back(self, reading_id: str) -> None:
        """Take back a reading that was a mistake."""
        async with db.opened().act_as(self._credential(), "vitals.log") as tx:
            await vitals.take_back(tx, known_id(reading_id))
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _("Taken back. It counts for nothing now, and your care team can see that it was there.")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        now = clock.now()
        since = now - timedelta(days=PERIODS[self.period][1])
        chart, found, seen = await vitals.look_back(tx, self.measure, since=since, is_repeated=is_repeated)
        around = await self._around(tx, chart, (since, now)) if found else Beside()
        with i18n.use(self._locale()):
            self.title = _(words.NAMES[self.measure])
            self.periods = shown.periods()
            self.log_href = i18n.localized_path(i18n.current(), f"/vitals/log?what={self.measure}")
            self.is_empty = seen is None
            self.rows = beside_words.table_of(found, around, chart.zone, self._most, seen.surplus if seen else ())
            self.has_more = len(found) > self._most
            self.paper_href = f"/vitals/readings.pdf?what={self.measure}&period={self.period}&in={i18n.current()}"
            self.last, self.point, self.point_at = max(len(found) - 1, 0), "", "-1"
            if seen is not None:
                lead = shown.lead_of(seen, found[0])
                self.lead, self.number, self.unit = lead["lead"], lead["number"], lead["unit"]
                self.finding, self.tone, self.basis = lead["finding"], lead["tone"], lead["basis"]
                self.drawing, self.marks = shown.drawing_of(seen, (since, now))
                self.drawing |= beside_words.signs_of(around, (since, now))
                self.begins = i18n.format_brief_date(booking_words.local_day(since, chart.zone))
                told = beside_words.said_of(around, chart.zone)
                self.sentence = " ".join(filter(None, (shown.sentence_of(seen, found), told)))
        self.is_ready = True

    async def _around(self, tx: db.Transaction, chart: Chart, span: tuple[datetime, datetime]) -> Beside:
        around = await vitals.beside(tx, chart, span, is_repeated=self._has_seen_medicines)
        self._has_seen_medicines |= bool(around.medicines)
        return around
