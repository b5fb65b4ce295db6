"""Readings: the newest of each measure, what it meant, and how it stands with what the care team was told. Live."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import N_, _
from portal_app.features.alerts import service as alerts
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import MEASURES, ReadingView
from portal_app.state import booking_words, measuring_words
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class Vitals(PortalState, rx.State):
    """The page of all readings."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    told: list[dict[str, str]] = []
    plans: list[dict[str, str]] = []

    @handles("vitals.see")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"vitals:{tx.actor.patient_id}", f"alerts:{tx.actor.patient_id}")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "vitals.see") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        chart = await vitals.chart_of(tx)
        found = await vitals.last_readings(tx, is_repeated=is_repeated)
        standing = await alerts.standing(tx, chart.patient_id, *map(vitals.problem_of, (*MEASURES, "missing")))
        plans = await vitals.plans_of(tx, chart)
        with i18n.use(self._locale()):
            self.plans = [measuring_words.plan_row(one) for one in plans]
            self.rows = [_row(one) for one in found]
            self.told = []
            for alert in standing:
                said, tone = words.alert_words(alert, chart.zone)
                name = _(words.NAMES.get(alert.problem.partition(".")[2], N_("Your readings")))
                when = booking_words.moment_words(alert.opened_at, chart.zone)
                self.told.append({"title": f"{name} · {when}", "detail": said, "tone": tone})
        self.is_ready = True


def _row(one: ReadingView) -> dict[str, str]:
    said, tone = words.finding_words(one.finding)
    return {
        "title": _(words.NAMES[one.measure]),
        "value": words.value_words(one),
        "unit": words.unit_words(one.measure, one.unit),
        "detail": booking_words.moment_words(one.taken_at, one.zone),
        "status": said if one.finding else "",
        "tone": tone,
        "href": i18n.localized_path(i18n.current(), f"/vitals/see?what={one.measure}"),
    }
