"""The alerts of the care team: worst first, who has each, for how long. Live."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.alerts import on_call
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.service import AlertView
from portal_app.features.practice import service as practice
from portal_app.state import alert_words as words
from portal_app.state import booking_words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id


class Alerts(PortalState, rx.State):
    """The list of alerts."""

    is_ready: bool = False
    subtitle: str = ""
    hours: str = ""
    on_call: str = ""
    rows: list[dict[str, str]] = []
    closed: list[dict[str, str]] = []
    problem: str = ""
    news: str = ""
    closing: str = ""
    closing_what: str = ""
    outcomes: list[dict[str, str]] = []
    error: str = ""
    error_field: str = ""
    attempt: str = ""
    _looked_at: str = ""
    _closing_times: int = 0

    @handles("alerts.view")
    async def on_load(self) -> None:
        """Fill the list and follow its changes."""
        self.problem = self.news = self.closing = self.error = self._looked_at = ""
        async with db.opened().act_as(self._credential(), "alerts.view") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        with i18n.use(self._locale()):
            self.outcomes = [{"value": code, "label": _(said)} for code, said in words.OUTCOMES.items()]
        self._watch("alerts:all", "alerts:roster")

    @handles("alerts.handle", writes=True)
    async def on_take(self, alert_id: str) -> None:
        """Take an alert, or take it over from whom the row names."""
        owner = next((one["owner_id"] for one in self.rows if one["id"] == alert_id), "")
        known = UUID(owner) if owner else None
        await self._change(lambda tx, one: alerts.take_alert(tx, one, known), alert_id, N_("You have it now."))

    @handles("alerts.handle", writes=True)
    async def on_give_back(self, alert_id: str) -> None:
        """Hand it back for whoever is free."""
        await self._change(alerts.give_back, alert_id, N_("Handed back: it waits for whoever is free."))

    @handles("alerts.handle")
    async def on_begin_close(self, alert_id: str) -> None:
        """Ask what came of it."""
        row = next((one for one in self.rows if one["id"] == alert_id), None)
        self.problem = self.news = self.error = self.error_field = ""
        if row is None:
            return
        with i18n.use(self._locale()):
            self.closing_what = booking_words.together(row["what"], row["who"])
        self.closing, self._closing_times = alert_id, int(row["times"])

    @handles("alerts.handle")
    async def on_stop_close(self) -> None:
        """Leave it open."""
        self.closing = ""

    @handles("alerts.handle", writes=True)
    async def on_close(self, form: dict[str, str]) -> None:
        """Close it with what came of it; the patient sees that at once."""
        alert_id, outcome, times = self.closing, str(form.get("outcome", "")), self._closing_times
        self.attempt = clock.now().isoformat()
        try:
            await self._change(
                lambda tx, one: alerts.close_alert(tx, one, outcome, times),
                alert_id,
                N_("Closed. The patient sees what came of it."),
            )
        except InputRefused as error:
            self.error_field = "outcome"
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            return
        self.closing = self.error = self.error_field = ""

    async def _change(self, act: Callable[[db.Transaction, UUID], Awaitable[None]], alert_id: str, said: str) -> None:
        self.problem = self.news = ""
        try:
            async with db.opened().act_as(self._credential(), "alerts.handle") as tx:
                await act(tx, picked_id(alert_id, "alert"))
        except InputRefused:
            raise
        except PortalError as error:
            said = ""
            with i18n.use(self._locale()):
                self.problem = _(error.message)
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _(said) if said else ""

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "alerts.view") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        hour = f"{clock.now():%F %H}"
        is_repeated, self._looked_at = hour == self._looked_at, hour
        found = await alerts.list_alerts(tx, is_repeated=is_repeated)
        reading, me, zone = await alerts.reading_hours(tx), tx.actor.person_id, await practice.home_zone(tx)
        on_now = [one.name for one in (await on_call.roster(tx)).on_now()]
        with i18n.use(self._locale()):
            self.rows = [_row(one, me, zone) for one in found if one.status != "closed"]
            self.closed = [_row(one, me, zone) for one in found if one.status == "closed"]
            self.hours, self.on_call = words.reading_words(reading), words.on_now_words(on_now)
            waiting = sum(one.status == "open" for one in found)
            count = i18n.format_number(waiting)
            self.subtitle = (
                _("Nobody has these yet: {count}").format(count=count) if waiting else _("Everything is taken.")
            )
        self.is_ready = True


def _row(one: AlertView, me: UUID, zone: str) -> dict[str, str]:
    is_mine = one.status == "acknowledged" and one.owner_id == me
    severity, tone = words.SEVERITIES[one.severity]
    holder, holder_tone = words.holder_words(one, is_mine=is_mine)
    age = "" if one.birth_date is None else i18n.format_number(booking_words.age_on(one.birth_date, clock.now().date()))
    return {
        "id": str(one.id),
        "severity": _(severity),
        "tone": tone,
        "what": words.problem_words(one.problem),
        "detail": words.facts_words(one.facts),
        "more": _("Added to it since: {count}").format(count=i18n.format_number(one.times - 1))
        if one.times > 1
        else "",
        "who": one.name,
        "about": " · ".join(filter(None, (age, i18n.language_list([one.language]) if one.language else ""))),
        "phone": one.phone,
        "chart": i18n.localized_path(i18n.current(), f"/staff/patients/{one.patient_id}"),
        "times": str(one.times),
        "since": words.age_words(one.opened_at),
        "escalated": _("Nobody took it in time") if one.level and one.status == "open" else "",
        "called": words.called_words(one, zone),
        "holder": holder,
        "row_tone": holder_tone,
        "owner_id": str(one.owner_id) if one.status == "acknowledged" else "",
        "step": "mine" if is_mine else one.status,
        "outcome": _(words.CLOSED[one.outcome]) if one.outcome else "",
        "back": _("The reading was taken back") if one.is_taken_back and one.status != "closed" else "",
    }
