"""Entering a reading: which measure, the numbers, a question if they are unusual, and then what they mean."""

from typing import Final
from uuid import uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import _
from portal_app.features.alerts import service as alerts
from portal_app.features.practice import service as practice
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import (
    MEASURES,
    ReadingCounted,
    ReadingDoubted,
    ReadingMovedOn,
    ReadingView,
    TooManyReadings,
)
from portal_app.state import booking_words
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

_FIELDS: Final = ("value", "pair", "pulse", "unit", "context", "arm", "posture", "symptom", "note", "at", "key")


class VitalsLog(PortalState, rx.State):
    """The page on which a reading is entered."""

    step: str = ""
    """ "choose", "fill", "doubt", "told" or "gone"; "" until the page is filled."""
    is_correcting: bool = False
    """Whether it stands in the place of another one, whose page `back_href` is."""
    back_href: str = ""
    kept_href: str = ""
    """The page of the reading that was kept."""
    measures: list[dict[str, str]] = []
    measure: str = ""
    title: str = ""
    label: str = ""
    has_pair: bool = False
    is_decimal: bool = False
    unit: str = ""
    unit_shown: str = ""
    units: list[dict[str, str]] = []
    contexts: list[dict[str, str]] = []
    arms: list[dict[str, str]] = []
    postures: list[dict[str, str]] = []
    clock: str = ""
    """Whose clock typed times go by; said where the device shows another time (`offline_reading.jsx`)."""
    said: dict[str, str] = {}
    doubts: list[str] = []
    doubted: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    form_key: str = ""
    value: str = ""
    when: str = ""
    finding: str = ""
    tone: str = "info"
    is_danger: bool = False
    danger: str = ""
    """The advice for an emergency, before everything else; "" where there is none."""
    steps: list[str] = []
    told: list[str] = []
    average: str = ""
    """What the last days come to by the rule of their average, or what is missing for it."""
    standing: str = ""
    line_tone: str = "info"
    emergency_phone: str = ""
    phone: str = ""
    can_repeat: bool = False
    _kept: str = ""
    _instead: str = ""
    _about: str = ""

    @handles("vitals.log")
    async def on_load(self) -> None:
        """Fill the page; an address may say which measure it is, or which reading is to be put right."""
        self.error = self.error_field = self.standing = self._kept = ""
        asked = self.router.url.query_parameters.get("what", "")
        instead = self.router.url.query_parameters.get("id", "")
        async with db.opened().act_as(self._credential(), "vitals.log") as tx:
            await (await self.get_state(Frame))._fill(tx)
            us = await practice.practice(tx)
            self.emergency_phone, self.phone = us.emergency_phone, us.phone
            await self._begin(tx, asked if asked in MEASURES else "")
            if instead:
                await self._begin_correcting(tx, instead)
        self._watch(f"alerts:{tx.actor.patient_id}")

    @handles("vitals.log")
    async def on_pick(self, measure: str) -> None:
        """Go on with one measure."""
        async with db.opened().act_as(self._credential(), "vitals.log") as tx:
            await self._begin(tx, measure if measure in MEASURES else "")

    @handles("vitals.log")
    async def on_unit(self, unit: str) -> None:
        """Enter it in another unit."""
        if unit in {one["value"] for one in self.units}:
            self.unit, self.unit_shown = unit, words.unit_words(self.measure, unit)

    @handles("vitals.log", writes=True)
    async def on_log(self, form: dict[str, str]) -> None:
        """Keep the reading that was typed; its key makes two taps one."""
        self.said = {name: str(form.get(name, ""))[:400] for name in _FIELDS}
        await self._log(is_confirmed=False)

    @handles("vitals.log", writes=True)
    async def on_confirm(self) -> None:
        """Keep unusual numbers, because they are right."""
        await self._log(is_confirmed=True)

    @handles("vitals.log")
    async def on_change(self) -> None:
        """Go back to the numbers, which are as they were typed."""
        self.step, self.doubts = "fill", []
        self._warn()

    @handles("vitals.log", writes=True)
    async def on_take_back(self) -> None:
        """Take back the reading that was just kept."""
        async with db.opened().act_as(self._credential(), "vitals.log") as tx:
            await vitals.take_back(tx, known_id(self._kept))
            await self._begin(tx, self.measure)

    async def _log(self, *, is_confirmed: bool) -> None:
        self.error = self.error_field = ""
        self.attempt = clock.now().isoformat()
        if not is_confirmed:
            self._warn()
        try:
            async with db.opened().act_as(self._credential(), "vitals.log", lane=vitals.LANE) as tx:
                await self._keep(tx, is_confirmed=is_confirmed)
        except InputRefused as error:
            self.step = "fill"
            self._complain(error.field, error.reason)
        except ReadingDoubted as error:
            self._doubt(error)
        except ReadingMovedOn:
            self.step = "gone"
        except TooManyReadings as error:
            self._complain("value", error.message)

    async def _keep(self, tx: db.Transaction, *, is_confirmed: bool) -> None:
        chart = await vitals.chart_of(tx)
        key = known_id(self.said.get("key", ""))
        if self.measure not in MEASURES:  # nothing was chosen on this page
            raise NotFound
        if self._instead:
            before = await vitals.reading(tx, known_id(self._instead), is_repeated=True)
            new = vitals.corrected(self.said, key, before)
        else:
            new = vitals.typed_reading(MEASURES[self.measure], self.said, key, chart.zone)
        with i18n.use(self._locale()):
            self.doubted = words.numbers_words(new.measure, new.unit, new.value, new.pair)
        try:
            kept = await vitals.log_reading(tx, vitals.confirmed(new) if is_confirmed else new)
        except ReadingCounted as error:  # caught here, so that the count stands
            self.step = "fill"
            self._complain("value", error.message)
            return
        await self._tell(tx, kept)

    async def _tell(self, tx: db.Transaction, kept: ReadingView) -> None:
        self._kept = str(kept.id)
        self.kept_href = i18n.localized_path(self._locale(), f"/vitals/reading?id={kept.id}")
        self._about = vitals.told_under(kept)
        mean = await vitals.lately(tx, kept.measure, await vitals.chart_of(tx))
        with i18n.use(self._locale()):
            self.average = words.average_words(mean, kept.measure, kept.unit) if mean else ""
            self.value = words.reading_words(kept)
            self.when = booking_words.moment_words(kept.taken_at, kept.zone)
            self.finding, self.tone = words.finding_words(kept.finding)
            if not kept.has_symptom and (self.danger or kept.severity == "critical"):  # given in doubt, it stands
                self.danger = _(words.DANGER)
            self.steps = [one for one in words.steps_words(kept) if one != self.danger]
        self.is_danger = kept.severity != ""
        self.can_repeat = kept.protocol in ("rest_repeat", "reseat", "treat_first")
        await self._tell_who_knows(tx, kept)
        self.step = "told"

    async def _tell_who_knows(self, tx: db.Transaction, kept: ReadingView) -> None:
        hours, found = await alerts.reading_hours(tx), await self._alert_of(tx)
        with i18n.use(self._locale()):
            self.told = words.told_words(kept, found, hours)
            if not kept.finding and MEASURES[kept.measure].profile:
                self.told.append(_("There is no range for you here. Your care team says what is right for you."))
        self._stand(found, kept.zone)

    async def _alert_of(self, tx: db.Transaction) -> alerts.PatientAlert | None:
        assert tx.actor.patient_id  # noqa: S101 - whoever may log acts for a chart
        found = await alerts.standing(tx, tx.actor.patient_id, self._about)
        return found[0] if found else None

    def _stand(self, found: alerts.PatientAlert | None, zone: str) -> None:
        self.standing = ""
        if found is not None and self.is_danger:
            with i18n.use(self._locale()):
                self.standing, self.line_tone = words.alert_words(found, zone)

    async def _refresh(self) -> None:
        if self.step != "told":
            return
        async with db.opened().act_as(self._credential(), "vitals.log") as tx:
            await self._tell_who_knows(tx, await vitals.reading(tx, known_id(self._kept), is_repeated=True))

    async def _begin(self, tx: db.Transaction, measure: str) -> None:
        self.measure, self.doubts, self.form_key = measure, [], str(uuid4())
        self.said, self._instead, self.is_correcting = dict.fromkeys(_FIELDS, ""), "", False
        self.error = self.error_field = self.danger = ""
        self._say_clock((await vitals.chart_of(tx)).zone)
        with i18n.use(self._locale()):
            self.measures = [{"value": code, "label": _(name)} for code, name in words.NAMES.items()]
            if measure:
                await self._shape(tx, measure)
        self.step = "fill" if measure else "choose"

    async def _begin_correcting(self, tx: db.Transaction, instead: str) -> None:
        """Begin with a reading as it was entered; nothing where it counts for nothing any more. Raises NotFound."""
        one = await vitals.reading(tx, known_id(instead))
        await self._begin(tx, one.measure)
        self.said |= vitals.as_typed(one)
        self.unit, self.unit_shown = one.unit, words.unit_words(one.measure, one.unit)
        self._instead, self.is_correcting = str(one.id), True
        self._say_clock(one.zone)
        self.back_href = i18n.localized_path(self._locale(), f"/vitals/reading?id={one.id}")
        if one.status == "entered-in-error":
            self.step = "gone"

    def _say_clock(self, zone: str) -> None:
        with i18n.use(self._locale()):
            self.clock = _("Times here go by the clock in {place}.").format(place=i18n.zone_city(zone))

    async def _shape(self, tx: db.Transaction, measure: str) -> None:
        known = MEASURES[measure]
        self.title, self.label = _(words.NAMES[measure]), _(words.LABELS[measure])
        self.has_pair, self.is_decimal = known.has_pair, any(one.decimals for one in known.units)
        self.unit = await vitals.usual_unit(tx, measure)
        self.unit_shown = words.unit_words(measure, self.unit)
        self.units = [{"value": one.code, "label": one.shown} for one in known.units] if len(known.units) > 1 else []
        self.contexts = words.choices(words.CONTEXTS, known.contexts)
        self.arms = words.choices(words.ARMS, tuple(words.ARMS)) if known.has_pair else []
        self.postures = words.choices(words.POSTURES, tuple(words.POSTURES)) if known.has_pair else []

    def _warn(self) -> None:
        """Give the advice for a warning sign, whatever becomes of the numbers; take back what was for numbers."""
        with i18n.use(self._locale()):
            self.danger = _(words.DANGER_SYMPTOM) if self.said.get("symptom") == "yes" else ""

    def _doubt(self, found: ReadingDoubted) -> None:
        self.step = "doubt"
        with i18n.use(self._locale()):
            if found.is_dangerous and not self.danger:
                self.danger = _(words.DANGER_IF_RIGHT)
            self.doubts = [_(words.DOUBTS[one]) for one in found.doubts]

    def _complain(self, field: str, reason: str) -> None:
        with i18n.use(self._locale()):
            self.error_field, self.error = field, _(reason)
