"""One patient's readings, for the care team: last of each, one over time, open alerts, plan, what chooses the range."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.actor import Role
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.alerts import service as alerts
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import MEASURES, Beside, NewPlan, PlanView, ReadingView, WatchedChart
from portal_app.state import alert_words, beside_words, booking_words, measuring_words, reading_story
from portal_app.state import reading_rows as shown
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.staff_patients import birth_words


class WatchedPatient(PortalState, rx.State):
    """The page of one monitored patient."""

    is_ready: bool = False
    is_missing: bool = False
    who: dict[str, str] = {}
    latest: list[dict[str, str]] = []
    alerts: list[dict[str, str]] = []
    plans: list[dict[str, str]] = []
    conditions: list[dict[str, str]] = []
    measures: list[dict[str, str]] = []
    measure: str = ""
    period: str = "month"
    periods: list[dict[str, str]] = []
    lead: dict[str, str] = {}
    drawing: dict[str, str] = {}
    marks: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    ended: list[dict[str, str]] = []
    """What was deleted or changed in this time, of all measures."""
    has_more: bool = False
    ranges: list[dict[str, str]] = []
    is_planning: bool = False
    is_ranging: bool = False
    form_key: str = ""
    news: str = ""
    error: str = ""
    error_field: str = ""
    attempt: str = ""
    _id: str = ""
    _most: int = shown.PAGE
    _has_seen_medicines: bool = False

    @handles("vitals.watch")
    async def on_load(self) -> None:
        """Fill the page of the patient whom the address names, and follow what changes for them."""
        self._id = self.router.url.query_parameters.get("id", "")
        self.measure, self.period, self._most, self.news, self.is_planning = "", "month", shown.PAGE, "", False
        self.is_ranging = self._has_seen_medicines = False
        self.error = self.error_field = ""
        async with db.opened().act_as(self._credential(), "vitals.watch") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        if not self.is_missing:
            self._watch(f"vitals:{self._id}", f"alerts:{self._id}")

    @handles("vitals.watch")
    async def on_measure(self, measure: str) -> None:
        """Show another measure over time."""
        self.measure, self._most = measure if measure in MEASURES else "", shown.PAGE
        await self._refresh()

    @handles("vitals.watch")
    async def on_period(self, period: str) -> None:
        """Look back a week, a month or a year."""
        self.period, self._most = period if period in shown.PERIODS else "month", shown.PAGE
        await self._refresh()

    @handles("vitals.watch")
    async def on_more(self) -> None:
        """Show more of the table."""
        self._most += shown.PAGE
        await self._refresh()

    @handles("vitals.plan")
    async def on_begin_plan(self) -> None:
        """Open the form of a plan; its key makes two taps one."""
        self.is_planning, self.form_key, self.news, self.error, self.error_field = True, str(uuid4()), "", "", ""

    @handles("vitals.plan")
    async def on_stop_plan(self) -> None:
        """Close the form."""
        self.is_planning = False

    @handles("vitals.plan", writes=True)
    async def on_plan(self, form: dict[str, str]) -> None:
        """Set a plan; the patient sees it at once."""
        self.error, self.error_field, self.attempt = "", "", clock.now().isoformat()
        try:
            new = _new_plan(known_id(self._id), form)
            async with db.opened().act_as(self._credential(), "vitals.plan") as tx:
                await vitals.set_plan(tx, new)
        except InputRefused as error:
            self.error_field = error.field
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            return
        self.is_planning = False
        await self._say(N_("The plan is set. The patient sees it now."))

    @handles("vitals.plan", writes=True)
    async def on_end_plan(self, measure: str) -> None:
        """End a plan."""
        async with db.opened().act_as(self._credential(), "vitals.plan") as tx:
            await vitals.end_plan(tx, known_id(self._id), measure)
        await self._say(N_("The plan has ended."))

    @handles("vitals.set_range")
    async def on_begin_range(self) -> None:
        """Open the form of a range of their own."""
        self.is_ranging, self.form_key, self.news, self.error, self.error_field = True, str(uuid4()), "", "", ""

    @handles("vitals.set_range")
    async def on_stop_range(self) -> None:
        """Close the form."""
        self.is_ranging = False

    @handles("vitals.set_range", writes=True)
    async def on_range(self, form: dict[str, str]) -> None:
        """Give the patient a range of their own, with the reason."""
        self.error, self.error_field, self.attempt = "", "", clock.now().isoformat()
        asked = ("what", "low", "high", "pair_high", "soon", "why")
        said = {name: str(form.get(name, ""))[:400] for name in asked}
        try:
            async with db.opened().act_as(self._credential(), "vitals.set_range") as tx:
                key = known_id(str(form.get("key", "")))
                await vitals.set_own_range(tx, known_id(self._id), key, measuring_words.range_said(said))
        except InputRefused as error:
            self.error_field = measuring_words.RANGE_FIELDS.get(error.field, error.field)
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            return
        self.is_ranging = False
        await self._say(N_("Saved. New readings are judged by it; those that are there keep what they meant."))

    @handles("vitals.set_range", writes=True)
    async def on_end_range(self, measure: str) -> None:
        """End a range of their own: the practice's hold again."""
        async with db.opened().act_as(self._credential(), "vitals.set_range") as tx:
            await vitals.end_own_range(tx, known_id(self._id), measure)
        await self._say(N_("Ended: the ranges of the practice hold again."))

    @handles("vitals.plan", writes=True)
    async def on_conditions(self, form: dict[str, str]) -> None:
        """Note what chooses other ranges."""
        wanted = frozenset(code for code in vitals.CONDITIONS if form.get(f"condition-{code}"))
        async with db.opened().act_as(self._credential(), "vitals.plan") as tx:
            await vitals.note_conditions(tx, known_id(self._id), wanted)
        await self._say(N_("Saved. New readings are judged by it; those that are there keep what they meant."))

    async def _say(self, said: str) -> None:
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _(said)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "vitals.watch") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        try:
            whose = await vitals.watched_chart(tx, known_id(self._id))
        except NotFound:
            self.is_missing, self.who = True, {}
            return
        self.is_missing = False
        patient_id = whose.chart.patient_id
        last = await vitals.watched_readings(tx, patient_id, is_repeated=is_repeated)
        if self.measure not in {one.measure for one in last}:
            self.measure = last[0].measure if last else ""
        problems = [vitals.problem_of(code) for code in (*MEASURES, "missing")]
        standing = [one for one in await alerts.standing(tx, patient_id, *problems) if one.status != "closed"]
        plans = await vitals.plans_of(tx, whose.chart)
        ranges = await vitals.own_ranges(tx, patient_id)
        may_range = Role.clinician in tx.actor.roles
        await self._show_measure(tx, whose)
        since = clock.now() - timedelta(days=shown.PERIODS[self.period][1])
        ended = await vitals.watched_ended(tx, patient_id, since=since)
        with i18n.use(self._locale()):
            self._fill(whose, last, plans)
            self.ended = [reading_story.ended_row(one) for one in ended]
            self.ranges = [measuring_words.range_row(one) for one in ranges]
            self.who |= {"may_range": "yes" if may_range else ""}
            self.alerts = [_alert_row(one, whose.chart.zone) for one in standing]

    def _fill(self, whose: WatchedChart, last: Sequence[ReadingView], plans: Sequence[PlanView]) -> None:
        self.who = {
            "name": whose.name,
            "born": birth_words(whose.chart.birth_date),
            "chart": i18n.localized_path(i18n.current(), f"/staff/patients/{whose.chart.patient_id}"),
            "today": vitals.local_today(whose.chart.zone).isoformat(),
        }
        self.latest = [latest_row(one) for one in last]
        self.measures = [{"value": one.measure, "label": _(words.NAMES[one.measure])} for one in last]
        self.plans = [measuring_words.plan_row(one) for one in plans]
        self.conditions = [
            {"value": code, "label": _(said), "is_on": "yes" if code in whose.chart.conditions else ""}
            for code, said in measuring_words.CONDITIONS.items()
        ]

    async def _show_measure(self, tx: db.Transaction, whose: WatchedChart) -> None:
        now = clock.now()
        since = now - timedelta(days=shown.PERIODS[self.period][1])
        found, seen = await vitals.watched_measure(tx, whose.chart, self.measure, since) if self.measure else ((), None)
        around, zone = Beside(), whose.chart.zone
        if found:
            around = await vitals.beside(tx, whose.chart, (since, now), is_repeated=self._has_seen_medicines)
            self._has_seen_medicines |= bool(around.medicines)
        with i18n.use(self._locale()):
            counted = seen.surplus if seen is not None else ()
            self.periods, self.rows = shown.periods(), beside_words.table_of(found, around, zone, self._most, counted)
            self.has_more, self.lead = len(found) > self._most, {}
            if seen is not None:
                has_range = seen.low is not None or seen.high is not None
                self.drawing, self.marks = shown.drawing_of(seen, (since, now))
                self.drawing |= beside_words.signs_of(around, (since, now))
                told = (shown.sentence_of(seen, found), beside_words.said_of(around, zone))
                self.lead = shown.lead_of(seen) | {
                    "begins": i18n.format_brief_date(booking_words.local_day(since, zone)),
                    "sentence": " ".join(filter(None, told)),
                    "reviewed": "" if seen.is_reviewed or not has_range else _("Range not reviewed by your practice"),
                }


def latest_row(one: ReadingView) -> dict[str, str]:
    """Say the newest reading of a measure."""
    said, tone = words.finding_words(one.finding)
    return {
        "title": _(words.NAMES[one.measure]),
        "number": words.reading_words(one),
        "detail": booking_words.moment_words(one.taken_at, one.zone),
        "status": said if one.finding else "",
        "tone": tone,
    }


def _alert_row(one: alerts.PatientAlert, zone: str) -> dict[str, str]:
    holder = _("{name} has it").format(name=one.owner_name) if one.owner_name else _("Nobody has it yet")
    return {
        "title": alert_words.problem_words(one.problem),
        "detail": booking_words.together(holder, booking_words.moment_words(one.opened_at, zone)),
    }


def _new_plan(patient_id: UUID, form: dict[str, str]) -> NewPlan:
    times = str(form.get("times", ""))
    try:
        until = date.fromisoformat(str(form.get("until", "")))
    except ValueError:
        until = date.min  # refused at its field, after those before it
    return NewPlan(
        patient_id, str(form.get("measure", "")), int(times) if times in measuring_words.TIMES else 0, until,
        known_id(str(form.get("key", ""))),
    )  # fmt: skip
