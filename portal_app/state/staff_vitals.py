"""The panel of monitored patients: the worst first, their last reading, done of planned. Live, a page at a time."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.i18n import _, ngettext
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import Watched
from portal_app.state import alert_words, booking_words
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.web.next_path import is_open


class StaffVitals(PortalState, rx.State):
    """The panel. Pages follow each other by the key of the last row, so that none is lost while the list moves."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    page: int = 0
    has_more: bool = False
    may_review: bool = False
    _starts: tuple[Watched | None, ...] = (None,)
    _last: Watched | None = None
    _looked_at: str = ""

    @handles("vitals.watch")
    async def on_load(self) -> None:
        """Show the first page and follow its changes."""
        self.page, self._starts, self._looked_at = 0, (None,), ""
        async with db.opened().act_as(self._credential(), "vitals.watch") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.may_review = is_open("/staff/settings/readings", tx.actor)
            await self._show(tx)
        self._watch("vitals:all", "alerts:all")

    @handles("vitals.watch")
    async def on_next(self) -> None:
        """Show the patients after these."""
        if self.has_more and self._last is not None:
            self._starts, self._looked_at = (*self._starts, self._last), ""
            self.page += 1
            await self._refresh()

    @handles("vitals.watch")
    async def on_first(self) -> None:
        """Go back to the worst."""
        self.page, self._starts, self._looked_at = 0, (None,), ""
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "vitals.watch") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        hour = f"{clock.now():%F %H}"
        is_repeated, self._looked_at = hour == self._looked_at, hour
        found = await vitals.panel(tx, after=self._starts[-1], most=vitals.PANEL_PAGE + 1, is_repeated=is_repeated)
        shown = found[: vitals.PANEL_PAGE]
        self.has_more, self._last = len(found) > len(shown), shown[-1] if shown else None
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in shown]
        self.is_ready = True


def _row(one: Watched) -> dict[str, str]:
    said, tone = words.finding_words(one.finding)
    severity, alert_tone = alert_words.SEVERITIES.get(one.worst, ("", "plain"))
    number = words.numbers_words(one.measure, one.unit, one.value, one.pair) if one.value is not None else ""
    return {
        "name": one.name,
        "born": i18n.format_number(booking_words.age_on(one.birth_date, clock.now().date())),
        "href": i18n.localized_path(i18n.current(), f"/staff/vitals/patient?id={one.patient_id}"),
        "alert": _(severity) if severity else "",
        "alert_tone": alert_tone,
        "alerts": ngettext("{count} open alert", "{count} open alerts", one.alerts).format(
            count=i18n.format_number(one.alerts)
        )
        if one.alerts
        else "",
        "what": _(words.NAMES[one.measure]) if one.measure else "",
        "number": number,
        "status": said if one.finding else "",
        "tone": tone,
        "when": booking_words.moment_words(one.taken_at, one.zone) if one.taken_at else _("Nothing yet"),
        "done": _("{done} of {planned}").format(
            done=i18n.format_number(one.done), planned=i18n.format_number(one.planned)
        )
        if one.planned
        else "",
        "spark": vitals.spark(one.points),
        "spark_said": _spark_words(one),
    }


def _spark_words(one: Watched) -> str:
    if len(one.points) < 2:
        return ""
    return _("The last {count}: from {least} to {most}, now {now}").format(
        count=i18n.format_number(len(one.points)),
        least=words.number_words(min(one.points)),
        most=words.number_words(max(one.points)),
        now=words.number_words(one.points[-1]),
    )
